/**
 * When the service is told that a client was heard of: at once, and at the end of each round if it was heard of again since. A
 * client that sends all the time is told of once a round.
 */
export class Touches {
  readonly #touch: () => void
  /** In this round: not at all, once (and the service knows), or again. */
  #heard: 'no' | 'told' | 'again' = 'no'

  constructor(touch: () => void) {
    this.#touch = touch
  }

  hear(): void {
    if (this.#heard === 'no') {
      this.#heard = 'told'
      this.#touch()
    } else {
      this.#heard = 'again'
    }
  }

  endRound(): void {
    if (this.#heard === 'again') {
      this.#touch()
      this.#heard = 'told'
    } else {
      this.#heard = 'no'
    }
  }
}
