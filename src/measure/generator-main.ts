/**
 * The load generator, a process of its own: it takes one task over the channel from its parent and answers with figures.
 * It ends with its parent. SIGINT is the parent's to answer, for Ctrl-C reaches every process of a terminal at once.
 */
import { randomBytes } from 'node:crypto'
import { ZktuneError } from '../kernel/errors.ts'
import { RealClock } from '../io/real-clock.ts'
import { RealEntropy } from '../io/real-entropy.ts'
import { RealNetwork } from '../io/real-network.ts'
import { ClientLoadSession } from './client-load-session.ts'
import { generate } from './generate.ts'
import type { FromGenerator, GeneratorTask, ToGenerator } from './generator-message.ts'
import { ProcessCosts } from './process-costs.ts'

const stopping = new AbortController()
const ports = { clock: new RealClock(), network: new RealNetwork(), entropy: new RealEntropy() }

/** Resolves when the last message has left: a process that ends before takes it along. */
let lastTold: Promise<void> = Promise.resolve()

process.on('SIGINT', () => undefined)
process.once('disconnect', () => process.exit(0))
process.on('message', (message: ToGenerator) => {
  if (message.kind === 'stop') stopping.abort()
  else void run(message.task)
})

async function run(task: GeneratorTask): Promise<void> {
  const hosts = task.hosts.split(',')
  // Known to this process alone, and gone with it.
  const digest = task.auth === 'digest' ? `zktune:${randomBytes(16).toString('hex')}` : null
  try {
    await generate(
      task,
      {
        openSession: (index) =>
          new ClientLoadSession({
            ...ports,
            connectString: rotated(hosts, index).join(','),
            sessionTimeoutMs: task.sessionTimeoutMs,
            digest,
            ...(task.tls === null ? {} : { tls: task.tls }),
          }),
        costs: new ProcessCosts(),
        nowMs: () => performance.now(),
        report: tell,
      },
      stopping.signal,
    )
  } catch (error) {
    tell(failed(error))
  }
  await lastTold
  process.disconnect()
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
