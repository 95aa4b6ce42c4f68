import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { Prng } from '../../src/kernel/prng.ts'
import type { LogRecord, RecoveryReport } from '../../src/storage/log-recovery.ts'
import { HEADER_SIZE, recordSize, writeHeader } from '../../src/storage/log-record.ts'
import { openLog, type WriteAheadLog } from '../../src/storage/write-ahead-log.ts'
import { FaultDisk, PowerLoss } from './fault-disk.ts'

const FOLDER = '/data/zktune-1'
const SALT = 0x5eed5a17

interface Opened {
  log: WriteAheadLog
  records: LogRecord[]
  report: RecoveryReport
}

function open(disk: FaultDisk, salt = SALT): Opened {
  return openLog(disk, {
    folder: FOLDER,
    preallocBytes: 1024,
    salt,
    clock: { nowMs: () => 0, afterTurn: () => undefined, setTimer: () => ({ cancel: () => undefined }) },
    onFailure: (error) => {
      if (!(error instanceof PowerLoss)) throw error
    },
  })
}

function refusalOf(disk: FaultDisk): ZktuneError {
  try {
    open(disk)
  } catch (error) {
    if (error instanceof ZktuneError) return error
    throw error
  }
  throw new Error('the log was opened')
}

function commit(disk: FaultDisk, log: WriteAheadLog, marks: readonly number[], needsSync = true): void {
  for (const mark of marks) log.append(1, mark, Buffer.from(`record ${mark}`))
  log.commit(() => undefined, needsSync)
  disk.settle()
}

function marksOf(records: readonly LogRecord[]): number[] {
  return records.map((record) => record.mark)
}

/** One file, groups of one record each, and where each group ends. */
function groupsOfOne(count: number): { disk: FaultDisk; path: string; ends: number[] } {
  const disk = new FaultDisk()
  const { log } = open(disk)
  const ends: number[] = []
  for (let mark = 1; mark <= count; mark++) {
    commit(disk, log, [mark])
    ends.push(log.byteCount)
  }
  return { disk, path: `${FOLDER}/${disk.list(FOLDER)[0]}`, ends }
}

const zeroed = (from: number, to: number) => (bytes: Buffer) => bytes.fill(0, from, Math.min(to, bytes.length))
const flipped = (at: number, bit: number) => (bytes: Buffer) => {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes
}

