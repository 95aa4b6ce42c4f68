import { plainShape } from '../../src/profile/workload-shape.ts'
import { expect, test } from 'vitest'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { LoadGenerator, type GeneratorWorld, type LoadSession } from '../../src/measure/generate.ts'
import type { FromGenerator, GeneratorTask, PhaseTask, RecordedPhase } from '../../src/measure/generator-message.ts'
import { MachineClock } from '../../src/measure/machine-clock.ts'
import type { ClientRequest } from '../../src/client/client-request.ts'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import { LatencyHistogram } from '../../src/stats/latency-histogram.ts'

const NOTHING = new ByteReader(Buffer.alloc(0))

/** Answers everything with success in the next turn, or nothing at all. */
class PromptSession implements LoadSession {
  readonly tls = null

  get client(): never {
    throw new Error('no recipe is played here')
  }

  isClosed = false
  askedCount = 0
  readonly #connecting: Promise<void>
  readonly #isDeaf: () => boolean

  constructor(connecting: Promise<void>, isDeaf: () => boolean) {
    this.#connecting = connecting
    this.#isDeaf = isDeaf
  }

  connected(): Promise<void> {
    return this.#connecting
  }

  submit(request: ClientRequest): void {
    this.askedCount++
    request.writeTo(new ByteWriter(4096))
    if (!this.#isDeaf()) setImmediate(() => request.onReply(0, 1, NOTHING))
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

class World implements GeneratorWorld {
  readonly sessions: PromptSession[] = []
  readonly messages: FromGenerator[] = []
  readonly costs = {
    start: () => undefined,
    stop: () => ({ pid: 7, cpuSeconds: 0.5, eventLoopDelayMs: { p50: 1, p99: 2, max: 3 } }),
  }
  readonly clock = new MachineClock()
  connecting: Promise<void> = Promise.resolve()
  isDeaf = false
  onMessage: (message: FromGenerator) => void = () => undefined

  openSession(): LoadSession {
    const session = new PromptSession(this.connecting, () => this.isDeaf)
    this.sessions.push(session)
    return session
  }

  readonly report = (message: FromGenerator): void => {
    this.messages.push(message)
    this.onMessage(message)
  }
}

const task: GeneratorTask = {
  hosts: 'nowhere:1',
  workload: {
    name: 'test',
    mix: { get: 1, set: 1 },
    sessions: 3,
    inFlight: 2,
    valueSizeBytes: 16,
    keyCount: 20,
    shape: plainShape(16),
  },
  firstSession: 0,
  sessionCount: 3,
  root: '/run',
  makesZnodes: true,
  seed: 1,
  sessionTimeoutMs: 1_000,
  tls: null,
  digest: null,
  urls: [],
}

const never = new AbortController().signal

const phaseOf = (changes: Partial<PhaseTask>): PhaseTask => {
  return { name: 'capacity', load: { kind: 'closed' }, startMs: 0, durationMs: 450, intervalMs: 50, ...changes }
}

function countOf({ intervals }: RecordedPhase): number {
  return intervals
    .flatMap(({ operations }) => operations)
    .reduce((sum, { response }) => sum + LatencyHistogram.ofSparse(response).count, 0)
}

test('a generator connects, makes the znodes, measures phase after phase, and closes its sessions', async () => {
  const world = new World()
  {
    await using generator = new LoadGenerator(task, world)
    await generator.open(never)
    expect(world.messages.at(-1)).toEqual({ kind: 'ready', tls: null })
    const closed = await generator.runPhase(phaseOf({}), never)
    expect(closed).toMatchObject({ name: 'capacity', intervalCount: 9, unansweredCount: 0, sending: null })
    expect(closed.costs).toMatchObject({ pid: 7, cpuSeconds: 0.5 })
    expect(closed.seconds).toBeGreaterThanOrEqual(0.44)
    const kinds = new Set(closed.intervals.flatMap(({ operations }) => operations.map(({ kind }) => kind)))
    expect([...kinds].toSorted()).toEqual(['get', 'set'])
    const open = await generator.runPhase(
      phaseOf({ name: 'open', load: { kind: 'open', ratePerSecond: 200, arrivals: 'constant', offset: 0 } }),
      never,
    )
    expect(open.sending).toMatchObject({ sentCount: 90, unsentCount: 0, heldBackCount: 0 })
    expect(countOf(open)).toBe(90)
  }
  expect(world.sessions.map(({ isClosed }) => isClosed)).toEqual([true, true, true])
  for (const session of world.sessions) expect(session.askedCount).toBeGreaterThan(10)
  const progress = world.messages.filter((message) => message.kind === 'progress' && message.phase === 'capacity')
  expect(progress.length).toBeGreaterThanOrEqual(1)
  expect(progress[0]).toMatchObject({ errors: 0 })
  expect(progress[0]?.kind === 'progress' ? progress[0].opsPerSecond : null).toBeGreaterThan(0)
})

test('only the generator that is told to makes the znodes', async () => {
  const world = new World()
  await using generator = new LoadGenerator({ ...task, makesZnodes: false, firstSession: 3 }, world)
  await generator.open(never)
  expect(world.sessions.map(({ askedCount }) => askedCount)).toEqual([0, 0, 0])
})

test('a phase that is cut gives what it has', async () => {
  const world = new World()
  const cutting = new AbortController()
  world.onMessage = (message) => {
    if (message.kind === 'progress' && message.phase === 'capacity') cutting.abort()
  }
  await using generator = new LoadGenerator(task, world)
  await generator.open(never)
  const recorded = await generator.runPhase(phaseOf({ durationMs: 600_000, intervalMs: 1_000 }), cutting.signal)
  expect(recorded.seconds).toBeLessThan(60)
  expect(countOf(recorded)).toBeGreaterThan(0)
})

test('a generator that is not wanted any more does not wait for its sessions', async () => {
  const world = new World()
  world.connecting = new Promise(() => undefined)
  const stopping = new AbortController()
  world.onMessage = () => stopping.abort()
  {
    await using generator = new LoadGenerator(task, world)
    await generator.open(stopping.signal)
  }
  expect(world.sessions.every(({ isClosed }) => isClosed)).toBe(true)
})

test('an ensemble that falls silent does not keep the generator for ever', { timeout: 20_000 }, async () => {
  const world = new World()
  await using generator = new LoadGenerator(task, world)
  await generator.open(never)
  world.isDeaf = true
  const recorded = await generator.runPhase(phaseOf({ durationMs: 50 }), never)
  expect(recorded).toMatchObject({ intervals: [], unansweredCount: 6 })
})

test('an ensemble that cannot be reached is the reason given', async () => {
  const world = new World()
  const refused = new ZktuneError('CannotConnect', { where: 'nowhere:1', what: 'refused', mend: 'Start it.' })
  world.connecting = Promise.reject(refused)
  {
    await using generator = new LoadGenerator(task, world)
    await expect(generator.open(never)).rejects.toBe(refused)
  }
  expect(world.sessions.every(({ isClosed }) => isClosed)).toBe(true)
})
