/**
 * Whether `zktune compare` tells the truth on real ensembles where it is known: the same thing twice, and what a sync costs.
 *
 *   npm run bench -- compare-truth [--only same|force-sync|batched-sync] [--runs 10] [--pairs 10] [--duration 6s] [--warmup 2s]
 *                                  [--cluster small-cluster] [--folder DIR] [--json FILE]
 *
 * - `same`: durable against durable, so often. At least nine in ten must make up no difference.
 * - `force-sync`: without a sync against with one, one request after the other. Each write waits for one sync of the leader and of a quorum at
 *   once, so by the probe of the disk it is sooner by that mean at least; where this is less than the least difference, nothing is
 *   foretold but that it is not worse: no sync is no thread to wake for it, either, and what that brings is no matter of the disk.
 * - `batched-sync`: a sync waits up to flushDelay for more writes. With one session nobody comes, so a write is later by about that.
 *
 * Never with pauses between the writes: what a machine takes to wake up from one is more than a sync, and no probe knows of it.
 */
import { writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { readArms } from '../src/cli/arm-source.ts'
import type { CompareFlags } from '../src/cli/options.ts'
import { throwFaults, type Fault } from '../src/kernel/faults.ts'
import { probeFolder } from '../src/measure/disk-probe.ts'
import type { PairedVerdict } from '../src/stats/paired-verdict.ts'
import { comparedMetric } from '../src/tune/compared-metric.ts'
import type { ComparedFigure, CompareResult } from '../src/tune/compare-result.ts'
import { runCompare } from '../src/tune/run-compare.ts'

const MIN_EFFECT = 0.05
const QUESTIONS = ['same', 'force-sync', 'batched-sync'] as const
/** Each alone, one after the other: what one takes is what the throughput says. */
const LONE_WRITES = { workload: 'write-heavy', sessions: '1', inFlight: '1', metric: ['throughput'] }

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '10' },
    pairs: { type: 'string', default: '10' },
    duration: { type: 'string', default: '6s' },
    warmup: { type: 'string', default: '2s' },
    cluster: { type: 'string', default: 'small-cluster' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
})

/** One comparison, and what was known of it. */
interface Told {
  readonly question: string
  readonly loadAverage: number
  readonly expected: readonly PairedVerdict[]
  /** Where the expectation comes from. */
  readonly because: string
  readonly figures: readonly ComparedFigure[]
  readonly isTrue: boolean
}

const told: Told[] = []
for (const question of QUESTIONS) {
  if (values.only !== undefined && values.only !== question) continue
  if (question === 'same') for (let run = 1; run <= Number(values.runs); run++) keep(await askSame(run))
  else if (question === 'force-sync') keep(await askForceSync())
  else keep(await askBatchedSync())
}
const right = told.filter(({ isTrue }) => isTrue).length
console.log(`${right} of ${told.length} told the truth`)
if (right < told.length * 0.9) process.exitCode = 1

async function askSame(run: number): Promise<Told> {
  const loadAverage = loadavg()[0] ?? NaN
  const { figures } = await ask(['durable', 'durable'], { seed: String(run) })
  return judged('same', loadAverage, ['no-difference', 'inconclusive'], 'it is the same thing', figures)
}

async function askForceSync(): Promise<Told> {
  const loadAverage = loadavg()[0] ?? NaN
  const syncUs = await syncTimeUs()
  const { figures } = await ask(['durable', 'volatile'], LONE_WRITES)
  const durableUs = operationUs(figures)
  const share = syncUs / durableUs
  const because = `a sync in ${values.folder} takes ${Math.round(syncUs)} us of the ${Math.round(durableUs)} us of an operation: ${(share * 100).toFixed(1)} %`
  return judged(
    'force-sync',
    loadAverage,
    share > MIN_EFFECT ? ['better'] : ['better', 'no-difference', 'inconclusive'],
    because,
    figures,
  )
}

async function askBatchedSync(): Promise<Told> {
  const loadAverage = loadavg()[0] ?? NaN
  const { figures, delayMs } = await ask(['durable', 'batched-sync'], LONE_WRITES)
  const durableUs = operationUs(figures)
  const because = `flushDelay is ${delayMs} ms, and an operation takes ${Math.round(durableUs)} us without it`
  const isFelt = (delayMs * 1_000) / durableUs > MIN_EFFECT
  return judged('batched-sync', loadAverage, isFelt ? ['worse'] : ['no-difference', 'inconclusive'], because, figures)
}

/** Of the first configuration, with one request at a time. */
function operationUs(figures: readonly ComparedFigure[]): number {
  return 1e6 / (figures[0]?.baseline ?? NaN)
}

/** What a lone write waits for in the mean, for of means the throughput is made. */
async function syncTimeUs(): Promise<number> {
  const { alone } = await probeFolder(values.folder, { bytes: 1_024, inFlight: 1 }, 2_000)
  return 1e6 / alone.syncsPerSecond
}

async function ask(
  names: readonly string[],
  flags: CompareFlags,
): Promise<{ readonly figures: CompareResult['comparisons'][number]['figures']; readonly delayMs: number }> {
  const faults: Fault[] = []
  const { duration, warmup, cluster, folder } = values
  const arms = readArms(names, { ...flags, duration, warmup, dataDir: folder, profile: [cluster] }, faults)
  throwFaults(faults)
  const delay = arms[1]?.plan.settings.find(({ key }) => key === 'flushDelay')?.value
  const { comparisons } = await runCompare(
    {
      arms,
      metrics: (flags.metric ?? ['throughput', 'all.p50', 'all.p99']).map((name) => comparedMetric(name, name)),
      length: { kind: 'pairs', pairs: Number(values.pairs) },
      minEffect: MIN_EFFECT,
      failover: false,
      acrossDurability: true,
    },
    { onBlock: (block) => process.stderr.write(`pair ${block}\n`) },
  )
  return { figures: comparisons[0]?.figures ?? [], delayMs: Number(delay ?? 0) }
}

function judged(
  question: string,
  loadAverage: number,
  expected: readonly PairedVerdict[],
  because: string,
  figures: readonly ComparedFigure[],
): Told {
  const isTrue = figures.length > 0 && figures.every(({ verdict }) => expected.includes(verdict))
  return { question, loadAverage, expected, because, figures, isTrue }
}

/** At once, so that a run that is broken off has not been for nothing. */
function keep(one: Told): void {
  told.push(one)
  const verdicts = one.figures.map(({ metric, ratio, low, high, verdict }) => {
    return `${metric} ${ratio?.toFixed(3) ?? '-'} (${low?.toFixed(3) ?? '-'} to ${high?.toFixed(3) ?? '-'}) ${verdict}`
  })
  console.log(
    `${one.isTrue ? 'true ' : 'FALSE'} ${one.question}, load ${one.loadAverage.toFixed(1)}: ${verdicts.join('; ')}`,
  )
  console.log(`      expected ${one.expected.join(' or ')}: ${one.because}`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(told, null, 2)}\n`)
}
