/** The search for the highest rate that keeps an objective, though each try is noisy. */

/** Why a rate was tried. */
export type TryPurpose = 'bracket' | 'narrow' | 'confirm'

export interface RateTry {
  readonly ratePerSecond: number
  readonly purpose: TryPurpose
}

/** Two rates that are closer than this are one. */
const CLOSE = 1.05
const STEP = 1.5
/** From this many times the capacity on, nothing more is tried: there is no such rate. */
const REACH = 4
/** A rate is found when it was kept in two tries of three. */
const CONFIRMATIONS = 2
const RATE_MIN = 1

/**
 * First steps from half the capacity, up while the objective is kept and down while it is not, until there is a rate on either side;
 * then the middle (geometric) again and again, until they are within 5 %. A single try may have been lucky: the rate must be
 * kept in two of three tries, the first one counted; else the search goes on from the next lower rate, 5 % below.
 */
export class RateSearch {
  readonly #highest: number
  readonly #triesMax: number
  readonly #tried = new Map<number, { kept: number; breached: number }>()
  #kept: number | null = null
  #breached: number | null = null
  #now: RateTry
  #count = 0
  #isOver = false

  /** @param capacity operations a second in a closed loop */
  constructor(capacity: number, triesMax: number) {
    this.#highest = Math.max(RATE_MIN, rounded(capacity * REACH))
    this.#triesMax = triesMax
    this.#now = { ratePerSecond: rounded(capacity / 2), purpose: 'bracket' }
  }

  /** What to try; null when the search is over. */
  get next(): RateTry | null {
    return this.#isOver ? null : this.#now
  }

  /** The highest rate that was kept twice of three times; null while there is none. */
  get found(): number | null {
    const confirmed = [...this.#tried].filter(([, { kept, breached }]) => kept >= CONFIRMATIONS && kept > breached)
    return confirmed.length === 0 ? null : Math.max(...confirmed.map(([rate]) => rate))
  }

  /** Of the rate in `next`. */
  report(isKept: boolean): void {
    const { ratePerSecond, purpose } = this.#now
    const seen = this.#tried.get(ratePerSecond) ?? { kept: 0, breached: 0 }
    this.#tried.set(ratePerSecond, seen)
    if (isKept) seen.kept++
    else seen.breached++
    this.#count++
    if (purpose === 'confirm') this.#afterConfirming(ratePerSecond, seen)
    else {
      if (isKept) this.#kept = ratePerSecond
      else this.#breached = ratePerSecond
      this.#goOn()
    }
    if (this.#count >= this.#triesMax) this.#isOver = true
  }

  #afterConfirming(rate: number, { kept, breached }: { readonly kept: number; readonly breached: number }): void {
    if (kept >= CONFIRMATIONS) {
      this.#isOver = true
    } else if (breached >= CONFIRMATIONS) {
      this.#breached = rate
      this.#kept = null
      this.#try(rate / CLOSE, 'bracket')
    }
  }

  #goOn(): void {
    const [kept, breached] = [this.#kept, this.#breached]
    if (kept === null) {
      // The first step below a rate that could not be confirmed is a small one, the next ones are not.
      this.#try((breached ?? this.#highest) / STEP, 'bracket')
    } else if (breached === null) {
      if (kept >= this.#highest) this.#try(kept, 'confirm')
      else this.#try(kept * STEP, 'bracket')
    } else if (breached / kept <= CLOSE || rounded(Math.sqrt(kept * breached)) === kept) {
      this.#try(kept, 'confirm')
    } else {
      this.#try(Math.sqrt(kept * breached), 'narrow')
    }
  }

  #try(rate: number, purpose: TryPurpose): void {
    const ratePerSecond = Math.min(this.#highest, rounded(rate))
    if (ratePerSecond < RATE_MIN || (purpose !== 'confirm' && ratePerSecond === this.#breached)) this.#isOver = true
    else this.#now = { ratePerSecond, purpose }
  }
}

/** Three digits: more would pretend that a rate of the load were a finding. */
function rounded(ratePerSecond: number): number {
  return Math.round(Number(ratePerSecond.toPrecision(3)))
}
