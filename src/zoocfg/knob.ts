export type KnobGroup =
  | 'admin'
  | 'client-side'
  | 'cluster'
  | 'experimental'
  | 'metrics'
  | 'network'
  | 'security'
  | 'session'
  | 'snapshot'
  | 'storage'
  | 'threads'
  | 'throttling'
  | 'watch'
  | 'zktune' // of the built-in engine itself

export type KnobType =
  'bool' | 'bytes' | 'duration-ms' | 'enum' | 'float' | 'host-list' | 'int' | 'path' | 'server-line' | 'string'

/** What Apache does with a text that is no value of the knob's type. */
export type OnInvalid =
  | 'refuse' // ends with exit code 2 and names the value, though not the line
  | 'refuse-below-min'
  | 'refuse-on-use' // ends when the thing that it configures is first needed
  | 'silent-default'
  | 'silent-false'
  | 'warn-default'
  | 'connection-failure'
  | 'class-load-failure'
  | 'main-thread-death'
  | 'election-loop-below-min'

/** One setting of a ZooKeeper server. */
export interface Knob {
  /** As zoo.cfg spells it; an N stands for a number, as in `server.N`. */
  readonly key: string
  readonly group: KnobGroup
  readonly type: KnobType
  /** Of the value as written: `ms`, `ticks`, `KiB`, `port`… Absent: none. */
  readonly unit?: string
  /** The code's default; a text where it is computed or is a text. Absent: unset. */
  readonly default?: number | boolean | string
  /** A sensible range for searching, not a limit that Apache enforces. */
  readonly min?: number
  readonly max?: number
  /** The words of an enum. */
  readonly words?: readonly string[]
  /** Absent: there is no invalid text. */
  readonly onInvalid?: OnInvalid
  /** False: a line in zoo.cfg does nothing, for Apache reads the setting as a JVM property of another name. */
  readonly inZooCfg?: false
  /** The heading of the administrator's guide, which does not work as a key. */
  readonly alias?: string
  /** The value lets in whoever knows it: no report, message or log may hold it. */
  readonly isSecret?: true
}
