import { expect, test } from 'vitest'

import { SnapshotPieces } from '../../../src/server/replication/snapshot-pieces.ts'

const CHUNK = Buffer.alloc(10, 'c')

/** Chunks that take so long to make, on a clock that stands still otherwise. */
function pieces(chunkMs: number, count = 1_000_000, chunk = CHUNK) {
  let nowMs = 1000
  function* chunks(): Generator<Buffer> {
    for (let index = 0; index < count; index++) {
      nowMs += chunkMs
      yield chunk
    }
  }
  const made = new SnapshotPieces(chunks(), { nowMs: () => nowMs })
  return {
    made,
    pass: (ms: number) => {
      nowMs += ms
    },
    /** One turn. @returns how long the slice took, in milliseconds */
    makeSome: () => {
      const beganMs = nowMs
      made.makeSome()
      return nowMs - beganMs
    },
  }
}

test('an idle server makes one chunk a turn', () => {
  const { made, makeSome } = pieces(0.2, 3)
  makeSome()
  expect(made.take()?.length).toBe(10)
  makeSome()
  makeSome()
  expect(made.isAtEnd).toBe(false)
  makeSome()
  expect(made.isAtEnd).toBe(true)
  expect(made.take()?.length).toBe(20)
  expect(made.take()).toBeNull()
})

test.each([0.3, 2, 40])('a busy one, with turns of %d ms, gives it no more than its share of the time', (turnMs) => {
  const { makeSome, pass } = pieces(0.2)
  let allMs = 0
  let spentMs = 0
  for (let turn = 0; turn < 2_000; turn++) {
    pass(turnMs)
    const sliceMs = makeSome()
    allMs += turnMs + sliceMs
    spentMs += sliceMs
  }
  expect(spentMs / allMs).toBeLessThan(0.16)
  expect(spentMs / allMs).toBeGreaterThan(turnMs > 10 ? 0.02 : 0.14)
})

test('however long the turns are, nobody waits for much more than a millisecond', () => {
  const { makeSome, pass } = pieces(0.2)
  for (const turnMs of [5, 100, 10_000]) {
    pass(turnMs)
    expect(makeSome()).toBeLessThan(1.3)
  }
})

test('what is made ahead of the disk has an end', () => {
  const { made, makeSome } = pieces(0.01, 1_000_000, Buffer.alloc(400_000))
  while (!made.isFull) makeSome()
  expect(made.take()?.length).toBe(1_200_000)
  expect(made.isFull).toBe(false)
})

test('all chunks come, in their order, whatever the turns are like', () => {
  let nowMs = 0
  const all = Array.from({ length: 50 }, (_, index) => Buffer.from(`${index},`))
  const made = new SnapshotPieces(all.values(), { nowMs: () => (nowMs += (nowMs * 7) % 90) + 1 })
  const got: Buffer[] = []
  for (let turn = 0; !made.isAtEnd && turn < 10_000; turn++) {
    made.makeSome()
    got.push(made.take() ?? Buffer.alloc(0))
  }
  expect(Buffer.concat(got).toString()).toBe(Buffer.concat(all).toString())
})
