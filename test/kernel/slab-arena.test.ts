import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../src/kernel/bytes.ts'
import { SlabArena } from '../../src/kernel/slab-arena.ts'

test('an idle writer holds nothing, and the room it gave back is the next one’s', () => {
  const arena = new SlabArena()
  const [one, other] = [new ByteWriter(100, arena), new ByteWriter(100, arena)]
  const first = one.int32(1).take()
  one.release()
  const second = other.int32(2).take()
  expect(one.heldBytes).toBe(0)
  expect(second.buffer).toBe(first.buffer)
  expect(second.byteOffset).toBe(first.byteOffset + first.length)
})

test('a writer that nobody else has written behind grows in place', () => {
  const arena = new SlabArena()
  const writer = new ByteWriter(16, arena)
  writer.int32(1)
  const { slab } = arena
  writer.raw(Buffer.alloc(1_000))
  expect(arena.slab).toBe(slab)
  expect(writer.take().buffer).toBe(slab.buffer)
})

test('however many write in whatever order, what each has taken is what it wrote, for ever', () => {
  const steps = fc.array(
    fc.record({
      who: fc.nat(3),
      size: fc.oneof(fc.nat(50), fc.nat(40_000)),
      then: fc.constantFrom('go on', 'take', 'release'),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(steps, (script) => {
      const arena = new SlabArena()
      const writers = Array.from({ length: 4 }, () => ({ out: new ByteWriter(64, arena), written: [] as number[] }))
      const taken: { readonly bytes: Buffer; readonly expected: Buffer }[] = []
      for (const [index, { who, size, then }] of script.entries()) {
        const writer = writers[who]
        if (writer === undefined) continue
        writer.out.raw(Buffer.alloc(size, index + 1))
        for (let count = 0; count < size; count++) writer.written.push(index + 1)
        if (then === 'go on') continue
        taken.push({ bytes: writer.out.take(), expected: Buffer.from(writer.written) })
        writer.written = []
        if (then === 'release') writer.out.release()
      }
      for (const { bytes, expected } of taken) expect(bytes.equals(expected)).toBe(true)
    }),
    { numRuns: 200 },
  )
})
