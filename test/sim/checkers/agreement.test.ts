import { expect, test } from 'vitest'
import { AgreementChecker } from '../../../src/sim/checkers/agreement.ts'

function checker() {
  const violations: string[] = []
  return { checker: new AgreementChecker((violation) => violations.push(violation)), violations }
}

test('replicas that apply the same values in order agree', () => {
  const { checker: agreement, violations } = checker()
  agreement.onApplied('r1', 1, 'a')
  agreement.onApplied('r1', 2, null)
  agreement.onApplied('r2', 1, 'a')
  agreement.onApplied('r2', 2, null)
  agreement.onRestored('r2', 1)
  agreement.onApplied('r2', 2, null)
  expect(violations).toEqual([])
  expect(agreement.values).toEqual(['a', null])
})

test('two values for one slot are reported', () => {
  const { checker: agreement, violations } = checker()
  agreement.onApplied('r1', 1, 'a')
  agreement.onApplied('r2', 1, 'b')
  expect(violations).toEqual(['slot 1 was a, and r2 applied b'])
})

test('a slot that is left out is reported', () => {
  const { checker: agreement, violations } = checker()
  agreement.onApplied('r1', 2, 'a')
  expect(violations).toEqual(['r1 applied slot 2 after slot 0'])
})

test('a command that is in two slots is reported', () => {
  const { checker: agreement, violations } = checker()
  agreement.onApplied('r1', 1, 'a')
  agreement.onApplied('r1', 2, 'a')
  expect(violations).toEqual(['a is in slot 1 and again in slot 2'])
})

test('a state that nobody can have made is reported', () => {
  const { checker: agreement, violations } = checker()
  agreement.onRestored('r1', 3)
  expect(violations).toEqual(['r1 has a state of slot 3, which nobody has applied'])
})
