import type { TlsClientOptions } from '../kernel/ports.ts'
import type { EnsembleTls } from './run-certificates.ts'
import type { Counters } from './server-figures.ts'
import type { ServerEvent } from './server-event.ts'

export type ServerRole = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only' | 'down'

/** A program that a result depends on: `Java` `17.0.15`. */
export interface Software {
  readonly name: string
  readonly version: string
}

export interface RunningServer {
  readonly id: number
  /** Of the process that serves; of the last one known while the role is `down`. Null: it runs elsewhere. */
  readonly pid: number | null
  readonly role: ServerRole
  readonly host: string
  /** Speaks TLS when the ensemble has it. */
  readonly clientPort: number
  /** Null: no AdminServer. */
  readonly adminPort: number | null
  /** On the loopback address. Null: no REST gateway, or nobody knows where. */
  readonly gatewayPort: number | null
  /** Null: it runs elsewhere. */
  readonly dataDir: string | null
  /** The path of its zoo.cfg; null: it runs elsewhere. */
  readonly config: string | null
  /** The line by which a user brings it back when it was ended from outside; null: not ours to say. */
  readonly restartCommand: string | null
}

/** How clients come by TLS. */
export interface ClientTls {
  /** For a client of ours. Holds a private key: not for a report. */
  readonly client: TlsClientOptions
  /** PEM files for a client of anybody's; null: not made here. */
  readonly files: EnsembleTls['files'] | null
}

/** By server: what it has counted since its start; null when it does not tell. */
export type ServerCounters = ReadonlyMap<number, Counters | null>

/** What a server that was started again took. */
export interface ServerReturn {
  /** From the start of its process until it listened: the program, and what it still has of its data. */
  readonly startMs: number
  /** From then until it served: finding the leader, and getting from it what it lacks. */
  readonly syncMs: number
}

/** Takes single servers down and brings them back. */
export interface ServerControl {
  /** Asks it to stop, and waits until its process has ended; `onServerExit` is not told. */
  stop(id: number): Promise<void>
  /** Of a server that was stopped: data and log go, as with its machine; its id and its configuration stay. */
  loseData(id: number): void
  /** @throws ZktuneError Timeout, Interrupted, or why it ended before it served */
  start(
    id: number,
    patience: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<ServerReturn>
}

/** The servers that act as one, however they are run. Disposing ends all of them and removes the run's folders. */
export interface Ensemble extends AsyncDisposable {
  readonly kind: 'builtin' | 'apache' | 'remote'
  /** What the servers are made of, beside zktune and Node. */
  readonly software: readonly Software[]
  /** A connect string without a root: `127.0.0.1:p,127.0.0.1:p`. */
  readonly hosts: string
  /** The znode below which clients are to stay; empty: the whole tree is theirs. */
  readonly chroot: string
  /** Null: clients come in the clear. */
  readonly tls: ClientTls | null
  /** `user:password` that clients of the run prove; null: nothing in particular. A secret. */
  readonly digest: string | null
  /** Where the configurations, and unless told otherwise the data, of this run lie; null: it runs elsewhere. */
  readonly folder: string | null
  /** From the first spawn until every server served, in milliseconds. */
  readonly bootMs: number
  /** Null: the servers are not ours to stop. */
  readonly control: ServerControl | null
  /** What has happened in the servers so far that clients may have felt, by time. Reads their logs, so not for each turn. */
  events(): Promise<readonly ServerEvent[]>
  /** What the servers count of their own work, as of now. */
  counters(): Promise<ServerCounters>
  /** Asks each server for its role as it is now. */
  servers(): Promise<readonly RunningServer[]>
  /** The same as disposing it; safe to call again. */
  stop(): Promise<void>
}
