import { expect, test } from 'vitest'

import { SnapshotPieces } from '../../../src/server/replication/snapshot-pieces.ts'

const CHUNK = Buffer.alloc(10, 'c')

/** Chunks that each take a millisecond to make, on a clock that stands still otherwise. */
function pieces(count: number): { readonly pieces: SnapshotPieces; pass(ms: number): void } {
  let nowMs = 1000
  function* chunks(): Generator<Buffer> {
    for (let index = 0; index < count; index++) {
      nowMs += 1
      yield CHUNK
    }
  }
  return {
    pieces: new SnapshotPieces(chunks(), { nowMs: () => nowMs }),
    pass: (ms) => {
      nowMs += ms
    },
  }
}

test('an idle server makes one chunk a turn', () => {
  const made = pieces(3)
  expect([1, 2, 3, 4].map(() => made.pieces.next()?.length ?? null)).toEqual([10, 10, 10, null])
})

test('a busy one, whose turns are long, makes as many as take about a seventh of its time', () => {
  const made = pieces(100)
  made.pieces.next()
  made.pass(39) // with the chunk's own millisecond the turn took 40
  expect(made.pieces.next()?.length).toBe(60)
})

test('however long a turn was, a piece has an end', () => {
  const made = pieces(100)
  made.pass(1e6)
  expect(made.pieces.next()?.length).toBe(160)
})

test('all chunks come, in their order, whatever the turns are like', () => {
  let nowMs = 0
  const all = Array.from({ length: 50 }, (_, index) => Buffer.from(`${index},`))
  const made = new SnapshotPieces(all.values(), { nowMs: () => (nowMs += (nowMs * 7) % 90) + 1 })
  const got: Buffer[] = []
  for (let piece = made.next(); piece !== null; piece = made.next()) got.push(piece)
  expect(Buffer.concat(got).toString()).toBe(Buffer.concat(all).toString())
})
