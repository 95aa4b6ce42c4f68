import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'

const draw = (prng: Prng, count: number): number[] => Array.from({ length: count }, () => prng.uint32())

test('the same seed gives the same numbers, another seed others', () => {
  expect(draw(new Prng(7), 20)).toEqual(draw(new Prng(7), 20))
  expect(draw(new Prng(7), 20)).not.toEqual(draw(new Prng(8), 20))
  expect(draw(new Prng(7), 20)).not.toEqual(draw(new Prng(7 + 2 ** 32), 20))
})

test('a fork depends on the seed and its name, not on what was drawn before', () => {
  const fresh = new Prng(7)
  const used = new Prng(7)
  draw(used, 100)
  expect(draw(used.fork('network'), 20)).toEqual(draw(fresh.fork('network'), 20))
  expect(draw(fresh.fork('disk'), 20)).not.toEqual(draw(fresh.fork('network'), 20))
  expect(draw(new Prng(8).fork('disk'), 20)).not.toEqual(draw(new Prng(7).fork('disk'), 20))
})

test('draws are spread evenly', () => {
  const prng = new Prng(1)
  const counts = new Array<number>(10).fill(0)
  for (let index = 0; index < 100_000; index++) {
    const bucket = prng.below(10)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600)
})

test('a float lies in [0, 1), and between includes both ends', () => {
  const prng = new Prng(3)
  const seen = new Set<number>()
  for (let index = 0; index < 1000; index++) {
    const float = prng.float()
    expect(float >= 0 && float < 1).toBe(true)
    seen.add(prng.between(-1, 2))
  }
  expect([...seen].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2])
})

test('a shuffle keeps what it shuffles', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8]
  const shuffled = new Prng(5).shuffle([...items])
  expect(shuffled).not.toEqual(items)
  expect(shuffled.sort((a, b) => a - b)).toEqual(items)
})
