import fc from 'fast-check'
import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { SnapshotStore } from '../../src/storage/snapshot-store.ts'
import type { SnapshotWriter } from '../../src/storage/snapshot-writer.ts'
import { FaultDisk, PowerLoss } from './fault-disk.ts'

const FOLDER = '/data/zktune-1'

let disk = new FaultDisk()

beforeEach(() => {
  disk = new FaultDisk()
})

/** Writes one snapshot, a step of the disk for each call. @returns true when it was reported as finished */
function write(store: SnapshotStore, slot: number, chunks: readonly Buffer[]): boolean {
  const writer = store.begin(slot)
  for (const chunk of chunks) put(writer, chunk)
  let isDone = false
  writer.finish((error) => {
    if (error !== null) throw error
    isDone = true
  })
  expect(isDone).toBe(false)
  disk.settle()
  return isDone
}

function put(writer: SnapshotWriter, chunk: Buffer): void {
  let isReady = false
  writer.write(chunk, (error) => {
    expect(error).toBeNull()
    isReady = true
  })
  expect(isReady).toBe(false)
  disk.settle()
  expect(isReady).toBe(true)
}

function chunksOf(text: string): Buffer[] {
  return text.split(',').map((part) => Buffer.from(part))
}

function textOf(store: SnapshotStore): string | null {
  const snapshot = store.newest()
  return snapshot === null
    ? null
    : `${snapshot.slot}:${[...snapshot.chunks].map((chunk) => chunk.toString()).join(',')}`
}

test('chunks come back as they were written, and can be read more than once', () => {
  const store = new SnapshotStore(disk, FOLDER)
  expect(store.newest()).toBeNull()
  expect(write(store, 2 ** 40, chunksOf('one,,three'))).toBe(true)
  expect(textOf(store)).toBe(`${2 ** 40}:one,,three`)
  expect(textOf(store)).toBe(`${2 ** 40}:one,,three`)
  expect(disk.list(FOLDER)).toEqual(['snapshot.10000000000'])
})

test('a finished snapshot survives a power loss, one under way never counts', () => {
  const store = new SnapshotStore(disk, FOLDER)
  write(store, 5, chunksOf('old'))
  const writer = store.begin(9)
  put(writer, Buffer.from('new'))
  for (let seed = 0; seed < 20; seed++) {
    disk.losePower(new Prng(seed))
    const again = new SnapshotStore(disk, FOLDER)
    expect(textOf(again)).toBe('5:old')
    expect(disk.list(FOLDER)).toEqual(['snapshot.5'])
  }
})

test('wherever the power fails, the newest is the old or the new one, and the new one once it was reported', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.nat(300), { maxLength: 5 }),
      (seed, calls, lengths) => {
        disk = new FaultDisk()
        write(new SnapshotStore(disk, FOLDER), 5, chunksOf('old'))
        const chunks = lengths.map((length) => Buffer.alloc(length, 'x'))
        disk.failPowerAfter(calls)
        let isDone = false
        try {
          isDone = write(new SnapshotStore(disk, FOLDER), 9, chunks)
        } catch (error) {
          if (!(error instanceof PowerLoss)) throw error
        }
        disk.losePower(new Prng(seed))
        const store = new SnapshotStore(disk, FOLDER)
        const newest = store.newest()
        expect(store.damaged).toEqual([])
        if (isDone) expect(newest?.slot).toBe(9)
        if (newest?.slot === 9) expect([...newest.chunks]).toEqual(chunks)
        else expect(textOf(store)).toBe('5:old')
      },
    ),
    { numRuns: 500 },
  )
})

test('a snapshot with any one bit flipped, or cut anywhere, is passed over for the one before, and named', () => {
  const store = new SnapshotStore(disk, FOLDER)
  write(store, 5, chunksOf('old'))
  write(store, 9, chunksOf('a new one,in two'))
  const path = `${FOLDER}/snapshot.9`
  const whole = disk.read(path)
  for (let at = 0; at < whole.length; at++) {
    disk.damage(path, (bytes) => {
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      return bytes
    })
    const again = new SnapshotStore(disk, FOLDER)
    expect(textOf(again)).toBe('5:old')
    expect(again.damaged).toMatchObject([{ path, slot: 9 }])
    expect(again.damaged[0]?.reason).toContain(`${path}, byte`)
    disk.damage(path, () => whole.subarray(0, at))
    expect(textOf(new SnapshotStore(disk, FOLDER))).toBe('5:old')
    disk.damage(path, () => whole)
  }
  disk.damage(path, (bytes) => Buffer.concat([bytes, Buffer.from('x')]))
  expect(textOf(new SnapshotStore(disk, FOLDER))).toBe('5:old')
})

test('a snapshot under the name of another slot is damaged', () => {
  const store = new SnapshotStore(disk, FOLDER)
  write(store, 5, chunksOf('five'))
  disk.rename(`${FOLDER}/snapshot.5`, `${FOLDER}/snapshot.6`)
  expect(store.newest()).toBeNull()
  expect(store.damaged[0]?.reason).toContain('it is of slot 5')
})

test('damage that appears after the check stops the reading', () => {
  const store = new SnapshotStore(disk, FOLDER)
  write(store, 5, chunksOf('first,second'))
  const snapshot = store.newest()
  disk.damage(`${FOLDER}/snapshot.5`, (bytes) => {
    bytes[45] = 0xff
    return bytes
  })
  const seen: string[] = []
  expect(() => {
    for (const chunk of snapshot?.chunks ?? []) seen.push(chunk.toString())
  }).toThrow(expect.objectContaining({ code: 'DamagedFile' }))
  expect(seen).toEqual(['first'])
})