describe('damage', () => {
  test('in the record of a group with a later one is refused: file, offset, slots and the way back are named', () => {
    const { disk, path, ends } = groupsOfOne(3)
    const at = ends[0] ?? 0
    disk.damage(path, flipped(at + HEADER_SIZE, 3))
    const error = refusalOf(disk)
    expect(error.code).toBe('DamagedFile')
    expect(error.where).toBe(`${path}, byte ${at}`)
    expect(error.what).toContain('after slot 1')
    expect(error.what).toContain(`group 3 (slot 3) at byte ${ends[1]}`)
    expect(error.mend).toContain('leader')
    expect(error.mend).not.toMatch(/delete|remove/i)
  })

  test('of the first header of a group, with only its own records behind it, is a torn tail', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    commit(disk, log, [1])
    const at = log.byteCount
    commit(disk, log, [2, 3, 4])
    const path = `${FOLDER}/${disk.list(FOLDER)[0]}`
    disk.damage(path, zeroed(at, at + HEADER_SIZE))
    const { records, report } = open(disk)
    expect(marksOf(records)).toEqual([1])
    expect(report.cut).toEqual({ path, offset: at, group: 2, lastMark: 1 })
  })

  test('of the first header of a group, with a later group behind it, is refused', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    commit(disk, log, [1])
    const at = log.byteCount
    commit(disk, log, [2, 3])
    commit(disk, log, [4])
    disk.damage(`${FOLDER}/${disk.list(FOLDER)[0]}`, zeroed(at, at + HEADER_SIZE))
    expect(refusalOf(disk).where).toContain(`byte ${at}`)
  })

  test('in the middle of the last group keeps what is before it and cuts the valid records behind it', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    commit(disk, log, [1])
    const at = log.byteCount + recordSize('record 2'.length)
    commit(disk, log, [2, 3, 4])
    disk.damage(`${FOLDER}/${disk.list(FOLDER)[0]}`, flipped(at + HEADER_SIZE, 0))
    expect(marksOf(open(disk).records)).toEqual([1, 2])
    const again = open(disk)
    expect(again.report.cut).toBeNull()
    commit(disk, again.log, [3])
    commit(disk, again.log, [4])
    expect(marksOf(open(disk).records)).toEqual([1, 2, 3, 4])
  })

  test('of a block that reads as zeros in the middle is refused, not taken for the end', () => {
    const { disk, path, ends } = groupsOfOne(4)
    disk.damage(path, zeroed(ends[0] ?? 0, ends[1] ?? 0))
    expect(refusalOf(disk).where).toContain(`byte ${ends[0]}`)
  })

  test('that makes a segment end early is seen from the next segment', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    commit(disk, log, [1])
    const at = log.byteCount
    commit(disk, log, [2])
    log.roll([])
    commit(disk, log, [3])
    const [first] = disk.list(FOLDER)
    for (const change of [
      zeroed(at, at + 1000),
      (bytes: Buffer) => bytes.subarray(0, at),
      flipped(at + HEADER_SIZE, 1),
    ]) {
      const copy = disk.read(`${FOLDER}/${first}`)
      disk.damage(`${FOLDER}/${first}`, change)
      expect(refusalOf(disk).where).toBe(`${FOLDER}/${first}, byte ${at}`)
      disk.damage(`${FOLDER}/${first}`, () => copy)
    }
    expect(marksOf(open(disk).records)).toEqual([1, 2, 3])
  })

  test('of the head of a segment in the middle names that segment', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    for (const mark of [1, 2, 3]) {
      log.roll([])
      commit(disk, log, [mark])
    }
    const names = disk.list(FOLDER)
    for (const name of names.slice(0, 2)) {
      disk.damage(`${FOLDER}/${name}`, flipped(5, 2))
      expect(refusalOf(disk).where).toBe(`${FOLDER}/${name}, byte 0`)
      disk.damage(`${FOLDER}/${name}`, flipped(5, 2))
    }
  })

  test('that hits the only segment after a purge is refused even in its first group', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    commit(disk, log, [1])
    log.roll([{ type: 7, mark: 0, payload: Buffer.from('promise') }])
    commit(disk, log, [2])
    log.purge(1)
    const [name] = disk.list(FOLDER)
    for (const at of [0, HEADER_SIZE, recordSize(24) + 3]) {
      disk.damage(`${FOLDER}/${name}`, flipped(at, 2))
      expect(refusalOf(disk).what).toContain('purge')
      disk.damage(`${FOLDER}/${name}`, flipped(at, 2))
    }
    expect(marksOf(open(disk).records)).toEqual([0, 2])
  })

  test('a segment that is missing or there twice is named', () => {
    const disk = new FaultDisk()
    const { log } = open(disk)
    for (const mark of [1, 2, 3]) {
      log.roll([])
      commit(disk, log, [mark])
    }
    disk.rename(`${FOLDER}/log.2-2-5eed5a17`, '/elsewhere/log')
    expect(refusalOf(disk)).toMatchObject({ code: 'DamagedFile', where: FOLDER })
    expect(refusalOf(disk).what).toContain('log.3-3-5eed5a17')
    disk.rename('/elsewhere/log', `${FOLDER}/log.2-1-5eed5a17`)
    expect(refusalOf(disk).what).toContain('one number')
  })

  test('any one flipped bit is refused, or cut and reported, or lies where nothing is', () => {
    const script = fc.record({
      groups: fc.array(fc.array(fc.nat(60), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
      rollBefore: fc.nat(5),
      at: fc.nat(),
      bit: fc.nat(7),
    })
    fc.assert(
      fc.property(script, ({ groups, rollBefore, at, bit }) => {
        const disk = new FaultDisk()
        const { log } = open(disk)
        let mark = 0
        let lastGroupSize = 0
        groups.forEach((lengths, index) => {
          if (index > 0 && index === rollBefore) log.roll([{ type: 9, mark: 0, payload: Buffer.from('promise') }])
          for (const length of lengths) log.append(1, ++mark, Buffer.alloc(length, mark))
          lastGroupSize = lengths.length
          log.commit(() => undefined)
          disk.settle()
        })
        const whole = marksOf(open(disk).records)
        const names = disk.list(FOLDER)
        const name = names[at % names.length] ?? ''
        const path = `${FOLDER}/${name}`
        const position = Math.floor(at / names.length) % disk.sizeBytes(path)
        disk.damage(path, flipped(position, bit))
        let opened: Opened
        try {
          opened = open(disk)
        } catch (error) {
          if (!(error instanceof ZktuneError)) throw error
          expect(error.code).toBe('DamagedFile')
          const [, offset] = /, byte (\d+)$/.exec(error.where) ?? []
          expect(error.where.startsWith(path)).toBe(true)
          expect(Number(offset)).toBeLessThanOrEqual(position)
          return
        }
        const kept = marksOf(opened.records)
        expect(kept).toEqual(whole.slice(0, kept.length))
        const { cut, removedPath } = opened.report
        if (kept.length < whole.length) {
          // Only the last group can be taken for torn, and never in silence.
          expect(cut !== null || removedPath !== null).toBe(true)
          const newSegmentRecords = names.length > 1 && rollBefore === groups.length - 1 ? 1 : 0
          expect(whole.length - kept.length).toBeLessThanOrEqual(lastGroupSize + newSegmentRecords)
        }
        // And whatever was decided, it is final.
        const again = open(disk)
        expect(marksOf(again.records)).toEqual(kept)
        expect(again.report.cut).toBeNull()
      }),
      { numRuns: 800 },
    )
  })
})

