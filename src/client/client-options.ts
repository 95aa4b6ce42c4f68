import type { Clock, Entropy, Network, TlsClientOptions } from '../kernel/ports.ts'
import type { Acl } from '../protocol/acl.ts'
import { CreateMode, type CreateModeName } from '../protocol/create-mode.ts'
import type { ClientState } from './client-session.ts'
import type { HostOrder } from './host-cycle.ts'
import type { WatchCallback } from './watch-registry.ts'

/** What a znode holds: bytes, text (as UTF-8), or null, which is not the same as empty. */
export type Data = Uint8Array | string | null

/** Matches whatever version the znode has. */
export const ANY_VERSION = -1

/** The world that a client lives in. */
export interface ClientPorts {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
}

export interface ClientSettings {
  /** Absent: in the clear. */
  readonly tls?: TlsClientOptions
  /** The session timeout to ask for, in milliseconds; the server has the last word. Default 30000. */
  readonly sessionTimeoutMs?: number
  /** The order in which the servers are tried. Default `random`, so that many clients spread over them. */
  readonly hostOrder?: HostOrder
  /** Whether a server without a quorum will do, for reading. Default false. */
  readonly readOnly?: boolean
  /** Goes on with a session of an earlier client. Its watches and identities are not taken over. */
  readonly session?: { readonly id: bigint; readonly password: Uint8Array }
  /** Requests that wait for a connection or a reply; one more is answered THROTTLEDOP. Default 100000. */
  readonly pendingMax?: number
  /** The largest reply that is taken, in bytes. Default 64 MiB: a server does not bound its replies. */
  readonly frameSizeMax?: number
  readonly onState?: (state: ClientState) => void
  /** Hears every watch event, also those that a callback of their own hears. */
  readonly onWatch?: WatchCallback
}

export interface ClientOptions extends ClientPorts, ClientSettings {
  /** `host:port,host:port/root`, see ConnectString. */
  readonly connectString: string
}

export interface CreateOptions {
  /** Default `persistent`. */
  readonly mode?: CreateModeName
  /** Default: everybody may do everything. */
  readonly acl?: readonly Acl[]
  /** Milliseconds, 1 to 2^40 - 1, with the two modes of that name. */
  readonly ttlMs?: number
}

export interface WatchOptions {
  /** Called once, when what was read changes. `true` sets the watch for `onWatch` alone. */
  readonly watch?: WatchCallback | true
}

/** The operation that goes with the mode, and the mode's number. */
export function createOperationOf(options: CreateOptions): {
  readonly operation: 'create' | 'create2' | 'createContainer' | 'createTTL'
  readonly flags: number
} {
  const flags = CreateMode[options.mode ?? 'persistent']
  switch (flags) {
    case CreateMode.container:
      return { operation: 'createContainer', flags }
    case CreateMode.persistentWithTtl:
    case CreateMode.persistentSequentialWithTtl:
      return { operation: 'createTTL', flags }
    default:
      return { operation: 'create', flags }
  }
}

/** @returns the caller's own bytes: they must not change until the reply */
export function bytesOf(data: Data): Uint8Array | null {
  return typeof data === 'string' ? Buffer.from(data) : data
}
