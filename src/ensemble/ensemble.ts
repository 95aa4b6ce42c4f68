import type { EnsembleTls } from './run-certificates.ts'
import type { ServerEvent } from './server-event.ts'

export type ServerRole = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only' | 'down'

/** A program that a result depends on: `Java` `17.0.15`. */
export interface Software {
  readonly name: string
  readonly version: string
}

export interface RunningServer {
  readonly id: number
  /** Of the process that serves; of the last one known while the role is `down`. */
  readonly pid: number
  readonly role: ServerRole
  /** Speaks TLS when the ensemble has it. */
  readonly clientPort: number
  /** Null: no AdminServer. */
  readonly adminPort: number | null
  readonly dataDir: string
  /** The path of its zoo.cfg. */
  readonly config: string
  /** The line by which a user brings it back when it was ended from outside. */
  readonly restartCommand: string
}

/** The servers that act as one, however they are run. Disposing ends all of them and removes the run's folders. */
export interface Ensemble extends AsyncDisposable {
  readonly kind: 'builtin' | 'apache' | 'remote'
  /** What the servers are made of, beside zktune and Node. */
  readonly software: readonly Software[]
  /** A connect string: `127.0.0.1:p,127.0.0.1:p`. */
  readonly hosts: string
  /** Null: clients come in the clear. */
  readonly tls: EnsembleTls | null
  /** From the first spawn until every server served, in milliseconds. */
  readonly bootMs: number
  /** What has happened in the servers so far that clients may have felt, by time. Reads their logs, so not for each turn. */
  events(): Promise<readonly ServerEvent[]>
  /** Asks each server for its role as it is now. */
  servers(): Promise<readonly RunningServer[]>
  /** The same as disposing it; safe to call again. */
  stop(): Promise<void>
}
