/** An identity that a connection has proved (or, for `ip`, simply has). */
export interface AuthId {
  readonly scheme: string
  readonly id: string
}

/** In whose name an operation runs. */
export interface Credentials {
  /** The connection's ids; `ip:<address>` is always among them. May be decoded at each call: ask late. */
  readonly ids: readonly AuthId[]
  /** The connection holds a `super` id: every check passes. */
  readonly isSuper: boolean
  /** The server runs with skipACL=yes: every check passes. */
  readonly skipAcl: boolean
}
