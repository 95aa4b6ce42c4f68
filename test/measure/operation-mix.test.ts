import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { OperationMix } from '../../src/measure/operation-mix.ts'

test('moves come in the shares of their weights; create and delete add up', () => {
  const mix = new OperationMix({ get: 6, set: 0, create: 3, delete: 1 })
  const prng = new Prng(7)
  const counts = new Map<string, number>()
  for (let count = 0; count < 20_000; count++) {
    const move = mix.draw(prng)
    counts.set(move, (counts.get(move) ?? 0) + 1)
  }
  expect([...counts.keys()].sort()).toEqual(['churn', 'get'])
  // Four standard deviations of a binomial: 4 * sqrt(20000 * 0.6 * 0.4) = 277.
  expect(Math.abs((counts.get('get') ?? 0) - 12_000)).toBeLessThan(277)
})

test('a workload of nothing is refused', () => {
  expect(() => new OperationMix({ get: 0 })).toThrow(RangeError)
  expect(() => new OperationMix({})).toThrow(RangeError)
})
