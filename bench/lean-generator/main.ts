/**
 * Our generator beside the lean one in C, against the same Apache server: what each takes for the capacity, then what each takes
 * for the latency at the same rate. In turn, several rounds, medians of the ratios.
 *
 *   npm run bench -- lean-generator --rounds 5 --seconds 10 --servers 1 [--mix reads]
 *
 * Held: our capacity at least 0.8 of the lean one's, p50 and p99 within 10 % of it, or the phase marked as client-limited. Ends
 * with 1 where that is not so.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { GeneratorCrew, type CrewPhase } from '../../src/measure/generator-crew.ts'
import { PhaseFigures } from '../../src/measure/phase-figures.ts'
import type { Workload } from '../../src/profile/plan.ts'
import { plainShape } from '../../src/profile/workload-shape.ts'
import { median } from '../../src/stats/quantile.ts'
import { ENGINES, prepareEngines, startEngine, type ComparedEnsemble, type Engine } from '../engines.ts'
import { buildLean, runLean, type LeanLoad } from './lean.ts'

const CAPACITY_RATIO_MIN = 0.8
const LATENCY_DIFFERENCE_MAX = 0.1
/** Of the smaller capacity of the two: busy, and far from a queue that grows. */
const RATE_SHARE = 0.5
const WARMUP_SECONDS = 3

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    servers: { type: 'string', default: '1' },
    sessions: { type: 'string', default: '16' },
    'in-flight': { type: 'string', default: '16' },
    engine: { type: 'string', default: 'apache' },
    mix: { type: 'string' },
  },
})
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
const [sessions, inFlight] = [Number(values.sessions), Number(values['in-flight'])]
const engine = ENGINES.find((known): known is Engine => known === values.engine) ?? 'apache'

interface Mix {
  readonly name: string
  readonly get: number
  readonly set: number
}

const MIXES: readonly Mix[] = [
  { name: 'reads', get: 100, set: 0 },
  { name: 'half and half', get: 50, set: 50 },
  { name: 'writes', get: 0, set: 100 },
]

interface Seen {
  readonly opsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpuSeconds: number
  readonly clientLimited: string | null
}

