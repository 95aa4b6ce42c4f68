import type { Instance, Options } from 'autocannon'
import { Prng } from '../../kernel/prng.ts'
import type { OperationKind } from '../../profile/plan.ts'
import { OPEN_ACL } from '../../protocol/acl.ts'
import { WireError } from '../../protocol/wire-error.ts'
import type { Generator, GeneratorWorld } from '../generate.ts'
import type { GeneratorTask, PhaseTask, RecordedPhase } from '../generator-message.ts'
import { KeySet } from '../key-set.ts'
import { PhaseRecorder } from '../phase-recorder.ts'
import { pause, RateMeter } from '../phase-time.ts'
import { prepareZnodes } from '../prepare.ts'
import { httpRequests } from './http-requests.ts'

const CONNECT_TIMEOUT_MS = 30_000
const PROGRESS_MS = 200
/** How often autocannon looks whether it is to end. */
const LOOK_MS = 50
/** It is told when to end; this is for when nobody does. */
const SPARE_SECONDS = 60

/**
 * A generator whose requests go by HTTP: autocannon does the asking, and each answer is counted with the latency that autocannon
 * gives, in its whole milliseconds. A closed loop only: its way to keep a rate distorts latencies.
 */
export class HttpGenerator implements Generator {
  readonly #task: GeneratorTask
  readonly #world: GeneratorWorld
  readonly #keys: KeySet
  readonly #prng: Prng

  constructor(task: GeneratorTask, world: GeneratorWorld) {
    const prng = new Prng(task.seed)
    this.#task = task
    this.#world = world
    this.#keys = new KeySet(task.root, task.workload, prng.fork('values'), OPEN_ACL)
    this.#prng = prng.fork(`requests from connection ${task.firstSession}`)
  }

  /** What is asked for is made through a session of ZooKeeper; an AdminServer has all that it is asked for. */
  async open(signal: AbortSignal): Promise<void> {
    const { makesZnodes, workload } = this.#task
    if (makesZnodes && workload.shape.via === 'gateway') {
      this.#report('connecting', 0, 0, null)
      const session = this.#world.openSession(0, () => undefined)
      try {
        await session.connected(CONNECT_TIMEOUT_MS, signal)
        await prepareZnodes(session, this.#keys, (count) => {
          if (count % 100 === 0) this.#report('preparing', count, 0, null)
        })
      } catch (error) {
        if (!signal.aborted) throw error
      } finally {
        await session.close()
      }
    }
    this.#world.report({ kind: 'ready', tls: null })
  }

  async runPhase(phase: PhaseTask, signal: AbortSignal): Promise<RecordedPhase> {
    const { clock, costs } = this.#world
    const { name, load, intervalMs } = phase
    if (load.kind !== 'closed') throw new TypeError('there is only a closed loop by HTTP')
    // Loaded with the first phase, and by no run that has none.
    const { default: autocannon } = await import('autocannon')
    await pause(phase.startMs - clock.nowMs(), clock, signal)
    const startMs = Math.max(phase.startMs, clock.nowMs())
    const intervalCount = Math.max(1, Math.round(phase.durationMs / intervalMs))
    const recorder = new PhaseRecorder({ startMs, intervalMs, intervalCount, isOpen: false })
    const endMs = startMs + intervalCount * intervalMs
    costs.start()
    const instance = this.#start(autocannon, recorder, phase.durationMs)
    const meter = new RateMeter((rate) => this.#report(name, recorder.operations, recorder.errors, rate), clock)
    const timer = setInterval(() => meter.tell(recorder.operations), PROGRESS_MS)
    await pause(endMs - clock.nowMs(), clock, signal)
    clearInterval(timer)
    const endedMs = signal.aborted ? Math.min(clock.nowMs(), endMs) : endMs
    recorder.end()
    const spent = costs.stop()
    instance.stop()
    await instance
    return {
      ...{ name, load, startMs, intervalMs, intervalCount },
      seconds: (endedMs - startMs) / 1_000,
      intervals: recorder.close(),
      unansweredCount: 0,
      sending: null,
      costs: spent,
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  #start(autocannon: (options: Options) => Instance, recorder: PhaseRecorder, durationMs: number): Instance {
    const { urls, sessionCount, workload } = this.#task
    const { clock } = this.#world
    let kind: OperationKind = workload.shape.via === 'admin' ? 'admin' : 'get'
    let error = 0
    const requests = httpRequests(workload, this.#keys, this.#prng, (answered, code) => {
      kind = answered
      error = code
    })
    const instance = autocannon({
      url: urls,
      connections: sessionCount,
      pipelining: workload.inFlight,
      duration: Math.ceil(durationMs / 1_000) + SPARE_SECONDS,
      sampleInt: LOOK_MS,
      requests,
    })
    instance.on('response', (_client, _status, _bytes, ms) => {
      const nowMs = clock.nowMs()
      const sinceMs = nowMs - Math.floor(ms)
      recorder.record(kind, error, nowMs, sinceMs, sinceMs)
    })
    instance.on('reqError', () => {
      const nowMs = clock.nowMs()
      recorder.record(kind, WireError.connectionLoss, nowMs, nowMs, nowMs)
    })
    return instance
  }

  #report(phase: string, operations: number, errors: number, opsPerSecond: number | null): void {
    this.#world.report({ kind: 'progress', phase, operations, errors, opsPerSecond })
  }
}
