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
  const writer = new ByteWriter(16, new SlabArena())
  const before = writer.int32(1).take()
  writer.raw(Buffer.alloc(1_000))
  expect(writer.take().buffer).toBe(before.buffer)
})

test('what was read by whom it was for is written again, by whoever is next', () => {
  const arena = new SlabArena()
  const buffers = new Set<ArrayBufferLike>()
  const countsByTurn: number[] = []
  for (let turn = 0; turn < 100; turn++) {
    const writers = Array.from({ length: 16 }, () => new ByteWriter(1_024, arena))
    for (const writer of writers) {
      for (let reply = 0; reply < 10; reply++) writer.raw(Buffer.alloc(1_000, turn))
      buffers.add(writer.take().buffer)
    }
    for (const writer of writers) writer.recycle()
    countsByTurn.push(buffers.size)
  }
  expect(countsByTurn.at(-1)).toBe(countsByTurn[0])
})

test('however many write in whatever order, what each has taken stays what it wrote until it recycles', () => {
  const steps = fc.array(
    fc.record({
      who: fc.nat(3),
      size: fc.oneof(fc.nat(50), fc.nat(40_000)),
      then: fc.constantFrom('go on', 'take', 'release', 'recycle'),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(steps, (script) => {
      const arena = new SlabArena()
      const writers = Array.from({ length: 4 }, () => ({
        out: new ByteWriter(64, arena),
        written: [] as number[],
        /** Taken since the last time that the writer had no room. */
        taken: [] as { readonly bytes: Buffer; readonly expected: Buffer }[],
      }))
      const forEver: { readonly bytes: Buffer; readonly expected: Buffer }[] = []
      for (const [index, { who, size, then }] of script.entries()) {
        const writer = writers[who]
        if (writer === undefined) continue
        writer.out.raw(Buffer.alloc(size, index + 1))
        for (let count = 0; count < size; count++) writer.written.push(index + 1)
        if (then === 'go on') continue
        writer.taken.push({ bytes: writer.out.take(), expected: Buffer.from(writer.written) })
        writer.written = []
        if (then === 'take') continue
        for (const { bytes, expected } of writer.taken) expect(bytes.equals(expected)).toBe(true)
        if (then === 'release') forEver.push(...writer.taken)
        writer.taken = []
        if (then === 'release') writer.out.release()
        else writer.out.recycle()
      }
      for (const { bytes, expected } of forEver) expect(bytes.equals(expected)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
