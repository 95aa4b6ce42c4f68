/**
 * Whether two runs of one plan agree within what they state: pairs of runs, each of several boots, held against each other by
 * the rule of `zktune rerun`. `npm run bench -- agreement [--pairs 10] [--boots 3] [--duration 12s] [--profile small-cluster]`
 *
 * Wanted: 9 of 10 pairs. On a busy machine it says more about the machine.
 */
import { parseArgs } from 'node:util'
import { readPlan } from '../src/cli/plan-source.ts'
import type { BenchResult } from '../src/measure/bench-result.ts'
import { runBench } from '../src/measure/run-bench.ts'
import { REPRODUCTION_RULE, reproductionOf, sameAgain, type Reproduction } from '../src/measure/same-again.ts'

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '10' },
    boots: { type: 'string', default: '3' },
    duration: { type: 'string', default: '12s' },
    profile: { type: 'string', default: 'small-cluster' },
  },
})

const plan = readPlan({ profile: [values.profile], repeat: values.boots, duration: values.duration, seed: '1' })
const counts: Record<Reproduction, number> = { reproduced: 0, 'not-reproduced': 0, inconclusive: 0 }
let overlapping = 0
console.log('| pair | verdict | intervals that overlap | ratios (rate, p50, p99) |\n|---|---|---|---|')
for (let pair = 1; pair <= Number(values.pairs); pair++) {
  const one = await runBench(plan)
  // At the rates of the first: latency at 70 % of another capacity is latency at another rate.
  const capacity = one.boots[0]?.phases.find(({ kind }) => kind === 'closed')?.opsPerSecond ?? null
  const other = await runBench(plan, { capacity })
  const figures = sameAgain(one, other)
  const verdict = reproductionOf(figures)
  counts[verdict]++
  const overlaps = countOverlaps(one, other)
  if (overlaps === figures.length) overlapping++
  const ratios = figures.map(({ ratio }) => (ratio === null ? '-' : ratio.toFixed(2))).join(', ')
  console.log(`| ${pair} | ${verdict} | ${overlaps} of ${figures.length} | ${ratios} |`)
}
console.log(`\n${JSON.stringify(counts)}; all stated 95 % intervals overlap in ${overlapping} of ${values.pairs} pairs`)
console.log(`rule: ${REPRODUCTION_RULE}`)

/** Of the headline's figures, those whose stated intervals have a value in common. */
function countOverlaps({ headline }: BenchResult, other: BenchResult): number {
  return headline.filter(({ phase, metric, low, high }) => {
    const match = other.headline.find((figure) => figure.phase === phase && figure.metric === metric)
    if (low === null || high === null || match === undefined || match.low === null || match.high === null) return false
    return low <= match.high && match.low <= high
  }).length
}
