import { expect, test } from 'vitest'

import {
  readFloat64,
  readInt32,
  readUint16,
  readUint32,
  writeFloat64,
  writeInt32,
  writeUint16,
} from '../../src/kernel/big-endian.ts'

const INTEGERS = [
  {
    kind: 'int32',
    size: 4,
    own: [readInt32, writeInt32],
    theirs: 'writeInt32BE',
    values: [0, 1, -1, 65_536, 0x7fff_ffff, -0x8000_0000, 0x1234_5678],
  },
  {
    kind: 'uint32',
    size: 4,
    own: [readUint32, writeInt32],
    theirs: 'writeUInt32BE',
    values: [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
  },
  {
    kind: 'uint16',
    size: 2,
    own: [readUint16, writeUint16],
    theirs: 'writeUInt16BE',
    values: [0, 1, 255, 256, 65_535],
  },
] as const

test.each(INTEGERS)(
  'a $kind is what Buffer makes of it, and touches nothing beside',
  ({ size, own, theirs, values }) => {
    const [read, write] = own
    for (const value of values) {
      const bytes = Buffer.alloc(size + 5, 0xaa)
      const expected = Buffer.alloc(size + 5, 0xaa)
      write(bytes, 3, value)
      expected[theirs](value, 3)
      expect(bytes).toEqual(expected)
      expect(read(expected, 3)).toBe(value)
    }
  },
)

test.each([0, -0, 1.5, -2.25e-300, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, Infinity])(
  'the double %d is what Buffer makes of it',
  (value) => {
    const bytes = Buffer.alloc(10)
    const expected = Buffer.alloc(10)
    writeFloat64(bytes, 1, value)
    expected.writeDoubleBE(value, 1)
    expect(bytes).toEqual(expected)
    expect(Object.is(readFloat64(expected, 1), value)).toBe(true)
  },
)
