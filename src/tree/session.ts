/** A client's session as every replica knows it. Which connection has it, and when it expires, is the server's affair. */
export class Session {
  /** The id's signed halves. */
  readonly high: number
  readonly low: number
  /** As agreed when the session was created, ms. */
  readonly timeoutMs: number
  readonly password: Uint8Array
  /** Paths of the session's ephemeral znodes. */
  readonly ephemerals = new Set<string>()
  readonly createdZxid: number
  /**
   * The highest grant by which a connection has written in this session; at first its creation's zxid. A new leader does
   * not give the session back to a connection that an older grant speaks for: its late writes would come after those
   * that the client sent elsewhere since.
   */
  grant: number
  /** 0 while it is open. */
  closedZxid = 0

  constructor(id: SessionId, timeoutMs: number, password: Uint8Array, createdZxid: number) {
    this.high = id.high
    this.low = id.low
    this.timeoutMs = timeoutMs
    this.password = password
    this.createdZxid = createdZxid
    this.grant = createdZxid
  }
}

export interface SessionId {
  readonly high: number
  readonly low: number
}
