import { expect, test } from 'vitest'
import { Prng } from '../../../src/kernel/prng.ts'
import type { CodedDimension } from '../../../src/tune/search/coded-space.ts'
import { fitProcess, priorShape } from '../../../src/tune/search/fit-process.ts'

function numbers(count: number): CodedDimension[] {
  return Array.from({ length: count }, () => ({ kind: 'number' }))
}

test('before anything was seen, lengths grow as the distances between configurations do', () => {
  const [few = 0] = priorShape(numbers(4)).lengths
  const lengths = priorShape(numbers(16)).lengths
  expect(lengths).toHaveLength(16)
  for (const length of lengths) expect(length).toBeCloseTo(2 * few)
})

test('two samples of the same value leave the lengths near what was taken for granted', () => {
  const samples = [0.2, 0.8].map((at) => ({
    point: new Float64Array(40).fill(at),
    value: 1,
    noiseFactor: 1,
    isShort: false,
  }))
  const options = { from: null, steps: 1_500, prng: new Prng(1), isAdditive: false }
  const { lengths } = fitProcess(numbers(40), samples, options)
  const [prior = 0] = priorShape(numbers(40)).lengths
  const mean = lengths.reduce((sum, length) => sum + Math.log(length / prior), 0) / lengths.length
  expect(Math.abs(mean)).toBeLessThan(0.3)
})
