import type { ByteReader, ByteWriter } from '../../kernel/bytes.ts'
import type { AuditLog } from '../audit-log.ts'
import type { ServerStatistics } from '../admin/server-statistics.ts'
import type { SlabArena } from '../../kernel/slab-arena.ts'
import type { LargeFrames } from '../../protocol/frame-reader.ts'
import type { ReplicatedService } from '../replication/replicated-service.ts'
import type { ServerSettings } from '../settings.ts'
import type { ConnectionThrottle } from './connection-throttle.ts'
import type { LocalSessions } from './local-sessions.ts'
import type { PathStatistics } from './path-statistics.ts'
import type { PendingPool } from './pending-request.ts'
import type { RequestThrottle } from './request-throttle.ts'

/** What the connections of one server share. */
export interface ClientSideParts {
  readonly service: ReplicatedService
  readonly settings: ServerSettings
  readonly statistics: ServerStatistics
  readonly pool: PendingPool
  readonly localSessions: LocalSessions
  readonly connectionThrottle: ConnectionThrottle
  /** Null: any number of requests may be under way. */
  readonly requestThrottle: RequestThrottle | null
  /** Null: paths of requests are not counted. */
  readonly pathStatistics: PathStatistics | null
  /** Null: nobody keeps a log of changes. */
  readonly audit: AuditLog | null
  /** Null: no request is large. */
  readonly largeFrames: LargeFrames | null
  /** One for all connections: nothing interrupts the reading of a request. */
  readonly reader: ByteReader
  /** For what leaves on the connections. */
  readonly arena: SlabArena
  /** Where commands lie until the log needs them no more. */
  readonly commandRoom: SlabArena
  /** For what is written before it is known whether it counts. */
  readonly scratch: ByteWriter
  nowMs(): number
  /** Unpredictable bytes. */
  readonly fill: (bytes: Uint8Array) => void
}
