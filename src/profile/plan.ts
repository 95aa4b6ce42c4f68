import type { EngineKind, PlannedRemote } from './engine.ts'

/**
 * The kinds of operation that a workload mixes; one spelling in profiles, results and metrics.
 *
 * `delete` takes turns with `create`, `ephemeral` and `sequential`, and `close` with `connect`, so that a run does not
 * drift. `sync` is a sync and the get behind it. `multi` sets several znodes at once. `watch` is a znode that several
 * sessions watch and one sets; its latency is that of the notifications, from when the write was acknowledged.
 *
 * The others are recipes, each a round of several requests: `lock` from the release to the next holder, `election` from the leader's
 * end to the next leader, `queue` from the put to the taking, `barrier` from the last arrival until all go on, `storm` from
 * the cut of several connections until all sessions are back, each of which counts as `reconnect`.
 *
 * `admin` is a command asked of an AdminServer.
 */
export type OperationKind =
  | 'get'
  | 'set'
  | 'exists'
  | 'children'
  | 'create'
  | 'delete'
  | 'ephemeral'
  | 'sequential'
  | 'multi'
  | 'sync'
  | 'connect'
  | 'close'
  | 'watch'
  | 'lock'
  | 'election'
  | 'queue'
  | 'barrier'
  | 'storm'
  | 'reconnect'
  | 'admin'

export const OPERATION_KINDS: readonly OperationKind[] = [
  'get',
  'set',
  'exists',
  'children',
  'create',
  'delete',
  'ephemeral',
  'sequential',
  'multi',
  'sync',
  'connect',
  'close',
  'watch',
  'lock',
  'election',
  'queue',
  'barrier',
  'storm',
  'reconnect',
  'admin',
]

/** Which znodes are asked for: any as often as any other, few much more often than the rest, or one after the other. */
export type KeyOrder = 'uniform' | 'zipf' | 'sequential'

export const KEY_ORDERS: readonly KeyOrder[] = ['uniform', 'zipf', 'sequential']

/** By what requests travel: sessions of ZooKeeper, or HTTP to every server's REST gateway or AdminServer. */
export type Via = 'sessions' | 'gateway' | 'admin'

export const VIAS: readonly Via[] = ['sessions', 'gateway', 'admin']

/** Values of this share (any weights, of their sum) have sizes between the two, evenly spread. */
export interface ValueSizes {
  readonly weight: number
  readonly minBytes: number
  readonly maxBytes: number
}

/** What the znodes of a run look like, and what the larger operations do with them. */
export interface WorkloadShape {
  readonly keyOrder: KeyOrder
  /** At least one. */
  readonly valueSizes: readonly ValueSizes[]
  /** Znodes in a folder. */
  readonly folderSize: number
  /** Folders within each other above each znode, at least 1. */
  readonly depth: number
  /** Znodes that one multi sets. */
  readonly multiSize: number
  /** Sessions that watch one znode. */
  readonly watchers: number
  /** Those that want one lock or one lead, take from one queue, or meet at one barrier. */
  readonly parties: number
  /** Sessions whose connections are cut together. */
  readonly stormSize: number
  /** Over which they come back; 0: all at once. */
  readonly stormSpreadMs: number
  /** With HTTP a session is a connection. */
  readonly via: Via
}

export interface Workload {
  readonly name: string
  /** Relative weights, at least one above 0. */
  readonly mix: Readonly<Partial<Record<OperationKind, number>>>
  readonly sessions: number
  /** Requests that each session keeps in flight. */
  readonly inFlight: number
  /** Of the largest value. */
  readonly valueSizeBytes: number
  /** Znodes that are made before the run and then read and written. */
  readonly keyCount: number
  readonly shape: WorkloadShape
}

/** How requests of an open loop are spaced: evenly, or as independent clients would send them. */
export type Arrivals = 'constant' | 'poisson'

export const ARRIVALS: readonly Arrivals[] = ['constant', 'poisson']

/**
 * How a run puts its load on.
 *
 * - `capacity`: as much as goes at so many requests in flight, then at shares of that, in percent
 * - `closed`: only the first
 * - `open`: at a rate, whatever becomes of the requests
 * - `find-rate`: the capacity, then a search for the highest rate that keeps an objective
 * - `sweep`: as much as goes, at one concurrency after the other
 * - `capacity-and-rate`: the capacity, then a rate that does not follow from it, so that what is compared carries one load
 */
export type PlannedLoad =
  | { readonly kind: 'capacity'; readonly percents: readonly number[]; readonly arrivals: Arrivals }
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly ratePerSecond: number; readonly arrivals: Arrivals }
  | { readonly kind: 'capacity-and-rate'; readonly ratePerSecond: number; readonly arrivals: Arrivals }
  | {
      readonly kind: 'find-rate'
      /** What the rate has to keep, as a threshold: `write.p99<20ms`. */
      readonly objective: string
      readonly arrivals: Arrivals
    }
  | {
      readonly kind: 'sweep'
      readonly over: SweptKey
      /** Ascending; the workload has the last of them. */
      readonly values: readonly number[]
    }

