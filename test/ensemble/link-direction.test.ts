import { describe, expect, test } from 'vitest'
import { retransmissionMs } from '../../src/ensemble/link-direction.ts'
import { Prng } from '../../src/kernel/prng.ts'

const LINK = { delayMs: 30, lossPercent: 1 }

function waits(sizeBytes: number, count: number, link = LINK): readonly number[] {
  const prng = new Prng(11)
  return Array.from({ length: count }, () => retransmissionMs(sizeBytes, link, prng))
}

describe('what a loss costs', () => {
  test('is nothing without losses', () => {
    expect(new Set(waits(100, 1_000, { delayMs: 30, lossPercent: 0 }))).toEqual(new Set([0]))
  })

  test('is the timeout of TCP, a round trip and 200 ms, for a lone packet; twice that more if it is lost again', () => {
    const found = waits(100, 100_000)
    expect(found.filter((waitMs) => waitMs > 0).length / found.length).toBeCloseTo(0.01, 2)
    expect([...new Set(found)].sort((a, b) => a - b).slice(0, 3)).toEqual([0, 260, 780])
  })

  test('is a round trip where enough follows to be acknowledged', () => {
    const found = waits(10 * 1_448, 10_000)
    expect([...new Set(found)].sort((a, b) => a - b).slice(0, 3)).toEqual([0, 60, 580])
    // 1 - 0.99^10: each of ten packets may be the one.
    expect(found.filter((waitMs) => waitMs > 0).length / found.length).toBeCloseTo(0.096, 1)
  })

  test('is the same again for the same seed', () => {
    expect(waits(5_000, 500)).toEqual(waits(5_000, 500))
  })
})
