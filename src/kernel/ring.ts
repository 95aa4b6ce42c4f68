/**
 * A first-in, first-out queue in a circular array that grows and never shrinks: no allocation per element once it has
 * reached its size, and an emptied place is forgotten at once so that nothing is kept alive.
 */
export class Ring<T> {
  #places: (T | undefined)[]
  #mask: number
  #head = 0
  #length = 0

  /** @param capacity how many elements fit before the first growth; rounded up to a power of two */
  constructor(capacity = 16) {
    let size = 1
    while (size < capacity) size *= 2
    this.#places = new Array<T | undefined>(size).fill(undefined)
    this.#mask = size - 1
  }

  get length(): number {
    return this.#length
  }

  push(element: T): void {
    if (this.#length === this.#places.length) this.#grow()
    this.#places[(this.#head + this.#length) & this.#mask] = element
    this.#length++
  }

  /** Takes the oldest element. @returns undefined when empty */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const element = this.#places[this.#head]
    this.#places[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.#length--
    return element
  }

  /** @param index counted from the oldest, 0. @returns undefined beyond the youngest */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#places[(this.#head + index) & this.#mask]
  }

  clear(): void {
    this.#places.fill(undefined)
    this.#head = 0
    this.#length = 0
  }

  #grow(): void {
    const grown = new Array<T | undefined>(this.#places.length * 2).fill(undefined)
    for (let index = 0; index < this.#length; index++) grown[index] = this.#places[(this.#head + index) & this.#mask]
    this.#places = grown
    this.#mask = grown.length - 1
    this.#head = 0
  }
}
