import { expect, test } from 'vitest'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { FaultyInput, gather, throwFaults } from '../../src/kernel/faults.ts'
import type { Fault } from '../../src/kernel/faults.ts'

const first: Fault = { code: 'BadConfigValue', where: 'zoo.cfg:3', what: 'a is wrong', mend: 'Mend a.' }
const second: Fault = { code: 'UnknownName', where: 'zoo.cfg:7', what: 'b is wrong', mend: 'Mend b.' }

test('an error of several faults has a line for each and the fields of the first', () => {
  const error = new FaultyInput([first, second])
  expect(error).toMatchObject({ code: 'BadConfigValue', where: 'zoo.cfg:3', faults: [first, second] })
  expect(error).toBeInstanceOf(ZktuneError)
  expect(error.message).toBe('zoo.cfg:3: a is wrong. Mend a.\nzoo.cfg:7: b is wrong. Mend b.')
})

test('without a fault nothing is thrown', () => {
  expect(() => throwFaults([])).not.toThrow()
  expect(() => throwFaults([first])).toThrow(FaultyInput)
})

test('gathering keeps the faults of each failed step and the results of the others', () => {
  const faults: Fault[] = []
  expect(gather(faults, () => 5)).toBe(5)
  expect(
    gather(faults, () => {
      throw new FaultyInput([first, second])
    }),
  ).toBeNull()
  expect(
    gather(faults, () => {
      throw new ZktuneError('UnknownName', second)
    }),
  ).toBeNull()
  expect(faults.map(({ where }) => where)).toEqual(['zoo.cfg:3', 'zoo.cfg:7', 'zoo.cfg:7'])
})

test('an error that is no fault of the input passes through', () => {
  const step = (): never => {
    throw new RangeError('a bug')
  }
  expect(() => gather([], step)).toThrow(RangeError)
})
