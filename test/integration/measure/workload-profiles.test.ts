import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ZooKeeperClient } from '../../../src/client/zookeeper-client.ts'
import type { LocalEnsemble } from '../../../src/ensemble/local-ensemble.ts'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import { RealEntropy } from '../../../src/io/real-entropy.ts'
import { RealNetwork } from '../../../src/io/real-network.ts'
import { ClientLoadSession } from '../../../src/measure/client-load-session.ts'
import { LoadGenerator, type Generator, type GeneratorWorld } from '../../../src/measure/generate.ts'
import type { GeneratorTask, RecordedPhase } from '../../../src/measure/generator-message.ts'
import { HttpGenerator } from '../../../src/measure/http/http-generator.ts'
import { MachineClock } from '../../../src/measure/machine-clock.ts'
import { LatencyHistogram } from '../../../src/stats/latency-histogram.ts'
import { connectedClient } from '../connected-client.ts'
import { smallPlan, WORKLOADS, znodesInHand } from './shipped-workloads.ts'

const PHASE_MS = 150
const never = new AbortController().signal

let ensemble: LocalEnsemble
let client: ZooKeeperClient

beforeAll(async () => {
  ensemble = await startEnsemble({ replicas: 3, hasGateway: true, settings: { maxClientCnxns: '0' } })
  client = await connectedClient(ensemble.hosts)
})

afterAll(async () => {
  await client.close()
  await ensemble.stop()
})

/** In this process, where all of them together take no longer than a few of their own would take to start. */
async function generatorOf(task: GeneratorTask, clock: MachineClock): Promise<Generator> {
  const world: GeneratorWorld = {
    openSession: (_, onNotified) =>
      new ClientLoadSession({
        clock,
        network: new RealNetwork(),
        entropy: new RealEntropy(),
        connectString: task.hosts,
        sessionTimeoutMs: task.sessionTimeoutMs,
        digest: null,
        onWatch: ({ path }) => onNotified(path),
      }),
    costs: {
      start: () => undefined,
      stop: () => ({ pid: 0, cpuSeconds: 0, eventLoopDelayMs: { p50: 0, p99: 0, max: 0 } }),
    },
    clock,
    report: () => undefined,
  }
  const generator = task.urls.length === 0 ? new LoadGenerator(task, world) : new HttpGenerator(task, world)
  await generator.open(never)
  return generator
}

function phase(generator: Generator, clock: MachineClock, isOpen: boolean): Promise<RecordedPhase> {
  return generator.runPhase(
    {
      name: 'test',
      load: isOpen ? { kind: 'open', ratePerSecond: 50, arrivals: 'poisson', offset: 0 } : { kind: 'closed' },
      startMs: clock.nowMs(),
      durationMs: PHASE_MS,
      intervalMs: 50,
    },
    never,
  )
}

function operationsOf({ intervals }: RecordedPhase): number {
  const all = intervals.flatMap(({ operations }) => operations)
  return all.reduce((sum, { response }) => sum + LatencyHistogram.ofSparse(response).count, 0)
}

function errorsOf({ intervals }: RecordedPhase): unknown[] {
  return intervals.flatMap(({ operations }) => {
    return operations.flatMap(({ kind, errors }) => (Object.keys(errors).length === 0 ? [] : [{ kind, errors }]))
  })
}

test.each(WORKLOADS)(
  '%s runs on the built-in engine without an error, and leaves as many znodes as it found',
  async (name) => {
    const { workload } = smallPlan(name)
    const { via } = workload.shape
    using clock = new MachineClock()
    const servers = await ensemble.servers()
    const root = `/test-${name}`
    const task: GeneratorTask = {
      ...{ hosts: ensemble.hosts, workload, root, seed: 1, sessionTimeoutMs: 10_000, tls: null, digest: null },
      ...{ firstSession: 0, sessionCount: workload.sessions, makesZnodes: true },
      urls:
        via === 'sessions'
          ? []
          : servers.map((server) => `http://127.0.0.1:${via === 'admin' ? server.adminPort : server.gatewayPort}`),
    }
    await using generator = await generatorOf(task, clock)
    const count = async (): Promise<number> => {
      await client.sync()
      return via === 'admin' ? 0 : await client.getAllChildrenNumber(root)
    }
    const phases = [await phase(generator, clock, false)]
    const before = await count()
    if (via === 'sessions') phases.push(await phase(generator, clock, true))
    // A busy machine may let a short phase pass without an answer; the test's own deadline ends a workload that has none.
    do phases.push(await phase(generator, clock, false))
    while (phases.every((each) => operationsOf(each) === 0))
    const after = await count()
    expect(phases.flatMap(errorsOf)).toEqual([])
    expect(phases.map(({ unansweredCount }) => unansweredCount)).toEqual(phases.map(() => 0))
    expect(Math.abs(after - before)).toBeLessThanOrEqual(znodesInHand(workload))
  },
)
