import { describe, expect, test } from 'vitest'

import { Prng } from '../../../src/kernel/prng.ts'
import { ablate } from '../../../src/tune/recommend/ablation.ts'
import type { UnitVerdict } from '../../../src/tune/recommend/ablation.ts'

describe('a change that is left out', () => {
  test('is earned after two blocks when it loses much in both, alike', async () => {
    const { verdicts, trials } = await ablated({ batch: [1.2, 1.25], delay: [0.9, 0.95] })
    expect(verdicts.map(({ isEarned }) => isEarned)).toEqual([true, true])
    expect(trials).toBe(6)
    expect(verdicts.every(({ effect }) => effect !== null && effect.low > 1)).toBe(true)
  })

  test('is measured further when its losses are large but so far apart that the interval includes none', async () => {
    const { verdicts, trials } = await ablated({ batch: [0.5, 2.6, 1.5, 1.4, 1.6, 1.5, 1.5, 1.6] })
    expect(trials).toBeGreaterThan(4)
    expect(verdicts[0]?.isEarned).toBe(true)
    expect(verdicts[0]?.effect?.low).toBeGreaterThan(1)
  })

  test('goes back when what it brings is within the noise, however often it was measured', async () => {
    const { verdicts } = await ablated({ batch: [0.1, -0.2, 0.15, -0.05, 0.1, -0.1, 0.05, -0.1] })
    expect(verdicts[0]?.isEarned).toBe(false)
  })

  test('is never kept with an interval that includes no gain, though it is the only one', async () => {
    // One-sided it is sure to 3.8 %, which would do for one change alone; two-sided the interval reaches below 1.
    const { verdicts } = await ablated({ batch: [0.35, -0.07, 0.3, 0.01, 0.25, -0.02, 0.3, -0.05] })
    expect(verdicts[0]?.effect?.ratio).toBeGreaterThan(1.1)
    expect(verdicts[0]?.effect?.low).toBeLessThan(1)
    expect(verdicts[0]?.isEarned).toBe(false)
  })
})

/** @param losses of each change: what the logarithm falls by without it, block by block */
async function ablated(
  losses: Readonly<Record<string, readonly number[]>>,
): Promise<{ readonly verdicts: readonly UnitVerdict[]; readonly trials: number }> {
  const keys = Object.keys(losses)
  const winner = new Map(keys.map((key) => [key, 'good']))
  const asked = new Map<string, number>()
  let trials = 0
  const verdicts = await ablate({
    winner,
    units: keys.map((key) => [key]),
    without: (left) => new Map([...winner].map(([key, value]) => [key, left.includes(key) ? 'bad' : value])),
    prng: new Prng(1),
    measure: (configuration) => {
      trials++
      const key = keys.find((each) => configuration.get(each) === 'bad')
      if (key === undefined) return Promise.resolve(0)
      const block = asked.get(key) ?? 0
      asked.set(key, block + 1)
      return Promise.resolve(-(losses[key]?.[block] ?? 0))
    },
    affordable: (_, { max }) => max,
    onRound: () => {},
  })
  return { verdicts, trials }
}
