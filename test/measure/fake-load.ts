import { plainShape } from '../../src/profile/workload-shape.ts'
import type { ClientRequest } from '../../src/client/client-request.ts'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import { Heap } from '../../src/kernel/heap.ts'
import type { Timer } from '../../src/kernel/ports.ts'
import { Prng } from '../../src/kernel/prng.ts'
import { KeySet } from '../../src/measure/key-set.ts'
import { Lane } from '../../src/measure/load-request.ts'
import type { LoadDoor, LoadSource, VisitingSession } from '../../src/measure/load-source.ts'
import type { SendClock } from '../../src/measure/open-loop.ts'
import { RecipeBook } from '../../src/measure/recipes/recipe-book.ts'
import { OperationMix } from '../../src/measure/operation-mix.ts'
import type { Workload } from '../../src/profile/plan.ts'

const NOTHING = new ByteReader(Buffer.alloc(0))

interface Due {
  readonly atMs: number
  readonly order: number
  run: (() => void) | null
}

/** A clock that stands until the test lets it go on, and then jumps from one thing that is due to the next. */
export class FakeClock implements SendClock {
  #nowMs = 1_000
  #order = 0
  readonly #due = new Heap<Due>((left, right) =>
    left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs,
  )

  nowMs(): number {
    return this.#nowMs
  }

  /** What is under way in this moment takes so long. */
  spend(ms: number): void {
    this.#nowMs += ms
  }

  at(atMs: number, run: () => void): Timer {
    const due: Due = { atMs, order: this.#order++, run }
    this.#due.push(due)
    return { cancel: () => (due.run = null) }
  }

  wakeAt(atMs: number, onWake: () => void): Timer {
    return this.at(Math.max(atMs, this.#nowMs), onWake)
  }

  runUntil(endMs: number): void {
    for (let next = this.#due.peek(); next !== undefined && next.atMs <= endMs; next = this.#due.peek()) {
      this.#due.pop()
      // A thing that is late because this process was busy comes now.
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.run?.()
    }
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }
}

/**
 * A server by arithmetic: each request takes as long as the test says, and while it stalls nothing is answered; then
 * everything at once.
 */
export class FakeServer implements LoadDoor {
  readonly #clock: FakeClock
  readonly #delayMs: (request: number) => number
  readonly #stall: { readonly fromMs: number; readonly toMs: number }
  askedCount = 0

  constructor(
    clock: FakeClock,
    delayMs: (request: number) => number,
    stall: { readonly fromMs: number; readonly toMs: number } = { fromMs: 0, toMs: 0 },
  ) {
    this.#clock = clock
    this.#delayMs = delayMs
    this.#stall = stall
  }

  submit(request: ClientRequest): void {
    request.writeTo(new ByteWriter())
    const readyMs = this.#clock.nowMs() + this.#delayMs(this.askedCount++)
    const { fromMs, toMs } = this.#stall
    const isStalled = readyMs > fromMs && this.#clock.nowMs() < toMs
    this.#clock.at(isStalled ? Math.max(readyMs, toMs) : readyMs, () => request.onReply(0, 1, NOTHING))
  }
}

export function workloadOf(changes: Partial<Workload> = {}): Workload {
  return {
    name: 'test',
    mix: { get: 1 },
    sessions: 1,
    inFlight: 1,
    valueSizeBytes: 8,
    keyCount: 40,
    shape: plainShape(8),
    ...changes,
  }
}

export interface LanesOptions {
  readonly nowMs: () => number
  readonly setTimer?: LoadSource['setTimer']
  readonly openVisit?: () => VisitingSession
}

/** Where no recipe is played. */
const NO_WORLD: ConstructorParameters<typeof RecipeBook>[1] = {
  root: '/run/own',
  acl: [],
  sessions: [],
  openSession: () => {
    throw new Error('no session is expected to come')
  },
  prng: new Prng(3),
  nowMs: () => 0,
  setTimer: () => ({ cancel: () => undefined }),
}

/** Lanes to these doors, as a generator has them. */
export function lanesTo(doors: readonly LoadDoor[], workload: Workload, options: LanesOptions): readonly Lane[] {
  const lanes: Lane[] = []
  const source: LoadSource = {
    mix: new OperationMix(workload.mix),
    keys: new KeySet('/run', workload, new Prng(1)),
    prng: new Prng(2),
    setTimer: () => ({ cancel: () => undefined }),
    openVisit: () => {
      throw new Error('no session is expected to come')
    },
    watchers: workload.shape.watchers,
    lanes,
    recipes: new RecipeBook('0', NO_WORLD, workload.shape),
    ...options,
  }
  lanes.push(...doors.map((door, session) => new Lane(door, session, source)))
  return lanes
}