describe('what a client stores is never taken for a record', () => {
  function forged(salt: number): Buffer {
    const payload = Buffer.alloc(256)
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
    for (let at = 0; at < 256; at += 64) writeHeader(view, at, salt, 3, 1, 0, 1_000, 7, salt)
    return payload
  }

  function openedAfterTearing(saltOfForger: number): Opened {
    const disk = new FaultDisk()
    const { log } = open(disk)
    commit(disk, log, [1])
    const at = log.byteCount
    log.append(1, 2, forged(saltOfForger))
    log.commit(() => undefined)
    disk.settle()
    disk.damage(`${FOLDER}/${disk.list(FOLDER)[0]}`, zeroed(at, at + HEADER_SIZE))
    return open(disk)
  }

  test('without the salt a forged header in a torn group proves nothing', () => {
    expect(marksOf(openedAfterTearing(SALT + 1).records)).toEqual([1])
  })

  test('with the salt it would: the salt is what protects', () => {
    expect(() => openedAfterTearing(SALT)).toThrow(ZktuneError)
  })
})

test('bytes that come back from behind a cut are out of sequence and never read', () => {
  const disk = new FaultDisk()
  const { log } = open(disk)
  commit(disk, log, [1])
  const at = log.byteCount
  // Unsynced groups of one record each, as long as the record that marks a cut: 2 at 0, 3 at 1, 4 at 2, 5 at 3 …
  const size = recordSize(24)
  const append = (to: WriteAheadLog, mark: number): void => to.append(1, mark, Buffer.alloc(24, mark))
  for (let mark = 2; mark <= 7; mark++) {
    append(log, mark)
    log.commit(() => undefined, false)
    disk.settle()
  }
  const path = `${FOLDER}/${disk.list(FOLDER)[0]}`
  const stale = disk.read(path)
  disk.damage(path, flipped(at + HEADER_SIZE, 0))
  const cut = open(disk)
  expect(marksOf(cut.records)).toEqual([1])
  const cutTail = disk.read(path).subarray(at + size)
  expect(cutTail.every((byte) => byte === 0)).toBe(true)
  // The mark at 0, two records at 1 and 2: were the mark numbered 3 and their group 4, the old group 5 would fit at 3.
  append(cut.log, 20)
  append(cut.log, 21)
  cut.log.commit(() => undefined)
  disk.settle()
  const end = at + 3 * size
  disk.damage(path, (bytes) => Buffer.concat([bytes.subarray(0, end), stale.subarray(end)]))
  const again = open(disk)
  expect(marksOf(again.records)).toEqual([1, 20, 21])
  expect(again.report.cut).toMatchObject({ offset: end })
})

test('what was read is written again, for a failed sync may have left it in the cache alone', () => {
  const disk = new FaultDisk()
  const failures: Error[] = []
  const { log } = openLog(disk, {
    folder: FOLDER,
    preallocBytes: 1024,
    salt: SALT,
    clock: { nowMs: () => 0, afterTurn: () => undefined, setTimer: () => ({ cancel: () => undefined }) },
    onFailure: (error) => failures.push(error),
  })
  commit(disk, log, [1])
  for (const mark of [2, 3]) log.append(1, mark, Buffer.from(`record ${mark}`))
  log.commit(() => undefined)
  disk.failNext = true
  disk.settle()
  expect(failures).toHaveLength(1)
  disk.kill()
  expect(marksOf(open(disk).records)).toEqual([1, 2, 3])
  disk.losePower(new Prng(1))
  expect(marksOf(open(disk).records)).toEqual([1, 2, 3])
})

test('a log of another layout version is refused by name', () => {
  const disk = new FaultDisk()
  commit(disk, open(disk).log, [1])
  const path = `${FOLDER}/${disk.list(FOLDER)[0]}`
  // A start record as a later version would write it: valid in every other respect.
  const { log } = open(new FaultDisk())
  expect(log.segmentCount).toBe(0)
  disk.damage(path, () => startOfVersion(3))
  expect(refusalOf(disk)).toMatchObject({ code: 'NotSupported', where: `${path}, byte 0` })
})

function startOfVersion(version: number): Buffer {
  const payload = Buffer.alloc(24)
  payload.writeUInt32BE(version, 0)
  return frameOf(payload)
}

function frameOf(payload: Buffer): Buffer {
  const bytes = Buffer.alloc(recordSize(payload.length))
  payload.copy(bytes, HEADER_SIZE)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  writeHeader(view, 0, SALT, 3, 255, payload.length, 1, 0, crc32(payload, SALT))
  return bytes
}
