/** One change of a write, as the client that asked for it describes it. */
export type Change =
  | {
      readonly kind: 'create'
      readonly path: string
      readonly value: string
      readonly isEphemeral: boolean
      readonly isSequential: boolean
    }
  | { readonly kind: 'set'; readonly path: string; readonly value: string; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number }

/** A write that a client has put on its connection. */
export interface Write {
  /** Unique, and somewhere in the bytes of the request: so it is found again in the log. */
  readonly id: string
  /** Which life of which client: one session each. */
  readonly client: string
  /** How many writes this client had sent before. */
  readonly order: number
  /** Counts the client's connections: what was sent on one that broke may be lost. */
  readonly connection: number
  /** More than one only in a multi. */
  readonly changes: readonly Change[]
  readonly isMulti: boolean
  /** The highest zxid that any client had been told when this was sent: this write comes after it. */
  readonly floorZxid: number
}

/** What a client was answered, or should have been. */
export interface WriteAnswer {
  /** Of a multi: the first that is not 0. */
  readonly error: number
  /** The data version of the last znode that was set; null when none was, or when it is not told. */
  readonly version: number | null
  /** The path of the last znode created; null when none was, or when it is not told. */
  readonly path: string | null
}

export interface ReadAnswer {
  readonly path: string
  /** 0, or that there is no such znode. */
  readonly error: number
  readonly value: string | null
  readonly version: number
  /** Of the reply: what the server had applied. */
  readonly zxid: number
}

export const WRITE_ID = /<c\d+\.\d+\.\d+>/

/** The codes that this room needs, written down once more: a checker shares no code with what it judges. */
export const NO_NODE = -101
export const BAD_VERSION = -103
export const NODE_EXISTS = -110
export const CONNECTION_LOSS = -4
export const SESSION_EXPIRED = -112
export const NOT_READ_ONLY = -119
export const EPHEMERAL_ON_LOCAL_SESSION = -120
export const THROTTLED = -127
