/**
 * What one link sent is applied in the order sent, as an unbroken beginning: 28 without 27 is never chosen, and nothing
 * is applied twice. This is what independent slots would break (FIFO client order).
 */
export class LinkOrderChecker {
  readonly #report: (violation: string) => void
  readonly #lastOfLink = new Map<string, number>()

  constructor(report: (violation: string) => void) {
    this.#report = report
  }

  /**
   * Called once for each slot, in slot order.
   *
   * @param sequence counts what the link sent, from 1
   */
  onChosen(slot: number, link: string, sequence: number): void {
    const last = this.#lastOfLink.get(link) ?? 0
    if (sequence !== last + 1) this.#report(`slot ${slot} holds number ${sequence} of ${link} after number ${last}`)
    this.#lastOfLink.set(link, sequence)
  }
}
