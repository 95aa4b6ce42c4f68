import type { Arrivals } from '../profile/plan.ts'
import type { AgreedTls, GeneratorTask, LoadProgress, PhaseTask, RecordedPhase } from './generator-message.ts'
import { GeneratorProcess } from './generator-process.ts'
import { machineMs } from './machine-clock.ts'

/** What all generators of a run are told; each gets its part of the sessions. */
export interface CrewTask extends Omit<GeneratorTask, 'root' | 'firstSession' | 'sessionCount' | 'makesZnodes'> {
  /** The znode below which the root of the load is made; empty: that of the tree. */
  readonly chroot: string
}

/** A phase as the whole crew is asked for it; each generator gets its share of the rate. */
export interface CrewPhase {
  readonly name: string
  readonly load: { readonly kind: 'closed' } | OpenCrewLoad
  readonly durationMs: number
}

export interface OpenCrewLoad {
  readonly kind: 'open'
  readonly ratePerSecond: number
  readonly arrivals: Arrivals
}

export interface CrewHooks {
  /** Of all generators together. */
  readonly onProgress?: (progress: LoadProgress) => void
}

/** From now until a phase begins: long enough for every generator to have heard of it. */
const BEGIN_AFTER_MS = 30

/** At most this many intervals a phase, and none shorter or longer than these. */
const INTERVALS = 20
const INTERVAL_STEPS_MS: readonly number[] = [50, 100, 200, 250, 500, 1_000]
const INTERVALS_MAX = 600

/**
 * The load generators of a run as one: the sessions are spread over them, a rate is shared by them in the measure of their
 * sessions, and phases begin on all of them at the same moment.
 */
export class GeneratorCrew implements AsyncDisposable {
  readonly #generators: readonly GeneratorProcess[]
  readonly #tasks: readonly GeneratorTask[]
  readonly #hooks: CrewHooks
  readonly #progress: (LoadProgress | null)[]
  #isCut = false

  private constructor(task: CrewTask, count: number, hooks: CrewHooks) {
    const { sessions } = task.workload
    const used = Math.min(count, sessions)
    const name = `zktune-${Math.floor(task.seed % 2 ** 32).toString(16)}-${Math.trunc(machineMs()).toString(36)}`
    const root = `${task.chroot}/${name}`
    this.#hooks = hooks
    this.#progress = Array.from({ length: used }, () => null)
    this.#tasks = Array.from({ length: used }, (_, index) => {
      const firstSession = Math.floor((sessions * index) / used)
      const sessionCount = Math.floor((sessions * (index + 1)) / used) - firstSession
      return { ...task, root, firstSession, sessionCount, makesZnodes: index === 0 }
    })
    this.#generators = this.#tasks.map((_, index) =>
      GeneratorProcess.start({ onProgress: (progress) => this.#onProgress(index, progress) }),
    )
  }

  /** @param count of processes; never more than there are sessions */
  static start(task: CrewTask, count: number, hooks: CrewHooks = {}): GeneratorCrew {
    return new GeneratorCrew(task, count, hooks)
  }

  /**
   * Connects every session and makes the znodes.
   *
   * @returns what TLS agreed on; null in the clear
   * @throws ZktuneError, as a rejection, when a generator failed
   */
  async open(): Promise<AgreedTls | null> {
    const agreed = await Promise.all(
      this.#generators.map((generator, index) => generator.open(this.#tasks[index] as GeneratorTask)),
    )
    return agreed[0] ?? null
  }

  /**
   * One phase on all generators.
   *
   * @returns what each of them recorded; nothing at all once the crew is cut
   */
  async run(phase: CrewPhase): Promise<readonly RecordedPhase[]> {
    if (this.#isCut) return []
    this.#progress.fill(null)
    const startMs = machineMs() + BEGIN_AFTER_MS
    const intervalMs = intervalMsOf(phase.durationMs)
    return await Promise.all(
      this.#generators.map((generator, index) =>
        generator.run({ ...phase, load: this.#shareOf(phase.load, index), startMs, intervalMs }),
      ),
    )
  }

  /** Ends the phase under way, now, and lets no other begin. */
  cut(): void {
    this.#isCut = true
    for (const generator of this.#generators) generator.cut()
  }

  /** Closes every session, then ends the processes. */
  async close(): Promise<void> {
    await Promise.all(this.#generators.map((generator) => generator.close()))
  }

  /** Ends the processes, whatever they are at. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#generators.map((generator) => generator[Symbol.asyncDispose]()))
  }

  #shareOf(load: CrewPhase['load'], index: number): PhaseTask['load'] {
    if (load.kind === 'closed') return load
    const task = this.#tasks[index] as GeneratorTask
    const share = task.sessionCount / task.workload.sessions
    return { ...load, ratePerSecond: load.ratePerSecond * share, offset: index / this.#generators.length }
  }

  #onProgress(index: number, progress: LoadProgress): void {
    // While one makes the znodes the others have come, and wait for it.
    if (progress.phase === 'connecting' && this.#progress.some((each) => each?.phase === 'preparing')) return
    this.#progress[index] = progress
    const told = this.#progress.filter((each) => each !== null && each.phase === progress.phase)
    const sum = (of: (each: LoadProgress) => number): number =>
      told.reduce((total, each) => total + (each === null ? 0 : of(each)), 0)
    this.#hooks.onProgress?.({
      phase: progress.phase,
      operations: sum((each) => each.operations),
      errors: sum((each) => each.errors),
      opsPerSecond: progress.opsPerSecond === null ? null : sum((each) => each.opsPerSecond ?? 0),
    })
  }
}

/** So that a short phase has enough intervals to be judged by, and a long one not more than anybody reads. */
export function intervalMsOf(durationMs: number): number {
  const longest = durationMs / INTERVALS
  const step = INTERVAL_STEPS_MS.findLast((each) => each <= longest) ?? Math.max(1, longest)
  return durationMs / step > INTERVALS_MAX ? Math.ceil(durationMs / INTERVALS_MAX / 1_000) * 1_000 : step
}
