import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FRAME_SIZE_MAX_DEFAULT } from '../../src/protocol/frame.ts'
import { FrameReader, type FrameOutcome, type FrameSink } from '../../src/protocol/frame-reader.ts'
import { lend } from '../../src/sim/lend.ts'

class Collector implements FrameSink {
  readonly frames: Buffer[] = []
  /** Where they lay. */
  readonly memories: ArrayBufferLike[] = []
  stopAfter = Infinity

  onFrame(bytes: Buffer, start: number, end: number): boolean {
    this.frames.push(Buffer.from(bytes.subarray(start, end)))
    this.memories.push(bytes.buffer)
    return this.frames.length < this.stopAfter
  }

  get texts(): string[] {
    return this.frames.map((frame) => frame.toString('latin1'))
  }
}

function push(reader: FrameReader, chunk: Uint8Array): FrameOutcome {
  return lend(chunk, (lent) => reader.push(lent))
}

function frame(payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload as string)
  const header = Buffer.alloc(4)
  header.writeInt32BE(bytes.length)
  return Buffer.concat([header, bytes])
}

function claim(length: number): Buffer {
  const header = Buffer.alloc(4)
  header.writeInt32BE(length)
  return header
}

function cut(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [...new Set(cuts.map((at) => at % (stream.length + 1)))].sort((a, b) => a - b)
  return [0, ...borders].map((start, index) => stream.subarray(start, borders[index] ?? stream.length))
}

const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })
const cuts = fc.array(fc.nat(1_000), { maxLength: 30 })

test('any cutting of a stream into chunks gives the same frames', () => {
  fc.assert(
    fc.property(payloads, cuts, fc.constantFrom(0, 25, 1_000), (sent, borders, keptRoomBytes) => {
      const sink = new Collector()
      const reader = new FrameReader(40, sink, null, keptRoomBytes)
      for (const chunk of cut(Buffer.concat(sent.map(frame)), borders)) expect(push(reader, chunk)).toBe('hungry')
      expect(sink.frames.map((got) => [...got])).toEqual(sent.map((payload) => [...payload]))
      expect(reader.heldBytes).toBe(0)
    }),
  )
})

test('a sink that stops and resumes at any frame gets the same frames', () => {
  fc.assert(
    fc.property(payloads, cuts, fc.integer({ min: 1, max: 5 }), (sent, borders, step) => {
      const sink = new Collector()
      sink.stopAfter = step
      const reader = new FrameReader(40, sink)
      for (const chunk of cut(Buffer.concat(sent.map(frame)), borders)) push(reader, chunk)
      expect(sink.frames.length).toBe(Math.min(step, sent.length))
      while (sink.frames.length < sent.length) {
        sink.stopAfter = sink.frames.length + step
        reader.resume()
      }
      expect(reader.resume()).toBe('hungry')
      expect(sink.frames.map((got) => [...got])).toEqual(sent.map((payload) => [...payload]))
      expect(reader.heldBytes).toBe(0)
    }),
  )
})

test('any bytes at all give frames or a bad length, and never a throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 }), (chunks) => {
      const reader = new FrameReader(1_000, new Collector())
      for (const chunk of chunks) expect(['hungry', 'badLength']).toContain(push(reader, Buffer.from(chunk)))
    }),
  )
})

test('frames within one chunk are not copied', () => {
  const sink = new Collector()
  const chunk = Buffer.concat([frame('one'), frame(''), frame('three')])
  new FrameReader(100, sink).push(chunk)
  expect(sink.texts).toEqual(['one', '', 'three'])
  expect(sink.memories.every((memory) => memory === chunk.buffer)).toBe(true)
})

test('a length of exactly the limit passes, one more is bad', () => {
  const sink = new Collector()
  const reader = new FrameReader(FRAME_SIZE_MAX_DEFAULT, sink)
  expect(push(reader, frame(Buffer.alloc(0xfffff)))).toBe('hungry')
  expect(sink.frames[0]?.length).toBe(1_048_575)
  expect(push(reader, claim(0x100000))).toBe('badLength')
  expect(reader.badLength).toBe(0x100000)
})

test('a negative length is bad, also when it comes byte by byte, and the frames before it are kept', () => {
  const sink = new Collector()
  const reader = new FrameReader(100, sink)
  const outcomes = [...Buffer.concat([frame('ok'), claim(-1)])].map((byte) => push(reader, Buffer.of(byte)))
  expect(outcomes.at(-1)).toBe('badLength')
  expect(outcomes.slice(0, -1).every((outcome) => outcome === 'hungry')).toBe(true)
  expect(sink.texts).toEqual(['ok'])
  expect(reader.badLength).toBe(-1)
})

test('nothing is read after a bad length', () => {
  const sink = new Collector()
  const reader = new FrameReader(100, sink)
  expect(push(reader, Buffer.from('ruok'))).toBe('badLength')
  expect(reader.badLength).toBe(0x72756f6b)
  expect(push(reader, frame('late'))).toBe('badLength')
  expect(reader.resume()).toBe('badLength')
  expect(sink.frames).toEqual([])
  expect(reader.heldBytes).toBe(0)
})

test('a claimed length allocates nothing before the bytes are there', () => {
  const before = process.memoryUsage().arrayBuffers
  const readers = Array.from({ length: 1_000 }, () => new FrameReader(2 ** 30, new Collector()))
  for (const reader of readers) {
    push(reader, claim(2 ** 30))
    push(reader, Buffer.from('x'))
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  expect(readers.every((reader) => reader.heldBytes === 5)).toBe(true)
})

test('what waits behind a stopped sink is counted', () => {
  const sink = new Collector()
  sink.stopAfter = 1
  const reader = new FrameReader(100, sink)
  expect(push(reader, Buffer.concat([frame('a'), frame('b')]))).toBe('stopped')
  expect(push(reader, frame('cd'))).toBe('stopped')
  expect(reader.heldBytes).toBe(5 + 6)
})
