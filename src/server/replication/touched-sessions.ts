import { sessionKey } from '../../kernel/session-id.ts'

/** The sessions whose clients were heard of here, gathered for the leader, which alone lets sessions expire. */
export class TouchedSessions {
  readonly #everyMs: number
  readonly #touched = new Map<number, { readonly high: number; readonly low: number }>()
  #sinceMs = 0

  /** @param everyMs how long to gather before the leader is told */
  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  touch(high: number, low: number, nowMs: number): void {
    if (this.#touched.size === 0) this.#sinceMs = nowMs
    this.#touched.set(sessionKey(high, low), { high, low })
  }

  /** @returns the ids as pairs of halves, high before low, once they are due; else null */
  takeDue(nowMs: number): number[] | null {
    if (this.#touched.size === 0 || nowMs - this.#sinceMs < this.#everyMs) return null
    const halves: number[] = []
    for (const { high, low } of this.#touched.values()) halves.push(high, low)
    this.#touched.clear()
    return halves
  }
}
