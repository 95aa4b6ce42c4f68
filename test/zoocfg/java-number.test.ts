import { expect, test } from 'vitest'
import { javaDecodedInt, javaInt, javaLong, javaSwitch } from '../../src/zoocfg/java-number.ts'

test.each([
  ['2000', 2000],
  ['+5', 5],
  ['-1', -1],
  ['007', 7],
  ['2147483647', 2147483647],
  ['2147483648', null],
  ['-2147483648', -2147483648],
  ['', null],
  ['2s', null],
  ['10k', null],
  ['2000 ', null],
  ['0x10', null],
  ['1e3', null],
])('parseInt(%j) is %j', (text, value) => {
  expect(javaInt(text)).toBe(value)
})

test('a long reaches beyond 32 bits', () => {
  expect(javaLong('4294967296')).toBe(4_294_967_296)
  expect(javaLong('64M')).toBeNull()
})

test.each([
  ['1048575', 1048575],
  ['0xfffff', 1048575],
  ['#ff', 255],
  ['010', 8],
  ['-0x10', -16],
  ['0', 0],
  ['08', null],
  ['4MB', null],
])('decode(%j) is %j', (text, value) => {
  expect(javaDecodedInt(text)).toBe(value)
})

test('a switch is true or false in any case and nothing else', () => {
  expect(['TRUE', 'false', 'yes', ''].map(javaSwitch)).toEqual([true, false, null, null])
})
