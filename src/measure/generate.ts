import type { Timer } from '../kernel/ports.ts'
import { Prng } from '../kernel/prng.ts'
import { OPEN_ACL } from '../protocol/acl.ts'
import { scheduleOf } from './arrivals.ts'
import { ClosedLoop, type LoadLoop } from './closed-loop.ts'
import type {
  AgreedTls,
  FromGenerator,
  GeneratorTask,
  PhaseTask,
  RecordedCosts,
  RecordedPhase,
} from './generator-message.ts'
import { KeySet, OWN_ACL } from './key-set.ts'
import { Lane } from './load-request.ts'
import type { LoadDoor, LoadSource, VisitingSession } from './load-source.ts'
import { OpenLoop, type SendClock } from './open-loop.ts'
import { OperationMix } from './operation-mix.ts'
import { PhaseRecorder } from './phase-recorder.ts'
import { pause, RateMeter } from './phase-time.ts'
import { prepareZnodes } from './prepare.ts'
import { RecipeBook } from './recipes/recipe-book.ts'
import type { RecipeSession } from './recipes/recipe.ts'

const PROGRESS_MS = 200
const CONNECT_TIMEOUT_MS = 30_000
/** How long the last replies may take once nothing more is due. */
const DRAIN_MS = 5_000
/** Of one generator in an open loop; beyond it the ensemble is what a request waits for, not the network. */
const UNANSWERED_MAX = 10_000

export interface LoadSession extends LoadDoor, VisitingSession, RecipeSession {
  /** Of the last connection; null in the clear. */
  readonly tls: AgreedTls | null
}

/** What a stretch of load cost this process. */
export interface CostMeter {
  start(): void
  stop(): RecordedCosts
}

export interface GeneratorWorld {
  /**
   * @param index among all sessions of the run; of those that come and go, any number
   * @param onNotified gets the path of each change that the session was told of
   */
  openSession(index: number, onNotified: (path: string) => void): LoadSession
  readonly costs: CostMeter
  /** Its time is that of the whole machine: see `machineMs`. */
  readonly clock: SendClock & { setTimer(delayMs: number, onFire: () => void): Timer }
  readonly report: (message: FromGenerator) => void
}

/** What puts the load of one process on an ensemble. */
export interface Generator extends AsyncDisposable {
  /** Comes to the servers, and makes the znodes where that is asked for. @param signal aborted: nobody wants it any more, and it resolves early */
  open(signal: AbortSignal): Promise<void>
  /** @param signal aborted: the phase ends now, and what was measured so far is the result */
  runPhase(phase: PhaseTask, signal: AbortSignal): Promise<RecordedPhase>
}

/** One load generator: opens its sessions, makes the znodes where it is the one to, and drives one phase after the other. */
export class LoadGenerator implements Generator {
  readonly #task: GeneratorTask
  readonly #world: GeneratorWorld
  readonly #prng: Prng
  readonly #source: LoadSource
  readonly #sessions: readonly LoadSession[]
  readonly #lanes: Lane[] = []
  readonly #recipes: RecipeBook
  #phaseCount = 0
  #visitCount = 0