test('a purge keeps the newest whole ones, and does not count the damaged', () => {
  const store = new SnapshotStore(disk, FOLDER)
  for (const slot of [1, 2, 3, 16]) write(store, slot, chunksOf(`at ${slot}`))
  disk.damage(`${FOLDER}/snapshot.10`, (bytes) => bytes.subarray(1))
  expect(textOf(store)).toBe('3:at 3')
  store.purge(2)
  expect(store.slots()).toEqual([16, 3, 2])
  disk.losePower(new Prng(1))
  expect(new SnapshotStore(disk, FOLDER).slots()).toEqual([16, 3, 2])
  write(store, 16, chunksOf('written again'))
  expect(store.damaged).toEqual([])
  store.purge(1)
  expect(store.slots()).toEqual([16])
})

test('a failed write is told, leaves no file, and the snapshots before it stay', () => {
  const store = new SnapshotStore(disk, FOLDER)
  write(store, 5, chunksOf('old'))
  const writer = store.begin(9)
  const errors: (Error | null)[] = []
  writer.write(Buffer.from('chunk'), (error) => errors.push(error))
  disk.failNext = true
  disk.settle()
  expect(errors).toMatchObject([{ code: 'DiskFailed' }])
  writer.abort()
  expect(disk.list(FOLDER)).toEqual(['snapshot.5'])
})

test('abort removes the file, at once or when the write under way has ended, and calls nobody back', () => {
  const store = new SnapshotStore(disk, FOLDER)
  const idle = store.begin(1)
  put(idle, Buffer.from('x'))
  idle.abort()
  idle.abort()
  expect(disk.list(FOLDER)).toEqual([])
  const busy = store.begin(2)
  const called: unknown[] = []
  busy.write(Buffer.from('x'), (error) => called.push(error))
  busy.abort()
  disk.settle()
  expect(disk.list(FOLDER)).toEqual([])
  expect(called).toEqual([])
})

test('two snapshots of one slot can be under way: the one finished last stays', () => {
  const store = new SnapshotStore(disk, FOLDER)
  const own = store.begin(7)
  put(own, Buffer.from('own'))
  write(store, 7, chunksOf('installed'))
  own.finish(() => undefined)
  disk.settle()
  expect(textOf(store)).toBe('7:own')
  expect(disk.list(FOLDER)).toEqual(['snapshot.7'])
})

test('a second chunk before the first is written breaks the contract', () => {
  const writer = new SnapshotStore(disk, FOLDER).begin(1)
  writer.write(Buffer.from('x'), () => undefined)
  expect(() => writer.write(Buffer.from('y'), () => undefined)).toThrow('one chunk at a time')
})

describe('compressed by gzip', () => {
  const chunks = [Buffer.alloc(70_000, 'many bytes of one kind '), Buffer.alloc(0), Buffer.from('the last')]

  test('chunks come back as they were written, also with a store that writes plain ones', () => {
    write(new SnapshotStore(disk, FOLDER, 'gzip'), 0x1f, chunks)
    expect(disk.list(FOLDER)).toEqual(['snapshot.1f.gz'])
    for (const compression of ['none', 'gzip'] as const) {
      const newest = new SnapshotStore(disk, FOLDER, compression).newest()
      expect(newest?.slot).toBe(0x1f)
      expect(Buffer.concat([...(newest?.chunks ?? [])]).equals(Buffer.concat(chunks))).toBe(true)
      expect([...(newest?.chunks ?? [])].map(({ length }) => length)).toEqual(chunks.map(({ length }) => length))
    }
  })

  test('gunzip gives the plain file', () => {
    write(new SnapshotStore(disk, FOLDER), 7, chunks)
    write(new SnapshotStore(disk, '/other', 'gzip'), 7, chunks)
    const compressed = disk.read('/other/snapshot.7.gz')
    expect(compressed.length).toBeLessThan(3_000)
    expect(gunzipSync(compressed).equals(disk.read(`${FOLDER}/snapshot.7`))).toBe(true)
  })

  test('a byte that is missing or too many is noticed, and one that is wrong never changes what is read', () => {
    const store = new SnapshotStore(disk, FOLDER, 'gzip')
    write(store, 3, chunksOf('older'))
    write(store, 5, chunksOf('newer,one'))
    const path = `${FOLDER}/snapshot.5.gz`
    const whole = disk.read(path)
    const replace = (bytes: Buffer): void => {
      disk.remove(path)
      disk.open(path).writeAndSyncNow(bytes, 0)
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const hurt = Buffer.from(whole)
        hurt[at] = (hurt[at] ?? 0) ^ flip
        for (const bytes of [whole.subarray(0, at), Buffer.concat([whole, Buffer.from([flip])])]) {
          replace(bytes)
          expect(textOf(new SnapshotStore(disk, FOLDER, 'gzip'))).toBe('3:older')
        }
        replace(hurt)
        // Some bytes of gzip's headers say nothing of the content: a time, a kind of system.
        expect(['3:older', '5:newer,one']).toContain(textOf(new SnapshotStore(disk, FOLDER, 'gzip')))
      }),
    )
    replace(whole)
    expect(textOf(store)).toBe('5:newer,one')
  })
})
