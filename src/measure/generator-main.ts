/**
 * A load generator, a process of its own: it takes what to do over the channel from its parent and answers with figures.
 * It ends with its parent. SIGINT is the parent's to answer, for Ctrl-C reaches every process of a terminal at once.
 */
import { ZktuneError } from '../kernel/errors.ts'
import { RealEntropy } from '../io/real-entropy.ts'
import { RealNetwork } from '../io/real-network.ts'
import { ClientLoadSession } from './client-load-session.ts'
import { LoadGenerator, type Generator, type GeneratorWorld } from './generate.ts'
import type { FromGenerator, GeneratorTask, ToGenerator } from './generator-message.ts'
import { MachineClock } from './machine-clock.ts'
import { ProcessCosts } from './process-costs.ts'

const clock = new MachineClock()
const ports = { clock, network: new RealNetwork(), entropy: new RealEntropy() }
const closing = new AbortController()
let cutting = new AbortController()
let generator: Generator | null = null

/** Resolves when the last message has left: a process that ends before takes it along. */
let lastTold: Promise<void> = Promise.resolve()

process.on('SIGINT', () => undefined)
process.once('disconnect', () => process.exit(0))
if (!process.connected) process.exit(0)
process.on('message', (message: ToGenerator) => {
  carryOut(message).catch((error: unknown) => {
    tell(failed(error))
    return end()
  })
})

async function carryOut(message: ToGenerator): Promise<void> {
  switch (message.kind) {
    case 'open':
      generator = await generatorOf(message.task)
      await generator.open(closing.signal)
      return
    case 'phase': {
      if (generator === null) throw new TypeError('a phase comes after its task')
      cutting = new AbortController()
      const signal = AbortSignal.any([cutting.signal, closing.signal])
      tell({ kind: 'ended', recorded: await generator.runPhase(message.phase, signal) })
      return
    }
    case 'cut':
      cutting.abort()
      return
    case 'close':
      closing.abort()
      await generator?.[Symbol.asyncDispose]()
      await end()
  }
}

async function generatorOf(task: GeneratorTask): Promise<Generator> {
  const world = worldOf(task)
  if (task.urls.length === 0) return new LoadGenerator(task, world)
  const { HttpGenerator } = await import('./http/http-generator.ts')
  return new HttpGenerator(task, world)
}

function worldOf(task: GeneratorTask): GeneratorWorld {
  const hosts = task.hosts.split(',')
  return {
    openSession: (index, onNotified) =>
      new ClientLoadSession({
        ...ports,
        onWatch: ({ path }) => onNotified(path),
        connectString: rotated(hosts, index).join(','),
        sessionTimeoutMs: task.sessionTimeoutMs,
        digest: task.digest,
        ...(task.tls === null ? {} : { tls: task.tls }),
      }),
    costs: new ProcessCosts(),
    clock,
    report: tell,
  }
}

async function end(): Promise<void> {
  clock[Symbol.dispose]()
  await lastTold
  if (process.connected) process.disconnect()
}

function tell(message: FromGenerator): void {
  lastTold = new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}

function failed(error: unknown): FromGenerator {
  if (error instanceof ZktuneError) {
    const { code, where, what, mend } = error
    return { kind: 'failed', code, where, what, mend }
  }
  return {
    kind: 'failed',
    code: 'ServerFailed',
    where: 'load generator',
    what: error instanceof Error ? (error.stack ?? error.message) : String(error),
    mend: 'This is a fault of zktune: please report it.',
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
