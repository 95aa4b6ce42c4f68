import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Prng } from '../../../src/kernel/prng.ts'
import { latinHypercube } from '../../../src/tune/search/coded-space.ts'
import type { CodedSpace } from '../../../src/tune/search/coded-space.ts'
import {
  augmentedImprovement,
  expectedImprovement,
  normalShare,
} from '../../../src/tune/search/expected-improvement.ts'
import { GaussianProcess } from '../../../src/tune/search/gaussian-process.ts'
import type { Prediction, ProcessShape, Sample } from '../../../src/tune/search/gaussian-process.ts'
import { matern } from '../../../src/tune/search/kernel.ts'

const SHAPE: ProcessShape = { lengths: Float64Array.from([0.3]), additiveShare: 0, noise: 1e-6, shortBias: 0 }

function sample(x: number, value: number, more: Partial<Sample> = {}): Sample {
  return { point: Float64Array.from([x]), value, noiseFactor: 1, isShort: false, ...more }
}

function processOf(samples: readonly Sample[], shape: Partial<ProcessShape> = {}): (x: number) => Prediction {
  const process = new GaussianProcess([{ kind: 'number' }], samples, { ...SHAPE, ...shape })
  return (x) => process.predict(Float64Array.from([x]))
}

describe('the Gaussian process', () => {
  test('passes through values without noise, and is unsure between and beyond them', () => {
    const at = processOf([sample(0.2, 1), sample(0.5, 2), sample(0.6, 0)])
    expect(at(0.5).mean).toBeCloseTo(2, 3)
    expect(at(0.5).deviation).toBeLessThan(0.01)
    expect(at(0.35).deviation).toBeGreaterThan(0.05)
    expect(at(1).deviation).toBeGreaterThan(at(0.35).deviation)
  })

  test('predicts from two noisy values what comes out by hand', () => {
    // K = [[1.5, k], [k, 1.5]], k = m(0.3 / 0.3); the values ±1 lie around 0, so both weights are ±1 / (1.5 - k).
    const k = matern(1)
    expect(k).toBeCloseTo((1 + Math.sqrt(5) + 5 / 3) * Math.exp(-Math.sqrt(5)), 12)
    const at = processOf([sample(0.2, 1), sample(0.5, -1)], { noise: 0.5 })
    expect(at(0.2).mean).toBeCloseTo((1 - k) / (1.5 - k), 6)
  })

  test('believes a long trial more than a short one at the same place', () => {
    const at = processOf([sample(0.5, 1), sample(0.5, 0, { noiseFactor: 4 }), sample(0, 0.5)], { noise: 0.5 })
    expect(at(0.5).mean).toBeGreaterThan(0.55)
  })

  test('takes what all short trials are off by for no property of their configurations', () => {
    const points = [0, 0.25, 0.5, 0.75, 1]
    const samples = points.flatMap((x) => [sample(x, x), sample(x, x - 0.5, { isShort: true, noiseFactor: 2 })])
    const at = processOf(samples, { noise: 0.01, shortBias: 1 })
    for (const x of points) expect(at(x).mean).toBeCloseTo(x, 1)
  })

  test('finds the value that does not belong to the others', () => {
    const samples = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((x) => sample(x, x === 0.3 ? -2 : x))
    const shape = { ...SHAPE, noise: 0.01 }
    const distances = new GaussianProcess([{ kind: 'number' }], samples, shape).leaveOneOut()
    expect(distances.indexOf(Math.min(...distances))).toBe(3)
  })
})

describe('the expected improvement', () => {
  test('is the gain where there is no doubt, and the hope where there is', () => {
    expect(expectedImprovement({ mean: 2, deviation: 1e-6 }, 1)).toBeCloseTo(1, 5)
    expect(expectedImprovement({ mean: 0, deviation: 1e-6 }, 1)).toBeCloseTo(0, 5)
    expect(expectedImprovement({ mean: 1, deviation: 2 }, 1)).toBeCloseTo(2 / Math.sqrt(2 * Math.PI), 5)
  })

  test('an improvement that the noise would hide is worth less, and nothing where all but the noise is known', () => {
    const unsure = { mean: 1, deviation: 2 }
    expect(augmentedImprovement(unsure, 1, 0)).toBeCloseTo(expectedImprovement(unsure, 1), 12)
    // The noise is as large as what is not known: 1 - 1/√2 of it is left.
    expect(augmentedImprovement(unsure, 1, 4)).toBeCloseTo(expectedImprovement(unsure, 1) * (1 - Math.SQRT1_2), 12)
    expect(augmentedImprovement({ mean: 2, deviation: 1e-6 }, 1, 4)).toBeCloseTo(0, 6)
  })

  test('leans on a normal distribution that is right to six digits', () => {
    // Abramowitz and Stegun, table 26.1.
    const known: readonly (readonly [number, number])[] = [
      [-1.96, 0.0249979],
      [-1, 0.1586553],
      [0, 0.5],
      [0.5, 0.6914625],
      [2.5, 0.9937903],
    ]
    for (const [value, share] of known) expect(normalShare(value)).toBeCloseTo(share, 6)
  })
})

test('a Latin hypercube has each part of a number once, and each word as often as any other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer(), (count, seed) => {
      const space: CodedSpace = {
        dimensions: [{ kind: 'number' }, { kind: 'category', count: 2 }],
        snap: (point) => point,
        isFeasible: () => true,
      }
      const points = latinHypercube(space, count, new Prng(seed))
      const parts = points.map(([a = 0]) => Math.floor(a * count)).sort((one, other) => one - other)
      expect(parts).toEqual(Array.from({ length: count }, (_, part) => part))
      const ones = points.filter(([, word]) => word === 1).length
      expect(Math.abs(ones - count / 2)).toBeLessThanOrEqual(0.5)
    }),
  )
})
