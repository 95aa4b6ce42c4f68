/** What a server does with gets, in a form that travels between processes. */
export interface Delays {
  /** Of so many sessions one is slow; as sessions take turns, so is one request of as many. */
  readonly slowOneIn: number
  readonly fastMs: number
  readonly slowMs: number
  /** Counted from the first get; whatever is to be answered within it is answered at its end. Null: it never stalls. */
  readonly stall: { readonly fromMs: number; readonly toMs: number } | null
}

export interface ConstantLoad {
  readonly ratePerSecond: number
  readonly seconds: number
}

/** The arithmetic: the server answers by it, and the tests work out by it what must be reported. */
export class Script {
  readonly #delays: Delays

  constructor(delays: Delays) {
    this.#delays = delays
  }

  /** @param arrivedMs since the first get @returns when it is answered, likewise */
  replyMs(arrivedMs: number, session: number): number {
    const { slowOneIn, fastMs, slowMs, stall } = this.#delays
    const atMs = arrivedMs + (session % slowOneIn === 0 ? slowMs : fastMs)
    return stall !== null && atMs >= stall.fromMs && atMs < stall.toMs ? stall.toMs : atMs
  }

  /**
   * What each request of a constant rate takes from when it was due, if nothing but the server takes time; ascending.
   *
   * @param slowTurn which of the sessions, in the order in which they take turns, is the first slow one
   */
  latenciesMs({ ratePerSecond, seconds }: ConstantLoad, slowTurn: number): readonly number[] {
    const latencies = Array.from({ length: ratePerSecond * seconds }, (_, index) => {
      const dueMs = (index * 1_000) / ratePerSecond
      return this.replyMs(dueMs, index - slowTurn) - dueMs
    })
    return latencies.sort((a, b) => a - b)
  }
}
