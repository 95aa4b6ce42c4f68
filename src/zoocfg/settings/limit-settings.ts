import { javaDecodedInt, javaInt } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'
import { UNSET } from '../setting-reader.ts'

/** How much clients may ask of one server. */
export interface LimitSettings {
  /** Connections from one address; 0 is no limit. */
  readonly maxClientCnxns: number
  /** Connections in all; 0 is no limit. */
  readonly maxCnxns: number
  /** A connection that asks for no session within this time closes. */
  readonly sessionlessTimeoutMs: number
  /** Requests: as written in zoo.cfg of the whole ensemble; `outstandingLimitPerServer` is one server's share. */
  readonly globalOutstandingLimit: number
  /** Of one frame, and of what a znode holds with it. */
  readonly juteMaxBufferBytes: number
  /** Null: the system's own. */
  readonly clientPortListenBacklog: number | null
  /** The system probes connections of clients that are silent for long. */
  readonly keepsClientsAlive: boolean
}

const JUTE_MAX_BUFFER_BYTES = 0xfffff

export function readLimitSettings(from: SettingReader): LimitSettings {
  const backlog = from.refusedInt('clientPortListenBacklog', { fallback: UNSET }, 'connections')
  return {
    maxClientCnxns: Math.max(0, from.refusedInt('maxClientCnxns', { fallback: 60 }, 'connections')),
    maxCnxns: from.lenientNumber('maxCnxns', { fallback: 0, min: 0 }, javaDecodedInt),
    sessionlessTimeoutMs: from.lenientNumber(
      'nio.sessionlessCnxnTimeout',
      { fallback: 10_000, min: 1 },
      javaDecodedInt,
    ),
    globalOutstandingLimit: Math.max(0, from.lenientNumber('globalOutstandingLimit', { fallback: 1_000 }, javaInt)),
    juteMaxBufferBytes: from.lenientNumber('jute.maxbuffer', { fallback: JUTE_MAX_BUFFER_BYTES }, javaDecodedInt),
    clientPortListenBacklog: backlog > 0 ? backlog : null,
    keepsClientsAlive: from.lenientSwitch('clientTcpKeepAlive', false),
  }
}

/**
 * The requests that one server may hold: Apache's leader and followers share the limit between the voters but one, once
 * there are more than two; an observer and a standalone server have all of it (LeaderZooKeeperServer,
 * FollowerZooKeeperServer).
 */
export function outstandingLimitPerServer(limit: number, voters: number, isObserver: boolean): number {
  return voters > 2 && !isObserver ? Math.floor(limit / (voters - 1)) : limit
}
