import { expect, test } from 'vitest'
import { LinkOrderChecker } from '../../../src/sim/checkers/link-order.ts'

function violationsOf(chosen: readonly (readonly [string, number])[]): string[] {
  const violations: string[] = []
  const order = new LinkOrderChecker((violation) => violations.push(violation))
  chosen.forEach(([link, sequence], index) => order.onChosen(index + 1, link, sequence))
  return violations
}

test('each link may stop anywhere', () => {
  expect(
    violationsOf([
      ['x', 1],
      ['y', 1],
      ['x', 2],
      ['y', 2],
      ['z', 1],
    ]),
  ).toEqual([])
})

test('a second without its first is reported', () => {
  expect(
    violationsOf([
      ['x', 1],
      ['x', 3],
    ]),
  ).toEqual(['slot 2 holds number 3 of x after number 1'])
  expect(violationsOf([['x', 2]])).toEqual(['slot 1 holds number 2 of x after number 0'])
})

test('a repetition is reported', () => {
  expect(
    violationsOf([
      ['x', 1],
      ['x', 1],
    ]),
  ).toEqual(['slot 2 holds number 1 of x after number 1'])
})
