import { Prng } from '../kernel/prng.ts'
import { ClosedLoop, type LoadDoor } from './closed-loop.ts'
import type { AgreedTls, FromGenerator, GeneratorTask, PhaseTask, RecordedPhase } from './generator-message.ts'
import { OPEN_ACL } from '../protocol/acl.ts'
import { KeySet, OWN_ACL } from './key-set.ts'
import { OperationMix } from './operation-mix.ts'
import { prepareZnodes } from './prepare.ts'

const PROGRESS_MS = 200
const CONNECT_TIMEOUT_MS = 30_000
/** How long the last replies may take once nothing more is sent. */
const DRAIN_MS = 5_000

export interface LoadSession extends LoadDoor {
  /** Resolves once connected; rejects with a ZktuneError at the deadline. */
  connected(timeoutMs: number, signal: AbortSignal): Promise<void>
  /** Of the last connection; null in the clear. */
  readonly tls: AgreedTls | null
  close(): Promise<void>
}

/** What a stretch of load cost this process. */
export interface CostMeter {
  start(): void
  stop(): Pick<RecordedPhase, 'cpuSeconds' | 'eventLoopDelayMs'>
}

export interface GeneratorWorld {
  openSession(index: number): LoadSession
  readonly costs: CostMeter
  nowMs(): number
  readonly report: (message: FromGenerator) => void
}

/**
 * Runs one task: opens the sessions, makes the znodes under a fresh root, drives the load through the phases, reports.
 *
 * @param signal aborted: the phase under way ends now, and what was measured so far is the result
 */
export async function generate(task: GeneratorTask, world: GeneratorWorld, signal: AbortSignal): Promise<void> {
  const prng = new Prng(task.seed)
  const root = `/zktune-${prng.fork('root').uint32().toString(16)}-${Math.trunc(world.nowMs())}`
  const keys = new KeySet(root, task.workload, prng.fork('values'), task.auth === 'digest' ? OWN_ACL : OPEN_ACL)
  const sessions = Array.from({ length: task.workload.sessions }, (_, index) => world.openSession(index))
  const [first] = sessions
  if (first === undefined) throw new RangeError('a workload needs a session')
  try {
    world.report({ kind: 'progress', phase: 'connecting', operations: 0, errors: 0, opsPerSecond: null })
    await orAborted(Promise.all(sessions.map((each) => each.connected(CONNECT_TIMEOUT_MS, signal))), signal)
    if (!signal.aborted) await prepare(first, keys, world, signal)
    if (signal.aborted) {
      world.report({ kind: 'done', phases: [], tls: first.tls })
      return
    }
    const loop = new ClosedLoop({
      doors: sessions,
      inFlight: task.workload.inFlight,
      mix: new OperationMix(task.workload.mix),
      keys,
      prng: prng.fork('load'),
      nowMs: () => world.nowMs(),
      later: (delayMs, callback) => setTimeout(callback, delayMs),
    })
    const phases = await runPhases(loop, task.phases, world, signal)
    await drained(loop)
    world.report({ kind: 'done', phases, tls: first.tls })
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

async function prepare(door: LoadDoor, keys: KeySet, world: GeneratorWorld, signal: AbortSignal): Promise<void> {
  world.report({ kind: 'progress', phase: 'preparing', operations: 0, errors: 0, opsPerSecond: null })
  const meter = new RateMeter(world, 'preparing')
  let madeCount = 0
  const timer = setInterval(() => meter.report(madeCount, 0), PROGRESS_MS)
  try {
    const all = prepareZnodes(door, keys, (count) => {
      madeCount = count
    })
    await orAborted(all, signal)
  } finally {
    clearInterval(timer)
  }
}

async function runPhases(
  loop: ClosedLoop,
  phases: readonly PhaseTask[],
  world: GeneratorWorld,
  signal: AbortSignal,
): Promise<RecordedPhase[]> {
  const recorded: RecordedPhase[] = []
  for (const [phaseIndex, phase] of phases.entries()) {
    if (signal.aborted) break
    world.report({ kind: 'began', phaseIndex })
    world.costs.start()
    const startMs = world.nowMs()
    if (phaseIndex === 0) loop.start()
    const meter = new RateMeter(world, phase.name)
    const timer = setInterval(() => meter.report(loop.recorder.operations, loop.recorder.errors), PROGRESS_MS)
    await pause(phase.durationMs, signal)
    clearInterval(timer)
    const seconds = (world.nowMs() - startMs) / 1_000
    const recorder = loop.nextPhase()
    const costs = world.costs.stop()
    world.report({ kind: 'ended', phaseIndex })
    if (phase.isMeasured) recorded.push({ name: phase.name, seconds, operations: recorder.encode(), ...costs })
  }
  return recorded
}

/** Turns counts into a rate over the time between two reports. */
class RateMeter {
  readonly #world: GeneratorWorld
  readonly #phase: string
  #lastMs: number
  #lastOperations = 0

  constructor(world: GeneratorWorld, phase: string) {
    this.#world = world
    this.#phase = phase
    this.#lastMs = world.nowMs()
  }

  report(operations: number, errors: number): void {
    const nowMs = this.#world.nowMs()
    const opsPerSecond = ((operations - this.#lastOperations) * 1_000) / Math.max(1, nowMs - this.#lastMs)
    this.#lastMs = nowMs
    this.#lastOperations = operations
    this.#world.report({ kind: 'progress', phase: this.#phase, operations, errors, opsPerSecond })
  }
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

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, durationMs)
    signal.addEventListener('abort', end, { once: true })
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}

function drained(loop: ClosedLoop): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(resolve, DRAIN_MS)
    loop.stop(() => {
      clearTimeout(deadline)
      resolve()
    })
  })
}
