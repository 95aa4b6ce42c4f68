import fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytesOf, keepBytes } from '../../src/kernel/byte-string.ts'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'

const SIZES = fc.oneof(fc.constantFrom(0, 1, 4095, 4096, 4097, 20_000), fc.nat(300))

function someBytes(size: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (seed + index * 31) & 0xff))
}

test('kept bytes come back as they were, whatever their values and length', () => {
  fc.assert(
    fc.property(SIZES, fc.nat(255), (size, seed) => {
      const bytes = someBytes(size, seed)
      const kept = keepBytes(bytes)
      expect(kept).toHaveLength(size)
      expect(bytesOf(kept).equals(bytes)).toBe(true)
    }),
  )
})

test('they are written like any others', () => {
  fc.assert(
    fc.property(SIZES, fc.nat(255), (size, seed) => {
      const bytes = someBytes(size, seed)
      const written = new ByteWriter(64).buffer(keepBytes(bytes)).int32(7).take()
      const from = new ByteReader(written)
      expect(from.buffer('kept')?.equals(bytes)).toBe(true)
      expect(from.int32('behind')).toBe(7)
    }),
  )
})

test.each([10, 10_000])('what they were made from may change afterwards (%i bytes)', (size) => {
  const bytes = someBytes(size, 1)
  const kept = keepBytes(bytes)
  const before = Buffer.from(bytesOf(kept))
  bytes.fill(0)
  expect(bytesOf(kept).equals(before)).toBe(true)
})

test('a view of longer memory is kept without the rest of it', () => {
  const view = new Uint8Array(Buffer.alloc(100_000, 5).buffer, 50_000, 10_000)
  const kept = keepBytes(view)
  expect(typeof kept === 'string' ? 0 : kept.buffer.byteLength).toBe(10_000)
})
