import { expect, test } from 'vitest'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { generate, type GeneratorWorld, type LoadSession } from '../../src/measure/generate.ts'
import type { FromGenerator, GeneratorTask } from '../../src/measure/generator-message.ts'
import type { ClientRequest } from '../../src/client/client-request.ts'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'

const NOTHING = new ByteReader(Buffer.alloc(0))

/** Answers everything with success in the next turn, or nothing at all. */
class PromptSession implements LoadSession {
  readonly tls = null
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
    stop: () => ({ cpuSeconds: 0.5, eventLoopDelayMs: { p50: 1, p99: 2, max: 3 } }),
  }
  connecting: Promise<void> = Promise.resolve()
  isDeaf = false
  onMessage: (message: FromGenerator) => void = () => undefined

  openSession(): LoadSession {
    const session = new PromptSession(this.connecting, () => this.isDeaf)
    this.sessions.push(session)
    return session
  }

  nowMs(): number {
    return performance.now()
  }

  readonly report = (message: FromGenerator): void => {
    this.messages.push(message)
    this.onMessage(message)
  }
}

const task: GeneratorTask = {
  hosts: 'nowhere:1',
  workload: { name: 'test', mix: { get: 1, set: 1 }, sessions: 3, inFlight: 2, valueSizeBytes: 16, keyCount: 20 },
  seed: 1,
  sessionTimeoutMs: 1_000,
  tls: null,
  auth: 'none',
  phases: [
    { name: 'warming up', durationMs: 30, isMeasured: false },
    { name: 'measuring', durationMs: 450, isMeasured: true },
  ],
}

const never = new AbortController().signal

test('a run reports its steps in order, cuts the warm-up, and closes its sessions', async () => {
  const world = new World()
  await generate(task, world, never)
  const steps = world.messages.filter(({ kind }) => kind !== 'progress')
  expect(steps.map((step) => ('phaseIndex' in step ? `${step.kind} ${step.phaseIndex}` : step.kind))).toEqual([
    'began 0',
    'ended 0',
    'began 1',
    'ended 1',
    'done',
  ])
  const done = steps.at(-1)
  expect(done).toMatchObject({ phases: [{ name: 'measuring', cpuSeconds: 0.5 }] })
  const phase = done?.kind === 'done' ? done.phases[0] : undefined
  expect(phase?.seconds).toBeGreaterThanOrEqual(0.44)
  expect(phase?.operations.map(({ kind }) => kind)).toEqual(['get', 'set'])
  expect(world.sessions.map(({ isClosed }) => isClosed)).toEqual([true, true, true])
  for (const session of world.sessions) expect(session.askedCount).toBeGreaterThan(10)
  const progress = world.messages.filter((message) => message.kind === 'progress' && message.phase === 'measuring')
  expect(progress.length).toBeGreaterThanOrEqual(1)
  expect(progress[0]).toMatchObject({ errors: 0 })
  expect(progress[0]?.kind === 'progress' ? progress[0].opsPerSecond : null).toBeGreaterThan(0)
})

test('a run that is stopped while it measures gives what it has', async () => {
  const world = new World()
  const stopping = new AbortController()
  world.onMessage = (message) => {
    if (message.kind === 'progress' && message.phase === 'measuring') stopping.abort()
  }
  const long = { ...task, phases: [{ name: 'measuring', durationMs: 600_000, isMeasured: true }] }
  await generate(long, world, stopping.signal)
  const done = world.messages.at(-1)
  const phase = done?.kind === 'done' ? done.phases[0] : undefined
  expect(phase?.seconds).toBeLessThan(60)
  expect(phase?.operations).not.toEqual([])
})

test('a run that is stopped before it measures has nothing, and says so', async () => {
  const world = new World()
  world.connecting = new Promise(() => undefined)
  const stopping = new AbortController()
  world.onMessage = () => stopping.abort()
  await generate(task, world, stopping.signal)
  expect(world.messages.at(-1)).toEqual({ kind: 'done', phases: [], tls: null })
  expect(world.sessions.every(({ isClosed }) => isClosed)).toBe(true)
})

test('an ensemble that falls silent does not keep the generator for ever', { timeout: 20_000 }, async () => {
  const world = new World()
  world.onMessage = (message) => {
    if (message.kind === 'began') world.isDeaf = true
  }
  const short = { ...task, phases: [{ name: 'measuring', durationMs: 50, isMeasured: true }] }
  await generate(short, world, never)
  expect(world.messages.at(-1)).toMatchObject({ kind: 'done', phases: [{ operations: [] }] })
})

test('an ensemble that cannot be reached is the reason given', async () => {
  const world = new World()
  const refused = new ZktuneError('CannotConnect', { where: 'nowhere:1', what: 'refused', mend: 'Start it.' })
  world.connecting = Promise.reject(refused)
  await expect(generate(task, world, never)).rejects.toBe(refused)
  expect(world.sessions.every(({ isClosed }) => isClosed)).toBe(true)
})
