import { describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { fitScalabilityLaw, type ScalabilityPoint } from '../../src/stats/scalability-law.ts'

const CONCURRENCIES = [1, 2, 4, 8, 16, 32, 64]

function pointsOf(alpha: number, beta: number, noise: (index: number) => number = () => 1): ScalabilityPoint[] {
  return CONCURRENCIES.map((n, index) => {
    return { concurrency: n, opsPerSecond: (1_000 * n * noise(index)) / (1 + alpha * (n - 1) + beta * n * (n - 1)) }
  })
}

describe('the Universal Scalability Law', () => {
  test.each([
    [0.05, 0.0005],
    [0.2, 0.001],
    [0.01, 0.00002],
    [0.5, 0.0002],
  ])('finds the contention %d and the coherency %d that made the points, and the knee', (alpha, beta) => {
    const { law } = fitScalabilityLaw(pointsOf(alpha, beta), new Prng(1))
    expect(law?.single.value).toBeCloseTo(1_000, -1)
    expect((law?.contention.value ?? 0) / alpha).toBeCloseTo(1, 1)
    expect((law?.coherency.value ?? 0) / beta).toBeCloseTo(1, 1)
    // Gunther: N* = √((1 − α) / β)
    expect((law?.knee?.value ?? 0) / Math.sqrt((1 - alpha) / beta)).toBeCloseTo(1, 1)
    expect(law?.rSquared).toBeGreaterThan(0.9999)
  })

  test('linear growth has neither, and no knee', () => {
    const { law } = fitScalabilityLaw(pointsOf(0, 0), new Prng(1))
    expect(law?.contention.value).toBeLessThan(1e-3)
    expect(law?.knee).toBeNull()
    expect(law?.peakPerSecond).toBeNull()
  })

  test('under noise its intervals hold what made the points', () => {
    const prng = new Prng(3)
    let held = 0
    for (let trial = 0; trial < 6; trial++) {
      const points = [1, 2, 3].flatMap(() => pointsOf(0.1, 0.001, () => 1 + 0.08 * (prng.float() - 0.5)))
      const { law } = fitScalabilityLaw(points, prng)
      const knee = Math.sqrt(0.9 / 0.001)
      if (law !== null && law.knee !== null && law.knee.low <= knee && knee <= law.knee.high) held++
    }
    expect(held).toBeGreaterThanOrEqual(4)
  })

  test('is silent on too few points, and says so', () => {
    const few = pointsOf(0.1, 0.001).slice(0, 5)
    expect(fitScalabilityLaw([...few, ...few], new Prng(1))).toEqual({
      law: null,
      refused: 'it takes 6 concurrencies at least, and there are 5',
    })
  })

  test('is silent on points that it does not explain', () => {
    const zigzag = pointsOf(0.1, 0.001, (index) => (index % 2 === 0 ? 1.5 : 0.6))
    const fit = fitScalabilityLaw(zigzag, new Prng(1))
    expect(fit.law).toBeNull()
    expect(fit.refused).toMatch(/^it explains \d+ % of what was seen and misses a point by \d+ %$/)
  })
})
