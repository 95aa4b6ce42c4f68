import { assert } from '../kernel/assert.ts'
import { Heap } from '../kernel/heap.ts'
import type { Timer } from '../kernel/ports.ts'

/**
 * Virtual time advances in sixteenths of a millisecond. A coarse grid makes things coincide, as they do in a real turn of
 * an event loop, and binary fractions keep sums exact.
 */
const STEPS_PER_MS = 16

interface ScheduledEvent extends Timer {
  readonly atMs: number
  /** Runs after everything else of its instant. */
  readonly isLate: boolean
  readonly sequence: number
  readonly label: string
  run: (() => void) | null
}

/** The one queue of everything that will happen in a simulated world, ordered by virtual time, then by age. */
export class Scheduler {
  /** Sees each event before it runs: for traces. */
  onEvent: ((atMs: number, label: string) => void) | null = null
  #nowMs = 0
  #sequence = 0
  #eventCount = 0
  #digest = 0
  readonly #labelHashes = new Map<string, number>()
  readonly #events = new Heap<ScheduledEvent>(isBefore)

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Events run so far. */
  get eventCount(): number {
    return this.#eventCount
  }

  /** A hash of all events so far, their times and labels: two runs of one seed must agree on it. */
  get digest(): number {
    return this.#digest >>> 0
  }

  /** @param label says who and what, for traces; from a small set, for it is hashed and kept */
  after(delayMs: number, label: string, run: () => void): Timer {
    assert(delayMs >= 0, 'nothing is scheduled in the past')
    const atMs = Math.ceil((this.#nowMs + delayMs) * STEPS_PER_MS) / STEPS_PER_MS
    return this.#push(atMs, false, label, run)
  }

  /** At this very instant, once all other events of the instant have run. */
  afterTurn(label: string, run: () => void): Timer {
    return this.#push(this.#nowMs, true, label, run)
  }

  /** Runs the next event. @returns false when there is none */
  step(): boolean {
    for (;;) {
      const event = this.#events.pop()
      if (event === undefined) return false
      const run = event.run
      if (run === null) continue
      this.#nowMs = event.atMs
      this.#note(event)
      event.run = null
      run()
      return true
    }
  }

  /** Runs everything due up to and including `untilMs`; the time is `untilMs` afterwards. */
  runUntil(untilMs: number): void {
    while (this.#nextAtMs() <= untilMs) this.step()
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  /** Runs until `isDone()`. @returns false when `limitMs` (a point in time) came first or nothing was left to run */
  runUntilDone(isDone: () => boolean, limitMs: number): boolean {
    while (!isDone()) {
      if (this.#nextAtMs() > limitMs) return false
      this.step()
    }
    return true
  }

  #nextAtMs(): number {
    for (;;) {
      const event = this.#events.peek()
      if (event === undefined) return Infinity
      if (event.run !== null) return event.atMs
      this.#events.pop()
    }
  }

  #push(atMs: number, isLate: boolean, label: string, run: () => void): Timer {
    const event: ScheduledEvent = {
      atMs,
      isLate,
      sequence: this.#sequence++,
      label,
      run,
      cancel() {
        event.run = null
      },
    }
    this.#events.push(event)
    return event
  }

  #note(event: ScheduledEvent): void {
    this.#eventCount++
    let hash = this.#labelHashes.get(event.label)
    if (hash === undefined) {
      hash = 0x811c9dc5
      for (let index = 0; index < event.label.length; index++) {
        hash = Math.imul(hash ^ event.label.charCodeAt(index), 0x01000193)
      }
      this.#labelHashes.set(event.label, hash)
    }
    this.#digest = Math.imul(this.#digest ^ (event.atMs * STEPS_PER_MS) ^ hash, 0x9e3779b1)
    this.#digest ^= this.#digest >>> 15
    this.onEvent?.(event.atMs, event.label)
  }
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  if (left.atMs !== right.atMs) return left.atMs < right.atMs
  if (left.isLate !== right.isLate) return right.isLate
  return left.sequence < right.sequence
}