/** What a sweep varies of a workload. */
export type SweptKey = 'sessions' | 'inFlight'

/** How the clients of a run come to their servers. */
export interface PlannedClients {
  /** `mutual`: the servers ask for a certificate of the clients too. */
  readonly tls: 'none' | 'server' | 'mutual'
  /** `digest`: each client says who it is, and what it creates is for itself alone. */
  readonly auth: 'none' | 'digest'
}

/** How the servers of Apache are run. */
export interface PlannedApache {
  /** The folder of an installation; null: the one that ZOOKEEPER_HOME names, or that is found. */
  readonly zookeeperHome: string | null
  /** Heap of each server's JVM; null: what zkServer.sh gives. */
  readonly heapBytes: number | null
}

/** The network between two servers of a local ensemble. */
export interface PlannedLink {
  /** Ids of the two, the lower one first. */
  readonly a: number
  readonly b: number
  /** One way; the same back. */
  readonly delayMs: number
  /** What is sent takes up to so much longer, evenly drawn. */
  readonly jitterMs: number
  /** Of the packets that TCP would send, how many it would have to send again. */
  readonly lossPercent: number
}

/** Where a value of the plan came from: `default`, `profile durable`, `zoo.cfg:3`, `--duration`. */
export type Origin = string

/** One setting of zoo.cfg with where it came from, for `--print-config` and the reports. */
export interface PlannedSetting {
  readonly key: string
  readonly value: string
  readonly origin: Origin
}

/** The values of a plan beside its settings, by their path in it. */
export type OriginPath =
  | 'engine'
  | 'voters'
  | 'observers'
  | 'links'
  | 'seed'
  | 'durationMs'
  | 'warmupMs'
  | 'dataParent'
  | 'clients.tls'
  | 'clients.auth'
  | 'logParent'
  | 'workload.mix'
  | 'workload.sessions'
  | 'workload.inFlight'
  | 'workload.valueSizeBytes'
  | 'workload.keyCount'
  | 'workload.shape'
  | 'load'
  | 'generators'
  | 'repeats'

/** A checked value that is enough to run the same thing again; everything after it is a function of it. */
export interface Plan {
  readonly engine: EngineKind
  /** Null: another engine. */
  readonly apache: PlannedApache | null
  /** Null: another engine. With it there are no settings, and the voters are the servers that the connect string names. */
  readonly remote: PlannedRemote | null
  readonly seed: number
  /** The last one chosen of each concern; where a zoo.cfg sets the ensemble, `cluster` is that file. */
  readonly profiles: { readonly cluster: string; readonly storage: string; readonly security: string }
  /** Voting servers of the local ensemble, ids 1 to n; 1 is standalone. */
  readonly voters: number
  /** Servers that learn and serve and do not vote; their ids follow those of the voters. */
  readonly observers: number
  /** Of a local ensemble: the pairs of servers between which a network is imitated; the others are as near as one machine is. */
  readonly links: readonly PlannedLink[]
  /** The settings that the engine acts on and every server gets, in order; no ports, folders or servers. */
  readonly settings: readonly PlannedSetting[]
  /** Whether the storage profile, or forceSync=no, gives up durability. */
  readonly isUnsafe: boolean
  readonly clients: PlannedClients
  readonly workload: Workload
  readonly load: PlannedLoad
  /** Processes that the sessions are spread over. */
  readonly generators: number
  /** Fresh ensembles, one after the other, on each of which everything is measured. */
  readonly repeats: number
  /** Of all load that is measured, in each repeat: the phases share it. */
  readonly durationMs: number
  /** Load before that, on each fresh ensemble; what is measured has its own beginning cut besides. */
  readonly warmupMs: number
  /** Real devices on which the run makes its own sub-folders; null for the system's temporary folder. */
  readonly dataParent: string | null
  readonly logParent: string | null
  /** Whether each server keeps its log in a folder of its own; with `logParent` it does anyway. */
  readonly splitsLog: boolean
  /** Settings that were given and that the engine does not act on, by name, with the reason. */
  readonly notHonoured: readonly { readonly key: string; readonly reason: string }[]
  /** Settings of the zoo.cfg in whose place the run puts its own: folders, ports, hosts. */
  readonly replaced: readonly { readonly key: string; readonly reason: string }[]
  /** What is odd about the settings given and stops nobody; for the user to read. */
  readonly remarks: readonly { readonly where: string; readonly what: string; readonly mend: string }[]
  readonly origins: Readonly<Record<OriginPath, Origin>>
}
