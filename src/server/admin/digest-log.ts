const EVERY = 128
const KEPT_MAX = 1024

export interface DigestEntry {
  readonly zxid: number
  readonly digest: number
}

/**
 * The tree's digest at every 128th zxid, the last 1024 of them: servers that agree have the same number at the same zxid.
 * Apache's `hash` has the same form; the numbers of the two engines cannot be compared.
 */
export class DigestLog {
  #entries: DigestEntry[] = []

  isDue(zxid: number): boolean {
    return (zxid & (EVERY - 1)) === 0
  }

  add(zxid: number, digest: number): void {
    this.#entries.push({ zxid, digest })
    if (this.#entries.length > 2 * KEPT_MAX) this.#entries = this.#entries.slice(-KEPT_MAX)
  }

  /** Oldest first. */
  entries(): readonly DigestEntry[] {
    return this.#entries.slice(-KEPT_MAX)
  }

  /** The state was replaced by another server's snapshot. */
  reset(): void {
    this.#entries = []
  }
}
