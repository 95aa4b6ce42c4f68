/**
 * One server with many idle sessions, and one with many znodes: memory and reply times of the built-in engine beside
 * Apache ZooKeeper's. `npm run bench -- crowd [--sessions 10000] [--znodes 1000000] [--seconds 30]
 * [--rounds 1] [--heap 2GiB] [--engine builtin]`
 *
 * Reply times are those of one session with one request at a time, so they hold no queue of their own making.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connect, type ZooKeeperClient } from '../../src/index.ts'
import { cpuSecondsOf } from '../../src/measure/process-costs.ts'
import { median } from '../../src/stats/quantile.ts'
import { LatencyHistogram } from '../../src/stats/latency-histogram.ts'
import { type ComparedEnsemble, type Engine, ENGINES, prepareEngines, startEngine } from '../engines.ts'
import { fillTree, residentMiB } from './fill-tree.ts'

const SETTINGS = { tickTime: '2000', initLimit: '10', syncLimit: '5', maxClientCnxns: '0' }
const ZNODE_BYTES = 100
const PROBE_BYTES = 1024
const PROBE_PATH = '/probe'
const PROBES = 3000
const SETTLE_MS = 3000
const WRITES_IN_FLIGHT = 256
const BUCKET_MS = 100

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    znodes: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '30' },
    heap: { type: 'string', default: '2GiB' },
    engine: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const sessionCount = Number(values.sessions)
const znodeCount = Number(values.znodes)
const engines = ENGINES.filter((engine) => values.engine === undefined || values.engine === engine)

/** What was measured, in the order of measuring: name with unit → value. */
type Figures = Map<string, number>

prepareEngines(engines)
const rounds = new Map<Engine, Figures[]>(engines.map((engine) => [engine, []]))
for (let round = 0; round < Number(values.rounds); round++) {
  for (const engine of round % 2 === 0 ? engines : [...engines].reverse()) {
    const figures: Figures = new Map()
    await withServer(engine, figures, crowdOfSessions)
    await withServer(engine, figures, crowdOfZnodes)
    rounds.get(engine)?.push(figures)
  }
}
report(rounds)

async function withServer(
  engine: Engine,
  figures: Figures,
  measure: (server: ComparedEnsemble, client: ZooKeeperClient, figures: Figures) => Promise<void>,
): Promise<void> {
  await using server = await startEngine(engine, { replicas: 1, settings: SETTINGS, heap: values.heap })
  await using client = await connect(server.hosts, { sessionTimeoutMs: 40_000 })
  await client.create(PROBE_PATH, Buffer.alloc(PROBE_BYTES))
  console.error(`${engine}: ${measure.name}`)
  await measure(server, client, figures)
}

async function crowdOfSessions(server: ComparedEnsemble, client: ZooKeeperClient, figures: Figures): Promise<void> {
  await settle()
  figures.set('memory, empty, MiB', residentMiB(server.pids[0] ?? 0))
  await probe(client, figures, 'no other session')
  const holder = fork(fileURLToPath(new URL('holder.ts', import.meta.url)), [server.hosts, String(sessionCount)])
  try {
    const startedMs = performance.now()
    await answer(holder, 'open')
    figures.set('sessions opened a second', (sessionCount * 1000) / (performance.now() - startedMs))
    await settle()
    const before = cpuSecondsOf(server.pids[0] ?? 0) ?? NaN
    const idleFromMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    const idleSeconds = (performance.now() - idleFromMs) / 1000
    const cpu = (cpuSecondsOf(server.pids[0] ?? 0) ?? NaN) - before
    figures.set(`CPU of ${sessionCount} idle sessions, % of a core`, (100 * cpu) / idleSeconds)
    figures.set(`memory, ${sessionCount} idle sessions, MiB`, residentMiB(server.pids[0] ?? 0))
    await probe(client, figures, `${sessionCount} idle sessions`)
    holder.send('lost')
    const { lost } = await answer(holder, 'lost')
    if (lost > 0) throw new Error(`${lost} sessions were lost`)
  } finally {
    holder.kill('SIGKILL')
  }
}

async function crowdOfZnodes(server: ComparedEnsemble, client: ZooKeeperClient, figures: Figures): Promise<void> {
  const startedMs = performance.now()
  await fillTree(client, znodeCount, ZNODE_BYTES)
  figures.set('znodes created a second', (znodeCount * 1000) / (performance.now() - startedMs))
  await settle()
  figures.set(`memory, ${znodeCount} znodes of ${ZNODE_BYTES} B, MiB`, residentMiB(server.pids[0] ?? 0))
  await probe(client, figures, `${znodeCount} znodes`)
  await besideSnapshots(server, client, figures)
}

