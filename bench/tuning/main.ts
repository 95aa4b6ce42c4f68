/**
 * Searches compared on response surfaces whose best is known: `npm run bench -- tuning --seeds 200`.
 *
 * Regret is 1 - f(recommended) / f(best), without noise. All families see the same surface and the same purse for a seed, so
 * they are paired; the interval is that of the ratio of median regrets to random search's, by resampling seeds (Efron and
 * Tibshirani 1993). The budget is in trials of full length; a shorter trial pays its boot all the same.
 */
import { parseArgs } from 'node:util'

import { Prng } from '../../src/kernel/prng.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { bayesian } from './families/bayesian.ts'
import { cmaEs } from './families/cma-es.ts'
import { forest } from './families/forest.ts'
import { halvingThenLocal, local, oneAtATime, random, randomRace, successiveHalving } from './families/simple.ts'
import { tpe } from './families/tpe.ts'
import { Purse } from './families/tuner.ts'
import type { Tuner } from './families/tuner.ts'
import { SURFACES } from './surfaces/families.ts'
import { bestValue } from './surfaces/surface.ts'

const FAMILIES: Readonly<Record<string, Tuner>> = {
  random,
  'random, raced': randomRace,
  'one at a time': oneAtATime,
  'local (1+1)': local,
  halving: successiveHalving,
  'halving, local': halvingThenLocal,
  tpe,
  forest,
  'cma-es': cmaEs,
  zktune: bayesian(),
}

/** What parts the recipe is made of: each taken away, or put in the place of another. */
const VARIANTS: Readonly<Record<string, Tuner>> = {
  'zktune, full-length start': bayesian({ screeningFraction: 1 }),
  'zktune, full-length trials': bayesian({ modelFraction: 1 }),
  'zktune, larger start': bayesian({ screeningShare: 0.4 }),
  'zktune, additive kernel': bayesian({ isAdditive: true }),
  'zktune, may repeat': bayesian({ mayRepeat: true }),
  'zktune, plain improvement': bayesian({ isAugmented: false }),
  'zktune, few candidates': bayesian({ candidates: 150 }),
}

/** Of random search's median regret at 45 trials. */
const TARGETS = { smooth: 0.5, rugged: 0.65 } as const
const RESAMPLES = 2_000

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seeds: { type: 'string', default: '20' },
    'first-seed': { type: 'string', default: '1' },
    budget: { type: 'string', default: '45' },
    surfaces: { type: 'string', default: Object.keys(SURFACES).join(',') },
    variants: { type: 'boolean', default: false },
    families: { type: 'string', default: Object.keys(FAMILIES).join(';') },
  },
})
const seeds = Number(values.seeds)
const firstSeed = Number(values['first-seed'])
const budget = Number(values.budget)
/** Random search always takes part: what the others reach is told as a share of its regret. */
const tuners = values.variants
  ? { random, zktune: bayesian(), ...VARIANTS }
  : Object.fromEntries(
      Object.entries(FAMILIES).filter(([name]) => name === 'random' || values.families.split(';').includes(name)),
    )

console.log(`${seeds} seeds from ${firstSeed} on, a budget of ${budget} trials of full length`)
for (const name of values.surfaces.split(',')) {
  const surface = SURFACES[name]
  if (surface === undefined) throw new Error(`there is no surface "${name}": ${Object.keys(SURFACES).join(', ')}`)
  const { regrets, start } = regretsOn(surface.family, name)
  console.log(`\n${name} (${surface.kind}); the start's regret ${percent(median(start))}`)
  const control = regrets.get('random') ?? []
  for (const [family, own] of regrets) {
    const [low, high] = ratioInterval(own, control)
    const ratio = median(own) / median(control)
    const p90 = quantile(Float64Array.from(own).sort(), 0.9)
    console.log(
      `  ${family.padEnd(26)}${percent(median(own)).padStart(7)}  p90 ${percent(p90).padStart(6)}` +
        `  of random's ${ratio.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`,
    )
  }
  const recipe = regrets.get('zktune')
  if (recipe !== undefined) console.log(`  target: ${targetText(surface.kind, median(recipe), regrets)}`)
}

function targetText(kind: keyof typeof TARGETS, own: number, regrets: ReadonlyMap<string, readonly number[]>): string {
  const limit = TARGETS[kind]
  const isMet = own <= limit * median(regrets.get('random') ?? [])
  const better = [...regrets].filter(([family, theirs]) => !family.startsWith('zktune') && median(theirs) <= own)
  return (
    `at most ${limit} of random's: ${isMet ? 'met' : 'MISSED'}; ` +
    `below all others: ${better.length === 0 ? 'met' : `MISSED (${better.map(([family]) => family).join(', ')})`}`
  )
}

function regretsOn(
  family: (typeof SURFACES)[string]['family'],
  name: string,
): { readonly regrets: ReadonlyMap<string, number[]>; readonly start: number[] } {
  const regrets = new Map<string, number[]>(Object.keys(tuners).map((tuner) => [tuner, []]))
  const start: number[] = []
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const prng = new Prng(seed).fork(name)
    const surface = family(prng.fork('surface'))
    const best = Math.max(bestValue(surface, prng.fork('best')), surface.value(surface.start))
    start.push(1 - surface.value(surface.start) / best)
    for (const [tuner, tune] of Object.entries(tuners)) {
      const point = tune(new Purse(surface, budget, prng.fork('noise')), prng.fork(tuner))
      regrets.get(tuner)?.push(Math.max(0, 1 - surface.value(point) / best))
    }
  }
  return { regrets, start }
}

function ratioInterval(own: readonly number[], control: readonly number[]): readonly [number, number] {
  const prng = new Prng(1)
  const ratios = Float64Array.from({ length: RESAMPLES }, () => {
    const drawn = own.map(() => prng.below(own.length))
    return median(drawn.map((at) => own[at] ?? 0)) / median(drawn.map((at) => control[at] ?? 0))
  }).sort()
  return [quantile(ratios, 0.025), quantile(ratios, 0.975)]
}

function median(samples: readonly number[]): number {
  return quantile(Float64Array.from(samples).sort(), 0.5)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
