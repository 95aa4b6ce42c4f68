/**
 * Does a ranking on the built-in engine hold on Apache? `npm run bench -- transfer [--repeat 3] [--duration 5s]`: the same
 * configurations on both, each on fresh ensembles in an order drawn for every round, and Kendall's tau-b between the medians.
 */
import { parseArgs } from 'node:util'

import { Prng } from '../../src/kernel/prng.ts'
import { ProfileLibrary } from '../../src/profile/library.ts'
import { overlaidPlan } from '../../src/profile/plan-overlay.ts'
import { planOf } from '../../src/profile/plan-of.ts'
import type { Plan } from '../../src/profile/plan.ts'
import { readShippedProfiles } from '../../src/cli/profile-files.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { runTrial } from '../../src/tune/trial.ts'
import { agreementOf } from './agreement.ts'
import { CONFIGURATIONS } from './configurations.ts'
import { kendallTau } from './kendall-tau.ts'

const ENGINES = ['builtin', 'apache'] as const
const MEASURES = [
  { name: 'write throughput', workload: 'write-heavy', metric: 'write.opsPerSecond' },
  { name: 'write p99', workload: 'write-heavy', metric: 'write.p99' },
  { name: 'read throughput', workload: 'read-heavy', metric: 'read.opsPerSecond' },
] as const

/** How much a difference on the built-in engine must be to count, as a factor. */
const FACTORS = [1.25, 1.5, 2] as const

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    repeat: { type: 'string', default: '3' },
    duration: { type: 'string', default: '5s' },
    warmup: { type: 'string', default: '2s' },
    profile: { type: 'string', default: 'small-cluster' },
    configurations: { type: 'string', default: String(CONFIGURATIONS.length) },
    heap: { type: 'string', default: '256MiB' },
  },
})
const library = ProfileLibrary.read(readShippedProfiles())
const chosen = CONFIGURATIONS.slice(0, Number(values.configurations))
const prng = new Prng(1)
/** By `engine workload configuration metric`. */
const seen = new Map<string, number[]>()

for (let round = 1; round <= Number(values.repeat); round++) {
  for (const workload of new Set(MEASURES.map((measure) => measure.workload))) {
    const arms = prng.shuffle(ENGINES.flatMap((engine) => chosen.map((configuration) => ({ engine, configuration }))))
    for (const { engine, configuration } of arms) {
      const plan = overlaidPlan(planFor(engine, workload), configuration.settings, configuration.name)
      const trial = await runTrial(plan)
      console.log(`round ${round} ${engine} ${workload} ${configuration.name}: ${trial.kind}`)
      if (trial.kind !== 'measured') continue
      for (const { metric } of MEASURES.filter((measure) => measure.workload === workload)) {
        const value = trial.metrics[metric]
        const key = [engine, workload, configuration.name, metric].join(' ')
        if (value !== undefined) seen.set(key, [...(seen.get(key) ?? []), value])
      }
    }
  }
}

for (const { name, workload, metric } of MEASURES) {
  console.log(`\n${name}`)
  const pairs = chosen.flatMap((configuration) => {
    const [builtin, apache] = ENGINES.map((engine) =>
      medianOf(seen.get([engine, workload, configuration.name, metric].join(' '))),
    )
    if (builtin === undefined || apache === undefined || builtin === null || apache === null) return []
    console.log(
      `  ${configuration.name.padEnd(24)}${Math.round(builtin).toString().padStart(10)}${Math.round(apache).toString().padStart(10)}`,
    )
    return [{ builtin, apache }]
  })
  const tau = kendallTau(
    pairs.map(({ builtin }) => builtin),
    pairs.map(({ apache }) => apache),
  )
  const counts = FACTORS.map((factor) => {
    const { agreeing, pairs: differing } = agreementOf(pairs, factor)
    return `${agreeing} of the ${differing} that differ ${factor}-fold`
  })
  console.log(`  pairs that differ on builtin, and the same way on apache: ${counts.join(', ')}`)
  console.log(`  Kendall's tau over ${pairs.length} configurations: ${tau === null ? 'too few' : tau.toFixed(2)}`)
}

function planFor(engine: (typeof ENGINES)[number], workload: string): Plan {
  const { duration, warmup, profile, heap } = values
  const flags = { engine, duration, warmup, closed: true, seed: '1', ...(engine === 'apache' ? { heap } : {}) }
  const profiles = [{ flag: '--profile', profile } as const, { flag: '--workload', profile: workload } as const]
  return planOf({ library, profiles, config: null, flags, freshSeed: 1 })
}

function medianOf(samples: readonly number[] | undefined): number | null {
  return samples === undefined ? null : quantile(Float64Array.from(samples).sort(), 0.5)
}