/** Writes as fast as one session can, while the server takes its snapshots as the count of writes demands. */
async function besideSnapshots(server: ComparedEnsemble, client: ZooKeeperClient, figures: Figures): Promise<void> {
  const data = Buffer.alloc(PROBE_BYTES)
  const fromMs = performance.now()
  const untilMs = fromMs + Number(values.seconds) * 1000
  const acknowledged: number[] = Array.from({ length: Math.ceil((untilMs - fromMs) / BUCKET_MS) }, () => 0)
  await Promise.all(
    Array.from({ length: WRITES_IN_FLIGHT }, async () => {
      while (performance.now() < untilMs) {
        await client.setData(PROBE_PATH, data)
        const bucket = Math.floor((performance.now() - fromMs) / BUCKET_MS)
        if (bucket < acknowledged.length) acknowledged[bucket] = (acknowledged[bucket] ?? 0) + 1
      }
    }),
  )
  const snapshots = (await server.events()).filter(({ kind, durationMs }) => kind === 'snapshot' && durationMs !== null)
  const during: number[] = []
  const otherwise: number[] = []
  acknowledged.forEach((count, bucket) => {
    const startMs = fromMs + bucket * BUCKET_MS
    const isDuring = snapshots.some(
      ({ atMs, durationMs }) => startMs + BUCKET_MS > atMs && startMs < atMs + (durationMs ?? 0),
    )
    if (isDuring) during.push(count)
    else otherwise.push(count)
  })
  const rate = (counts: readonly number[]): number =>
    (counts.reduce((sum, count) => sum + count, 0) * 1000) / (counts.length * BUCKET_MS)
  figures.set('snapshots beside the writes', snapshots.filter(({ atMs }) => atMs > fromMs).length)
  figures.set('seconds in which one was written', (during.length * BUCKET_MS) / 1000)
  figures.set('writes a second while one was written', rate(during))
  figures.set('writes a second otherwise', rate(otherwise))
}

/** One request after the other: the time of each from its call to its answer. */
async function probe(client: ZooKeeperClient, figures: Figures, beside: string): Promise<void> {
  const data = Buffer.alloc(PROBE_BYTES)
  const operations = { get: () => client.getData(PROBE_PATH), set: () => client.setData(PROBE_PATH, data) }
  for (const [name, operate] of Object.entries(operations)) {
    const times = new LatencyHistogram()
    for (let index = 0; index < PROBES; index++) {
      const startedMs = performance.now()
      await operate()
      if (index >= PROBES / 3) times.record((performance.now() - startedMs) * 1000)
    }
    const { p50, p99 } = times.summary()
    figures.set(`${name} p50 beside ${beside}, µs`, p50 ?? NaN)
    figures.set(`${name} p99 beside ${beside}, µs`, p99 ?? NaN)
  }
}

/** Lets garbage and closed files of what was before go. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
}

interface HolderMessage {
  readonly kind: string
  readonly lost: number
}

function answer(holder: ReturnType<typeof fork>, kind: string): Promise<HolderMessage> {
  return new Promise((resolve, reject) => {
    holder.on('message', (message) => {
      const known = message as HolderMessage
      if (known.kind === kind) resolve(known)
    })
    holder.once('exit', (code) => reject(new Error(`the holder of the sessions ended with code ${code}`)))
  })
}

function report(measured: ReadonlyMap<Engine, readonly Figures[]>): void {
  const names = [...(measured.get(engines[0] ?? 'builtin')?.[0]?.keys() ?? [])]
  const figure = (engine: Engine, name: string): number =>
    median((measured.get(engine) ?? []).map((figures) => figures.get(name) ?? NaN))
  if (values.json) {
    console.log(
      JSON.stringify(
        names.map((name) => ({ name, ...byEngine(name, figure) })),
        null,
        2,
      ),
    )
    return
  }
  console.log(`| median of ${values.rounds} | ${engines.join(' | ')} |${engines.length > 1 ? ' ratio |' : ''}`)
  console.log(`|---|${'---|'.repeat(engines.length + (engines.length > 1 ? 1 : 0))}`)
  for (const name of names) {
    const cells = engines.map((engine) => figure(engine, name).toPrecision(3))
    const ratio = engines.length > 1 ? ` ${(figure('builtin', name) / figure('apache', name)).toPrecision(3)} |` : ''
    console.log(`| ${name} | ${cells.join(' | ')} |${ratio}`)
  }
}

function byEngine(name: string, figure: (engine: Engine, name: string) => number): Record<string, number> {
  return Object.fromEntries(engines.map((engine) => [engine, figure(engine, name)]))
}