  constructor(task: GeneratorTask, world: GeneratorWorld) {
    const { workload, firstSession, sessionCount } = task
    this.#task = task
    this.#world = world
    this.#prng = new Prng(task.seed)
    const acl = task.digest === null ? OPEN_ACL : OWN_ACL
    const nowMs = (): number => world.clock.nowMs()
    const setTimer = (delayMs: number, onFire: () => void): Timer => world.clock.setTimer(delayMs, onFire)
    const openVisit = (): LoadSession => world.openSession(firstSession + this.#visitCount++, () => undefined)
    const keys = new KeySet(task.root, workload, this.#prng.fork('values'), acl)
    this.#sessions = Array.from({ length: sessionCount }, (_, index) =>
      world.openSession(firstSession + index, (path) => this.#lanes[index]?.onNotified(path)),
    )
    const prng = this.#prng.fork(`recipes from session ${firstSession}`)
    const recipeWorld = {
      root: keys.ownRoot,
      acl,
      sessions: this.#sessions,
      openSession: openVisit,
      prng,
      nowMs,
      setTimer,
    }
    this.#recipes = new RecipeBook(String(firstSession), recipeWorld, workload.shape)
    const source: LoadSource = {
      mix: new OperationMix(workload.mix),
      keys,
      prng: this.#prng.fork(`load from session ${firstSession}`),
      nowMs,
      setTimer,
      openVisit,
      watchers: workload.shape.watchers,
      lanes: this.#lanes,
      recipes: this.#recipes,
    }
    this.#source = source
    this.#lanes.push(...this.#sessions.map((session, index) => new Lane(session, firstSession + index, source)))
  }

  async open(signal: AbortSignal): Promise<void> {
    const [first] = this.#sessions
    if (first === undefined) throw new RangeError('a generator needs a session')
    this.#report('connecting', null, 0)
    await orAborted(Promise.all(this.#sessions.map((each) => each.connected(CONNECT_TIMEOUT_MS, signal))), signal)
    if (this.#task.makesZnodes && !signal.aborted) await this.#prepare(first, signal)
    this.#world.report({ kind: 'ready', tls: first.tls })
  }

  async runPhase(phase: PhaseTask, signal: AbortSignal): Promise<RecordedPhase> {
    const { clock, costs } = this.#world
    await pause(phase.startMs - clock.nowMs(), clock, signal)
    const startMs = Math.max(phase.startMs, clock.nowMs())
    const intervalCount = Math.max(1, Math.round(phase.durationMs / phase.intervalMs))
    const recorder = new PhaseRecorder({
      startMs,
      intervalMs: phase.intervalMs,
      intervalCount,
      isOpen: phase.load.kind === 'open',
    })
    const endMs = startMs + intervalCount * phase.intervalMs
    const loop = this.#loopOf(phase, { recorder, startMs, endMs })
    costs.start()
    loop.start(startMs)
    const meter = new RateMeter((rate) => this.#report(phase.name, recorder, rate), clock)
    const timer = setInterval(() => meter.tell(recorder.operations), PROGRESS_MS)
    await pause(endMs - clock.nowMs(), clock, signal)
    clearInterval(timer)
    // A timer may fire a fraction of a millisecond early: what is due in it belongs to the phase.
    const endedMs = signal.aborted ? Math.min(clock.nowMs(), endMs) : endMs
    recorder.end()
    const spent = costs.stop()
    await this.#drained(loop, endedMs)
    loop.abandon()
    return {
      name: phase.name,
      load: phase.load,
      startMs,
      seconds: (endedMs - startMs) / 1_000,
      intervalMs: phase.intervalMs,
      intervalCount,
      intervals: recorder.close(),
      unansweredCount: loop.unansweredCount,
      sending: loop instanceof OpenLoop ? sendingOf(loop) : null,
      costs: spent,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#recipes.close()
    await Promise.all(this.#lanes.map((lane) => lane.close()))
    await Promise.all(this.#sessions.map((session) => session.close()))
  }

  #loopOf(
    { load }: PhaseTask,
    {
      recorder,
      startMs,
      endMs,
    }: { readonly recorder: PhaseRecorder; readonly startMs: number; readonly endMs: number },
  ): LoadLoop {
    const { clock } = this.#world
    const lanes = this.#lanes
    if (load.kind === 'closed') {
      const { inFlight } = this.#task.workload
      return new ClosedLoop({
        lanes,
        inFlight,
        recorder,
        nowMs: this.#source.nowMs,
        later: (delayMs, callback) => clock.setTimer(delayMs, callback),
      })
    }
    const { arrivals, ratePerSecond, offset } = load
    const prng = this.#prng.fork(`arrivals of phase ${this.#phaseCount++}, session ${this.#task.firstSession}`)
    const schedule = scheduleOf({ arrivals, ratePerSecond, startMs, offset, prng })
    return new OpenLoop({ lanes, schedule, endMs, recorder, clock, unansweredMax: UNANSWERED_MAX })
  }

  async #prepare(door: LoadDoor, signal: AbortSignal): Promise<void> {
    let madeCount = 0
    this.#report('preparing', null, 0)
    const meter = new RateMeter((rate) => this.#report('preparing', null, rate), this.#world.clock)
    const timer = setInterval(() => meter.tell(madeCount), PROGRESS_MS)
    try {
      const all = prepareZnodes(door, this.#source.keys, (count) => {
        madeCount = count
      })
      await orAborted(all, signal)
    } finally {
      clearInterval(timer)
    }
  }

  #report(phase: string, recorder: PhaseRecorder | null, opsPerSecond: number): void {
    const { operations, errors } = recorder ?? { operations: 0, errors: 0 }
    const isLoad = recorder !== null || opsPerSecond > 0
    this.#world.report({
      kind: 'progress',
      phase,
      operations,
      errors,
      opsPerSecond: isLoad ? opsPerSecond : null,
    })
  }

  #drained(loop: LoadLoop, nowMs: number): Promise<void> {
    return new Promise((resolve) => {
      const deadline = this.#world.clock.setTimer(DRAIN_MS, resolve)
      loop.stop(nowMs, () => {
        deadline.cancel()
        resolve()
      })
    })
  }
}

function sendingOf(loop: OpenLoop): RecordedPhase['sending'] {
  const { sentCount, heldBackCount } = loop
  return { sentCount, heldBackCount, unsentCount: loop.countUnsent(), lateness: loop.lateness.sparse() }
}

/** Waits for `work`, or until the signal says that nobody wants it any more; a failure after that is nobody's either. */
async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let onAbort: () => void = () => undefined
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) resolve()
  })
  try {
    await Promise.race([work, aborted])
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    work.catch(() => undefined)
  }
}
