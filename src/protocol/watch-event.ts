import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * WatcherEvent: a change that a watch waited for, pushed behind a ReplyHeader with xid -1.
 *
 *   type: int · state: int · path: ustring
 *
 * Source: zookeeper.jute, WatcherEvent; Watcher.Event (Apache ZooKeeper 3.9).
 */
export interface WatchEvent {
  /** One of WatchEventType. */
  readonly type: number
  /** One of KeeperState; always `syncConnected` on the wire. */
  readonly state: number
  readonly path: string
}

/** Types below 1 and above 4 are made by clients and never travel. */
export const WatchEventType = {
  none: -1,
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
  dataWatchRemoved: 5,
  childWatchRemoved: 6,
  persistentWatchRemoved: 7,
} as const

export const KeeperState = {
  expired: -112,
  disconnected: 0,
  syncConnected: 3,
  authFailed: 4,
  connectedReadOnly: 5,
  saslAuthenticated: 6,
  closed: 7,
} as const

export function writeWatchEvent(out: ByteWriter, event: WatchEvent): void {
  out.int32(event.type).int32(event.state).string(event.path)
}

export function readWatchEvent(from: ByteReader): WatchEvent {
  return { type: from.int32('event.type'), state: from.int32('event.state'), path: from.string('event.path') }
}
