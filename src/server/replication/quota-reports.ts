import type { Clock } from '../../kernel/ports.ts'
import type { QuotaExcess } from '../../tree/quota-excess.ts'

/** One line in so many ms, however many writes exceed a quota. */
const NOTE_EVERY_MS = 1_000
/** Namespaces that are counted one by one. */
const NAMESPACES_MAX = 1_000

/** What one server makes known of exceeded quotas: a line in its log, and counters for whoever monitors it. */
export class QuotaReports {
  /** Writes that were refused, by the first element of the path that has the quota. */
  readonly refusedByNamespace = new Map<string, number>()
  readonly #clock: Clock
  readonly #onNote: (note: string) => void
  #toldCount = 0
  #silentCount = 0
  #nextNoteMs = -Infinity

  constructor(clock: Clock, onNote: (note: string) => void) {
    this.#clock = clock
    this.#onNote = onNote
  }

  /** Writes that exceeded a quota and were done: its limit is soft, or not enforced. */
  get toleratedCount(): number {
    return this.#toldCount
  }

  onExcess(excess: QuotaExcess): void {
    if (excess.isRefused) this.#countRefused(excess.path)
    else this.#toldCount++
    const nowMs = this.#clock.nowMs()
    if (nowMs < this.#nextNoteMs) {
      this.#silentCount++
      return
    }
    this.#nextNoteMs = nowMs + NOTE_EVERY_MS
    const more = this.#silentCount === 0 ? '' : `; so did ${this.#silentCount} others since the last such line`
    this.#silentCount = 0
    this.#onNote(textOf(excess) + more)
  }

  #countRefused(path: string): void {
    const namespace = path.split('/')[1] ?? ''
    const count = this.refusedByNamespace.get(namespace)
    if (count !== undefined || this.refusedByNamespace.size < NAMESPACES_MAX) {
      this.refusedByNamespace.set(namespace, (count ?? 0) + 1)
    }
  }
}

function textOf({ path, what, isHard, isRefused, usage, limit }: QuotaExcess): string {
  const things = what === 'count' ? 'znodes' : 'bytes'
  const kind = isHard ? 'hard' : 'soft'
  const fate = isRefused ? 'a write was refused that exceeds' : 'a write exceeds'
  return `${fate} the quota of ${path}: ${usage} ${things} where the ${kind} limit is ${limit}`
}
