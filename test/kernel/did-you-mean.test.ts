import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closestName, didYouMean, editDistance } from '../../src/kernel/did-you-mean.ts'

const names = ['tickTime', 'initLimit', 'syncLimit', 'dataDir', 'dataLogDir', 'snapCount']

test.each([
  ['ticktime', 'tickTime'],
  ['tikcTime', 'tickTime'],
  ['tickTim', 'tickTime'],
  ['dataLogdir', 'dataLogDir'],
  ['synclimits', 'syncLimit'],
  ['snapshotCount', 'snapCount'],
])('%s was meant to be %s', (name, meant) => {
  expect(closestName(name, names)).toBe(meant)
})

test.each(['xyz', 'maxClientCnxns', 'a'])('for %s there is no good guess', (name) => {
  expect(closestName(name, names)).toBeNull()
  expect(didYouMean(name, names)).toBe('')
})

test('the guess is a sentence to put behind another', () => {
  expect(didYouMean('tickTme', names)).toBe(' Did you mean "tickTime"?')
})

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['ca', 'abc', 3],
])('from %j to %j takes %d edits', (from, to, edits) => {
  expect(editDistance(from, to)).toBe(edits)
})

test('the distance is symmetric, and zero only between equals', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
      expect(editDistance(one, other)).toBe(editDistance(other, one))
      expect(editDistance(one, other) === 0).toBe(one === other)
    }),
  )
})