const folder = mkdtempSync(join(tmpdir(), 'zktune-lean-'))
try {
  const program = buildLean(folder)
  prepareEngines([engine])
  await using ensemble = await startEngine(engine, {
    replicas: Number(values.servers),
    settings: { tickTime: '2000', initLimit: '10', syncLimit: '5', maxClientCnxns: '0' },
  })
  let isHeld = true
  const mixes = MIXES.filter(({ name }) => values.mix === undefined || name === values.mix)
  for (const mix of mixes) isHeld = (await compare(ensemble, program, mix)) && isHeld
  console.log(isHeld ? '\nheld' : '\nNOT held')
  process.exitCode = isHeld ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function compare(ensemble: ComparedEnsemble, program: string, mix: Mix): Promise<boolean> {
  const pairs = async (ratePerSecond: number | null): Promise<[Seen, Seen][]> => {
    const seen: [Seen, Seen][] = []
    // The first pair warms the server, and is thrown away; after that who begins takes turns.
    for (let round = 0; round <= rounds; round++) {
      const isOursFirst = round % 2 === 0
      const early = isOursFirst ? await ours(ensemble, mix, ratePerSecond, round) : null
      const theirs = await lean(ensemble, program, mix, ratePerSecond)
      const own = early ?? (await ours(ensemble, mix, ratePerSecond, round))
      if (round > 0) seen.push([own, theirs])
    }
    return seen
  }
  const closed = await pairs(null)
  const ratios = closed.map(([own, theirs]) => own.opsPerSecond / theirs.opsPerSecond)
  const capacity = median(ratios)
  const [own, theirs] = [0, 1].map((index) => median(closed.map((pair) => (pair[index] as Seen).opsPerSecond)))
  const rate = Math.round(RATE_SHARE * Math.min(own ?? 0, theirs ?? 0))
  const open = await pairs(rate)
  const ratioOf = (figure: 'p50' | 'p99'): number => median(open.map(([mine, other]) => mine[figure] / other[figure]))
  const [p50, p99] = [ratioOf('p50'), ratioOf('p99')]
  const limited = open.find(([mine]) => mine.clientLimited !== null)?.[0].clientLimited ?? null
  const isNear = (ratio: number): boolean => Math.abs(ratio - 1) <= LATENCY_DIFFERENCE_MAX
  const isHeld = capacity >= CAPACITY_RATIO_MIN && ((isNear(p50) && isNear(p99)) || limited !== null)
  const at = (index: 0 | 1, figure: 'p50' | 'p99'): string =>
    (median(open.map((pair) => pair[index][figure])) / 1_000).toFixed(3)
  console.log(`\n${mix.name}, ${sessions} x ${inFlight}, ${engine}, ${values.servers} server(s), ${rounds} pairs`)
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  console.log(
    `  capacity   ours ${own?.toFixed(0)}/s   lean ${theirs?.toFixed(0)}/s   ratio ${capacity.toFixed(3)} (${range})`,
  )
  const cpuUs = (index: 0 | 1): string =>
    median(closed.map((pair) => (pair[index].cpuSeconds * 1e6) / (pair[index].opsPerSecond * seconds))).toFixed(1)
  console.log(`  CPU of the generator for an operation   ours ${cpuUs(0)} us   lean ${cpuUs(1)} us`)
  console.log(`  at ${rate}/s   p50 ours ${at(0, 'p50')} ms, lean ${at(1, 'p50')} ms, ratio ${p50.toFixed(3)}`)
  console.log(`  at ${rate}/s   p99 ours ${at(0, 'p99')} ms, lean ${at(1, 'p99')} ms, ratio ${p99.toFixed(3)}`)
  console.log(`  client-limited: ${limited ?? 'no'}   ${isHeld ? 'held' : 'NOT held'}`)
  return isHeld
}

async function lean(
  ensemble: ComparedEnsemble,
  program: string,
  { get, set }: Mix,
  ratePerSecond: number | null,
): Promise<Seen> {
  const load: LeanLoad = {
    ...{ sessions, inFlight, get, set, valueBytes: 1_024, keys: 1_000 },
    ...{ warmupSeconds: WARMUP_SECONDS, seconds, ratePerSecond },
  }
  const { opsPerSecond, cpuSeconds, latencyUs } = await runLean(program, ensemble.hosts, load)
  return { opsPerSecond, cpuSeconds, p50: latencyUs.p50, p99: latencyUs.p99, clientLimited: null }
}

async function ours(
  { hosts }: ComparedEnsemble,
  { name, get, set }: Mix,
  ratePerSecond: number | null,
  seed: number,
): Promise<Seen> {
  const workload: Workload = {
    name,
    mix: { ...(get > 0 ? { get } : {}), ...(set > 0 ? { set } : {}) },
    sessions,
    inFlight,
    valueSizeBytes: 1_024,
    keyCount: 1_000,
    shape: plainShape(1_024),
  }
  const task = { hosts, chroot: '', workload, seed, sessionTimeoutMs: 10_000, tls: null, digest: null, urls: [] }
  await using crew = GeneratorCrew.start(task, 1)
  await crew.open()
  const load: CrewPhase['load'] =
    ratePerSecond === null ? { kind: 'closed' } : { kind: 'open', ratePerSecond, arrivals: 'constant' }
  await crew.run({ name: 'warming up', load, durationMs: WARMUP_SECONDS * 1_000 })
  const { figures, boot } = PhaseFigures.ofBoot(
    await crew.run({ name: 'measuring', load, durationMs: seconds * 1_000 }),
  )
  await crew.close()
  const { opsPerSecond, latencyUs, errors, clientLimited } = figures.result()
  if (Object.keys(errors).length > 0) throw new Error(`${name}: ${JSON.stringify(errors)}`)
  const cpuSeconds = boot.generators.reduce((sum, each) => sum + each.cpuSeconds, 0)
  return { opsPerSecond, cpuSeconds, p50: latencyUs.p50 ?? NaN, p99: latencyUs.p99 ?? NaN, clientLimited }
}
