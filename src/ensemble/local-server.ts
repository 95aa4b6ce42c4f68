import type { PeerPorts } from './link-relay.ts'
import type { ServerPlace } from './run-folders.ts'
import type { ServerProcess } from './server-process.ts'

/** A server of an ensemble on this machine, with the process that runs it: another one after each start. */
export interface LocalServer {
  readonly place: ServerPlace
  readonly clientPort: number
  /** Null: no AdminServer. */
  adminPort: number | null
  /** Null: no REST gateway of the run's. */
  readonly gatewayPort: number | null
  /** Of the other servers that it has a link to: the ports by which it reaches them. */
  readonly reaches: ReadonlyMap<number, PeerPorts>
  /** The last one that was started. */
  process: ServerProcess
}
