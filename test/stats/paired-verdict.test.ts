import { describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { planLooks, type Looks } from '../../src/stats/looks.ts'
import { judgePairs, leastPairs, pairsFor, type PairedFigure } from '../../src/stats/paired-verdict.ts'
import { simulatedPairs, type BootNoise } from './simulated-boots.ts'

/** As zktune compare has them; fewer resamples, for speed. */
const RULES = { minEffect: 0.05, alpha: 0.02, alphaShown: 0.05, resamples: 100 }
const EXPERIMENTS = 100

function figure(ratios: readonly number[], isHigherBetter = true): PairedFigure {
  return { logRatios: ratios.map((ratio) => Math.log(ratio)), isHigherBetter }
}

function verdictOf(ratios: readonly number[], isHigherBetter = true): string | undefined {
  return judgePairs([figure(ratios, isHigherBetter)], RULES, new Prng(1))[0]?.verdict
}

describe('a verdict', () => {
  test('is better or worse by which way the figure is good', () => {
    const ratios = [1.2, 1.18, 1.22, 1.21, 1.19, 1.2, 1.23, 1.17]
    expect(verdictOf(ratios)).toBe('better')
    expect(verdictOf(ratios, false)).toBe('worse')
  })

  test('is no difference where there is one that does not matter, however sure', () => {
    expect(verdictOf([1.02, 1.021, 1.019, 1.02, 1.022, 1.018, 1.02, 1.021])).toBe('no-difference')
  })

  test('is inconclusive where the pairs disagree, or are too few, with how many more it needs', () => {
    const [spread] = judgePairs([figure([1.3, 0.8, 1.1, 0.9, 1.2, 0.85, 1.05, 0.95])], RULES, new Prng(1))
    expect(spread?.verdict).toBe('inconclusive')
    expect(spread?.morePairs).toBeGreaterThan(10)
    const [few] = judgePairs([figure([1.5, 1.49, 1.51, 1.5])], RULES, new Prng(1))
    expect(few).toMatchObject({ verdict: 'inconclusive', morePairs: 3 })
    expect(judgePairs([figure([])], RULES, new Prng(1))).toMatchObject([{ pairs: 0, ratio: null, interval: null }])
  })

  test('is harder to reach among many figures', () => {
    const ratios = [1.2, 1.18, 1.22, 1.21, 1.19, 1.2, 1.23, 1.17]
    const same = figure([1, 1.2, 0.85, 1.1, 0.95, 1.02, 0.9, 1.15])
    expect(verdictOf(ratios)).toBe('better')
    const [among] = judgePairs([figure(ratios), same, same], RULES, new Prng(1))
    expect(among).toMatchObject({ verdict: 'inconclusive', p: 0.0078125, adjustedP: 0.0234375 })
  })
})

/** Nine in ten boots are quiet, the rest are not; the machine slows down meanwhile. */
const NOISES: readonly BootNoise[] = [0.03, 0.05, 0.08].map((boot) => ({ boot, drift: 0.1, disturbed: 0.04 }))

/** What somebody who measured it would say of the noise: the deviation of many pairs of the same thing. */
function deviationOf(noise: BootNoise): number {
  const pairs = simulatedPairs(new Prng(99), { pairs: 400, effect: 0, noise })
  return Math.sqrt(pairs.reduce((sum, each) => sum + each ** 2, 0) / pairs.length)
}

function countVerdicts(
  noise: BootNoise,
  { pairs, effect, figures }: { readonly pairs: number; readonly effect: number; readonly figures: number },
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let experiment = 1; experiment <= EXPERIMENTS; experiment++) {
    const prng = new Prng(experiment)
    const family = Array.from({ length: figures }, (_, index) => ({
      logRatios: simulatedPairs(prng.fork(`figure ${index}`), { pairs, effect: index === 0 ? effect : 0, noise }),
      isHigherBetter: true,
    }))
    const verdicts = judgePairs(family, RULES, prng).map(({ verdict }) => verdict)
    // A false alarm is one of any figure; a planted effect is found in its own.
    const told =
      effect === 0 ? (verdicts.find((each) => each === 'better' || each === 'worse') ?? 'neither') : verdicts[0]
    counts[told ?? ''] = (counts[told ?? ''] ?? 0) + 1
  }
  return counts
}

describe.each(NOISES)('simulated experiments on boots that differ by $boot', (noise) => {
  test('A against A: no difference is made up in at least 95 of 100, of one figure and of three', () => {
    for (const [pairs, figures] of [
      [10, 1],
      [10, 3],
    ] as const) {
      expect(countVerdicts(noise, { pairs, effect: 0, figures })['neither']).toBeGreaterThanOrEqual(95)
    }
  })

  test('10 % that were planted are found in at least 90 of 100, with the pairs that the calculation gives', () => {
    const pairs = pairsFor({ deviation: deviationOf(noise), effect: 0.1, alpha: 0.02, power: 0.95 })
    expect(countVerdicts(noise, { pairs, effect: 0.1, figures: 1 })['better']).toBeGreaterThanOrEqual(90)
    expect(countVerdicts(noise, { pairs, effect: 1 / 1.1 - 1, figures: 1 })['worse']).toBeGreaterThanOrEqual(90)
  })
})

describe('looking again and again', () => {
  const noise: BootNoise = { boot: 0.05, drift: 0.1, disturbed: 0.04 }

  /** What the first look says that says anything. */
  function firstVerdict(seed: number, effect: number, looks: Looks, minEffect = 0.05): string {
    const logRatios = simulatedPairs(new Prng(seed), { pairs: looks.at.at(-1) ?? 0, effect, noise })
    for (const pairs of looks.at) {
      const figures = [{ logRatios: logRatios.slice(0, pairs), isHigherBetter: true }]
      const rules = { ...RULES, minEffect, alpha: looks.alphaEach }
      const [judged] = judgePairs(figures, rules, new Prng(seed))
      if (judged !== undefined && judged.verdict !== 'inconclusive') return judged.verdict
    }
    return 'inconclusive'
  }

  /** Of 100, where any difference at all matters. */
  function falseAlarms(looks: Looks): number {
    const verdicts = Array.from({ length: EXPERIMENTS }, (_, seed) => firstVerdict(seed + 1, 0, looks, 0.001))
    return verdicts.filter((each) => each === 'better' || each === 'worse').length
  }

  test('makes up no more differences than looking once', () => {
    expect(falseAlarms(planLooks(40, 0.02, 1))).toBeLessThanOrEqual(5)
  })

  test('would, were each of many looks as sure as a single one of 5 %', () => {
    const at = Array.from({ length: 12 }, (_, index) => 3 * index + 7)
    expect(falseAlarms({ at, alphaEach: 0.05 })).toBeGreaterThan(10)
  })

  test('finds what is there, and sooner the larger it is', () => {
    const looks = planLooks(60, 0.02, 1)
    const found = Array.from({ length: 50 }, (_, seed) => firstVerdict(seed + 1, 0.15, looks))
    expect(found.filter((each) => each === 'better').length).toBeGreaterThanOrEqual(45)
  })

  test('begins when there are pairs enough to say anything, and shares the chance of a wrong verdict', () => {
    const looks = planLooks(60, 0.05, 3)
    expect(looks.at[0]).toBeGreaterThanOrEqual(leastPairs(looks.alphaEach / 3))
    expect(looks.at.at(-1)).toBe(60)
    expect(looks.alphaEach * looks.at.length).toBeCloseTo(0.05, 10)
    expect(planLooks(4, 0.05, 3)).toEqual({ at: [4], alphaEach: 0.05 })
  })
})
