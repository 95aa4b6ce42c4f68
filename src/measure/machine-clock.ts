import { Worker } from 'node:worker_threads'
import { RealClock } from '../io/real-clock.ts'
import type { Timer } from '../kernel/ports.ts'
import type { SendClock } from './open-loop.ts'

/**
 * Waits in its own thread for the moment in `due`, then says so. The first word counts how often the moment was set: after each
 * it waits for the next. JavaScript as text, for a thread has no loader for TypeScript.
 */
const WAKER = `
const { parentPort, workerData } = require('node:worker_threads')
const turns = new Int32Array(workerData, 0, 1)
const due = new Float64Array(workerData, 8, 1)
const nowMs = () => Number(process.hrtime.bigint()) / 1e6
let toldTurn = 0
for (;;) {
  const turn = Atomics.load(turns, 0)
  const waitMs = turn === toldTurn ? Infinity : due[0] - nowMs()
  if (waitMs > 0) {
    Atomics.wait(turns, 0, turn, waitMs)
  } else {
    toldTurn = turn
    parentPort.postMessage(0)
  }
}
`

/** Waking costs about 30 µs: what is due sooner than this leaves together, unless a reply wakes us before. */
const WAKE_MIN_MS = 0.1

/** Readings of both clocks, of which the one with the least between them counts. */
const READINGS = 50
const OFFSET_MS = offsetBetween(
  () => performance.now(),
  () => Number(process.hrtime.bigint()) / 1e6,
)

/**
 * Milliseconds with a fraction since the machine started: the same in all its processes, which the times that a process
 * counts from its own start are not.
 */
export function machineMs(): number {
  return performance.now() + OFFSET_MS
}

/**
 * What the machine's clock is ahead of this process's own, both in milliseconds.
 *
 * The first readings of a clock take up to a millisecond, and by so much two processes would be apart: a waker that is early
 * wakes for nothing, again and again, and one that is late makes every send late.
 */
export function offsetBetween(readOwnMs: () => number, readMachineMs: () => number): number {
  let narrowestMs = Infinity
  let offsetMs = 0
  for (let reading = 0; reading < READINGS; reading++) {
    const beforeMs = readOwnMs()
    const readMs = readMachineMs()
    const afterMs = readOwnMs()
    if (afterMs - beforeMs >= narrowestMs) continue
    narrowestMs = afterMs - beforeMs
    offsetMs = readMs - (beforeMs + afterMs) / 2
  }
  return offsetMs
}

/** What `machineMs` is ahead of the times of this process alone. */
export function machineOffsetMs(): number {
  return OFFSET_MS
}

/** The machine's time, and timers by it. */
export class MachineClock extends RealClock implements SendClock, Disposable {
  #waker: Waker | null = null

  override nowMs(): number {
    return machineMs()
  }

  /** By a thread of its own, to about 0.1 ms: Node's timers know whole milliseconds only. */
  wakeAt(atMs: number, onWake: () => void): Timer {
    this.#waker ??= new Waker()
    return this.#waker.set(Math.max(atMs, this.nowMs() + WAKE_MIN_MS), onWake)
  }

  [Symbol.dispose](): void {
    this.#waker?.end()
    this.#waker = null
  }
}

class Waker {
  readonly #shared = new SharedArrayBuffer(16)
  readonly #turns = new Int32Array(this.#shared, 0, 1)
  readonly #due = new Float64Array(this.#shared, 8, 1)
  readonly #thread = new Worker(WAKER, { eval: true, workerData: this.#shared, execArgv: [] })
  #onWake: (() => void) | null = null
  /** How often was set, and how often the thread has told since. A word of an earlier turn is for nobody. */
  #setCount = 0

  constructor() {
    this.#thread.unref()
    this.#thread.on('message', () => this.#wake())
  }

  set(atMs: number, onWake: () => void): Timer {
    this.#onWake = onWake
    this.#due[0] = atMs
    const mine = ++this.#setCount
    Atomics.store(this.#turns, 0, mine)
    Atomics.notify(this.#turns, 0)
    return {
      cancel: () => {
        if (this.#setCount === mine) this.#onWake = null
      },
    }
  }

  end(): void {
    void this.#thread.terminate()
  }

  #wake(): void {
    const onWake = this.#onWake
    this.#onWake = null
    onWake?.()
  }
}
