/**
 * One value per slot, for ever, and every replica applies slots in order without a gap. Knows nothing of how values are
 * chosen: it is told what each replica applied, and remembers.
 */
export class AgreementChecker {
  readonly #report: (violation: string) => void
  /** By slot, from 1: the first value that anybody applied there. */
  readonly #values: (string | null)[] = []
  readonly #slotOfValue = new Map<string, number>()
  readonly #appliedSlots = new Map<string, number>()

  constructor(report: (violation: string) => void) {
    this.#report = report
  }

  /** The values of all slots that anybody has applied, in order; null where no command is. */
  get values(): readonly (string | null)[] {
    return this.#values
  }

  appliedSlot(replica: string): number {
    return this.#appliedSlots.get(replica) ?? 0
  }

  /** The replica starts again from a state that holds everything up to `slot`: its own snapshot, or a peer's. */
  onRestored(replica: string, slot: number): void {
    if (slot > this.#values.length) this.#report(`${replica} has a state of slot ${slot}, which nobody has applied`)
    this.#appliedSlots.set(replica, slot)
  }

  /** @param value unique among all commands; null for an entry that carries none */
  onApplied(replica: string, slot: number, value: string | null): void {
    const before = this.appliedSlot(replica)
    if (slot !== before + 1) this.#report(`${replica} applied slot ${slot} after slot ${before}`)
    this.#appliedSlots.set(replica, slot)
    const known = this.#values[slot - 1]
    if (known === undefined) {
      this.#values[slot - 1] = value
      this.#noteNew(slot, value)
    } else if (known !== value) {
      this.#report(`slot ${slot} was ${known}, and ${replica} applied ${value}`)
    }
  }

  #noteNew(slot: number, value: string | null): void {
    if (value === null) return
    const earlier = this.#slotOfValue.get(value)
    if (earlier !== undefined) this.#report(`${value} is in slot ${earlier} and again in slot ${slot}`)
    this.#slotOfValue.set(value, slot)
  }
}
