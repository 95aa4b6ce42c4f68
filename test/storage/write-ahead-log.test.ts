import { beforeEach, describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { type LogOptions, openLog } from '../../src/storage/write-ahead-log.ts'
import { FaultDisk } from './fault-disk.ts'

const FOLDER = '/data/zktune-1'
const PREALLOC = 4096

let disk = new FaultDisk()
let nowMs = 0
let turns: (() => void)[] = []
let failures: Error[] = []
let timers: { readonly atMs: number; readonly onFire: () => void }[] = []

function setTimer(delayMs: number, onFire: () => void): { cancel(): void } {
  const timer = { atMs: nowMs + delayMs, onFire }
  timers.push(timer)
  return { cancel: () => (timers = timers.filter((other) => other !== timer)) }
}

/** The clock goes on, and what is due by then fires. */
function advance(byMs: number): void {
  nowMs += byMs
  const due = timers.filter(({ atMs }) => atMs <= nowMs)
  timers = timers.filter((timer) => !due.includes(timer))
  for (const { onFire } of due) onFire()
}

beforeEach(() => {
  disk = new FaultDisk()
  nowMs = 0
  turns = []
  failures = []
  timers = []
})

function open(changes: Partial<LogOptions> = {}): ReturnType<typeof openLog> {
  return openLog(disk, {
    folder: FOLDER,
    preallocBytes: PREALLOC,
    salt: 0x5eed5a17,
    clock: { nowMs: () => nowMs, afterTurn: (callback) => turns.push(callback), setTimer },
    onFailure: (error) => failures.push(error),
    ...changes,
  })
}

function texts(records: readonly { readonly payload: Buffer }[]): string[] {
  return records.map((record) => record.payload.toString())
}

function bytes(text: string): Buffer {
  return Buffer.from(text)
}

test('what was committed is read back in order, with types, marks and payloads of every length', () => {
  const { log, records, report } = open()
  expect(records).toEqual([])
  expect(report).toEqual({ segmentCount: 0, recordCount: 0, lastMark: 0, cut: null, removedPath: null })
  const payloads = Array.from({ length: 40 }, (_, length) => Buffer.alloc(length, 65 + (length % 26)))
  for (const [index, payload] of payloads.entries()) log.append(index % 255, index * 2 ** 40, payload)
  const order: string[] = []
  log.commit(() => order.push('durable'))
  expect(order).toEqual([])
  disk.settle()
  expect(order).toEqual(['durable'])
  log.close()

  const again = open()
  expect(again.records.map((record) => record.type)).toEqual(payloads.map((_, index) => index % 255))
  expect(again.records.map((record) => record.mark)).toEqual(payloads.map((_, index) => index * 2 ** 40))
  expect(again.records.map((record) => [...record.payload])).toEqual(payloads.map((payload) => [...payload]))
  expect(again.report).toMatchObject({ segmentCount: 1, recordCount: 40, lastMark: 39 * 2 ** 40, cut: null })
})

test('an empty payload is read back, whether its bytes have an address or not', () => {
  const { log } = open()
  for (const empty of [Buffer.alloc(0), new Uint8Array(new ArrayBuffer(0)), bytes('x').subarray(1)]) {
    log.append(1, 1, empty)
  }
  log.append(1, 2, bytes('behind'))
  log.commit(() => undefined)
  disk.settle()
  log.close()
  expect(texts(open().records)).toEqual(['', '', '', 'behind'])
})

test('the payload is copied: changing it after append changes nothing', () => {
  const { log } = open()
  const payload = bytes('kept')
  log.append(1, 1, payload)
  payload.fill(0)
  log.commit(() => undefined)
  disk.settle()
  expect(texts(open().records)).toEqual(['kept'])
})

test('what arrives during a sync shares the next one, and commits are called in order', () => {
  const { log } = open()
  const order: number[] = []
  for (let index = 1; index <= 10; index++) {
    log.append(1, index, bytes(`record ${index}`))
    log.commit(() => order.push(index))
  }
  expect(log.pendingBytes).toBeGreaterThan(0)
  disk.step()
  expect(order).toEqual([1])
  disk.step()
  expect(order).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect([log.syncCount, log.groupCount, log.recordCount]).toEqual([2, 2, 10])
  expect(log.pendingBytes).toBe(0)
  expect(disk.step()).toBe(false)
})

test('a commit made while commits are called back is not called in the same round', () => {
  const { log } = open()
  const order: string[] = []
  log.append(1, 1, bytes('one'))
  log.commit(() => {
    log.append(1, 2, bytes('two'))
    log.commit(() => order.push('two'))
    order.push('one')
  })
  disk.step()
  expect(order).toEqual(['one'])
  disk.step()
  expect(order).toEqual(['one', 'two'])
})

test('a commit with nothing new is called back, and the log goes on after it', () => {
  const { log } = open()
  const order: string[] = []
  log.commit(() => order.push('nothing yet'))
  disk.settle()
  log.append(1, 1, bytes('one'))
  log.commit(() => order.push('one'), false)
  disk.settle()
  log.commit(() => order.push('nothing new'))
  disk.settle()
  log.append(1, 2, bytes('two'))
  log.commit(() => order.push('two'))
  disk.settle()
  expect(order).toEqual(['nothing yet', 'one', 'nothing new', 'two'])
  expect(texts(open().records)).toEqual(['one', 'two'])
})

describe('commits that need no sync', () => {
  test('are called after the write, and the next sync covers them', () => {
    const { log } = open()
    log.append(1, 1, bytes('first'))
    log.commit(() => undefined)
    disk.settle()
    const order: string[] = []
    log.append(1, 2, bytes('written'))
    log.commit(() => order.push('written'), false)
    disk.settle()
    expect(order).toEqual(['written'])
    expect(log.syncCount).toBe(1)
    log.append(1, 3, bytes('synced'))
    log.commit(() => order.push('synced'))
    disk.settle()
    disk.losePower(new Prng(1))
    expect(texts(open().records)).toEqual(['first', 'written', 'synced'])
  })

  test('wait for the sync when a commit of the same write needs it', () => {
    const { log } = open()
    log.append(1, 1, bytes('one'))
    log.commit(() => undefined)
    let syncCount = -1
    log.append(1, 2, bytes('two'))
    log.commit(() => {
      syncCount = log.syncCount
    }, false)
    log.commit(() => undefined)
    disk.settle()
    expect(syncCount).toBe(2)
  })

  test('prove nothing about the groups before them: a hole among them is cut, not refused', () => {
    const { log } = open()
    log.append(1, 1, bytes('synced'))
    log.commit(() => undefined)
    disk.settle()
    const holeAt = log.byteCount
    for (let mark = 2; mark <= 4; mark++) {
      log.append(1, mark, bytes(`unsynced ${mark}`))
      log.commit(() => undefined, false)
      disk.settle()
    }
    disk.damage(onlyPath(), (contents) => contents.fill(0, holeAt, holeAt + 8))
    const again = open()
    expect(texts(again.records)).toEqual(['synced'])
    expect(again.report.cut).toMatchObject({ offset: holeAt, lastMark: 1 })
  })

  test('a kill right after them loses nothing, and what was read is durable from then on', () => {
    const { log } = open()
    log.append(1, 1, bytes('one'))
    log.commit(() => undefined)
    disk.settle()
    log.append(1, 2, bytes('two'))
    log.commit(() => undefined, false)
    disk.settle()
    disk.kill()
    expect(texts(open().records)).toEqual(['one', 'two'])
    disk.losePower(new Prng(2))
    expect(texts(open().records)).toEqual(['one', 'two'])
  })
})

describe('segments', () => {
  function fill(log: ReturnType<typeof open>['log'], from: number, to: number): void {
    for (let mark = from; mark <= to; mark++) log.append(1, mark, bytes(`record ${mark}`))
    log.commit(() => undefined)
    disk.settle()
  }

  test('a roll puts its preamble at the head of the next one, after what was appended before', () => {
    const { log } = open()
    fill(log, 1, 2)
    log.append(1, 3, bytes('record 3'))
    log.roll([{ type: 7, mark: 0, payload: bytes('promise') }])
    log.append(1, 4, bytes('record 4'))
    const order: number[] = []
    log.commit(() => order.push(4))
    disk.settle()
    expect(order).toEqual([4])
    expect(log.segmentCount).toBe(2)
    expect(disk.list(FOLDER)).toEqual(['log.1-1-5eed5a17', 'log.4-2-5eed5a17'])
    const again = open()
    expect(texts(again.records)).toEqual(['record 1', 'record 2', 'record 3', 'promise', 'record 4'])
    expect(again.report.segmentCount).toBe(2)
  })

  test('a second roll before anything was written loses nothing of the first', () => {
    const { log } = open()
    const promise = bytes('promise')
    log.roll([
      { type: 7, mark: 0, payload: promise },
      { type: 10, mark: 1, payload: bytes('installed') },
    ])
    promise.fill('x') // what is given is copied
    log.roll([{ type: 7, mark: 0, payload: bytes('newer promise') }])
    fill(log, 2, 2)
    expect(texts(open().records)).toEqual(['promise', 'installed', 'newer promise', 'record 2'])
    expect(disk.list(FOLDER)).toEqual(['log.2-1-5eed5a17'])
  })

  test('a roll behind a commit that waits adds nothing of the segment before', () => {
    const { log } = open()
    log.roll([{ type: 7, mark: 0, payload: bytes('p1') }])
    log.commit(() => undefined)
    log.roll([{ type: 7, mark: 0, payload: bytes('p2') }])
    fill(log, 1, 1)
    expect(texts(open().records)).toEqual(['p1', 'p2', 'record 1'])
  })

  test('two rolls while a write is under way make two segments', () => {
    const { log } = open()
    log.append(1, 1, bytes('record 1'))
    log.commit(() => undefined)
    log.append(1, 2, bytes('record 2'))
    log.roll([{ type: 7, mark: 0, payload: bytes('p2') }])
    log.append(1, 3, bytes('record 3'))
    log.commit(() => undefined, false)
    log.roll([{ type: 7, mark: 0, payload: bytes('p3') }])
    fill(log, 4, 4)
    expect(texts(open().records)).toEqual(['record 1', 'record 2', 'p2', 'record 3', 'p3', 'record 4'])
    expect(open().report.segmentCount).toBe(3)
  })

  test('a segment is begun only after the unsynced rest of the one before it has been synced', () => {
    const { log } = open()
    fill(log, 1, 1)
    log.append(1, 2, bytes('record 2'))
    log.commit(() => undefined, false)
    disk.settle()
    log.roll([])
    log.append(1, 3, bytes('record 3'))
    log.commit(() => undefined, false)
    expect(disk.list(FOLDER)).toHaveLength(1)
    disk.step()
    expect(disk.list(FOLDER)).toHaveLength(2)
    disk.settle()
    disk.losePower(new Prng(3))
    expect(texts(open().records)).toEqual(['record 1', 'record 2', 'record 3'])
  })

  test('a purge removes the segments at the low end whose marks are all covered, never the newest', () => {
    const { log } = open()
    for (let first = 1; first <= 7; first += 2) {
      log.roll([])
      fill(log, first, first + 1)
    }
    expect(log.segmentCount).toBe(4)
    log.purge(3)
    expect(disk.list(FOLDER)).toEqual(['log.3-2-5eed5a17', 'log.5-3-5eed5a17', 'log.7-4-5eed5a17'])
    const again = open()
    again.log.purge(100)
    expect(disk.list(FOLDER)).toEqual(['log.7-4-5eed5a17'])
    disk.losePower(new Prng(4))
    expect(texts(open().records)).toEqual(['record 7', 'record 8'])
  })

  test('a purge waits for the segment that is being begun', () => {
    const { log } = open()
    fill(log, 1, 2)
    log.roll([])
    log.append(1, 3, bytes('record 3'))
    log.commit(() => undefined)
    log.purge(2)
    expect(disk.list(FOLDER)).toHaveLength(2)
    disk.settle()
    log.purge(2)
    expect(disk.list(FOLDER)).toEqual(['log.3-2-5eed5a17'])
  })

  test('a newest one without its whole head is removed and its number used again', () => {
    const { log } = open()
    fill(log, 1, 2)
    log.roll([{ type: 7, mark: 0, payload: Buffer.alloc(500, 'p') }])
    log.append(1, 3, bytes('record 3'))
    log.commit(() => undefined)
    const path = `${FOLDER}/log.3-2-5eed5a17`
    for (const keep of [0, 20, 60, 300, 500]) {
      disk.damage(path, (contents) => contents.subarray(0, keep))
      const again = open()
      expect(texts(again.records)).toEqual(['record 1', 'record 2'])
      expect(again.report).toMatchObject({ removedPath: path, cut: null, segmentCount: 1, lastMark: 2 })
      expect(disk.list(FOLDER)).toEqual(['log.1-1-5eed5a17'])
      again.log.roll([{ type: 7, mark: 0, payload: Buffer.alloc(500, 'p') }])
      fill(again.log, 3, 3)
    }
    expect(open().records).toHaveLength(4)
  })
})

test('a failed sync is told once; no waiting commit is called, and nothing is written afterwards', () => {
  const { log } = open()
  const called: number[] = []
  log.append(1, 1, bytes('one'))
  log.commit(() => called.push(1))
  log.append(1, 2, bytes('two'))
  log.commit(() => called.push(2))
  disk.failNext = true
  disk.settle()
  log.append(1, 3, bytes('three'))
  log.commit(() => called.push(3))
  log.roll([])
  log.purge(9)
  disk.settle()
  expect(called).toEqual([])
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatchObject({ code: 'DiskFailed' })
})

test('a failure while a segment is begun is told too', () => {
  const { log } = open()
  log.append(1, 1, bytes('one'))
  disk.failPowerAfter(1)
  log.commit(() => failures.push(new Error('called back')))
  expect(failures.map((failure) => failure.name)).toEqual(['PowerLoss'])
})

test('close during a write calls nobody back and ends when the disk is done', () => {
  const { log } = open()
  log.append(1, 1, bytes('one'))
  log.commit(() => failures.push(new Error('called back')))
  log.close()
  log.close()
  disk.settle()
  expect(failures).toEqual([])
  expect(texts(open().records)).toEqual(['one'])
})

test('inline: what was committed in one turn shares one blocking sync, called back after the turn', () => {
  const { log } = open({ syncMode: 'inline' })
  const order: number[] = []
  for (let index = 1; index <= 3; index++) {
    log.append(1, index, bytes(`record ${index}`))
    log.commit(() => order.push(index))
  }
  log.roll([])
  log.append(1, 4, bytes('record 4'))
  log.commit(() => order.push(4))
  expect(order).toEqual([])
  expect(turns).toHaveLength(1)
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn()
  expect(order).toEqual([1, 2, 3, 4])
  expect(log.syncCount).toBe(2)
  expect(texts(open().records)).toEqual(['record 1', 'record 2', 'record 3', 'record 4'])
})

test('inline: a commit made by a callback waits for the next turn, however many follow each other', () => {
  const { log } = open({ syncMode: 'inline' })
  let mark = 0
  let depth = 0
  const again = (): void => {
    expect(++depth).toBe(1)
    log.append(1, ++mark, bytes(`record ${mark}`))
    log.commit(again, mark % 3 !== 0)
    depth--
  }
  again()
  while (mark < 300) {
    for (const turn of turns.splice(0)) turn()
    disk.settle()
  }
  expect(open().records.length).toBeGreaterThanOrEqual(299)
})

test('the wait of the oldest commit and the time of a sync are known', () => {
  const { log } = open()
  expect(log.oldestWaitMs(5)).toBe(0)
  nowMs = 10
  log.append(1, 1, bytes('one'))
  log.commit(() => undefined)
  nowMs = 14
  log.append(1, 2, bytes('two'))
  log.commit(() => undefined)
  expect(log.oldestWaitMs(20)).toBe(10)
  nowMs = 18
  disk.step()
  expect([log.lastSyncMs, log.maxSyncMs]).toEqual([8, 8])
  expect(log.oldestWaitMs(20)).toBe(6)
  disk.step()
  expect(log.oldestWaitMs(20)).toBe(0)
})

test('a record larger than any step of preallocation fits', () => {
  const { log } = open({ preallocBytes: 512 })
  log.append(1, 1, Buffer.alloc(3_000_000, 'x'))
  log.append(1, 2, bytes('after'))
  log.commit(() => undefined)
  disk.settle()
  const again = open()
  expect(again.records.map((record) => record.payload.length)).toEqual([3_000_000, 5])
})

function onlyPath(): string {
  const [name] = disk.list(FOLDER)
  return `${FOLDER}/${name}`
}

describe('a write that takes longer than a millisecond', () => {
  let durable: number[] = []

  function openWith(writesInFlight: number): ReturnType<typeof open> {
    durable = []
    const opened = open({ writesInFlight })
    write(opened.log, 1) // The first group of a segment is alone.
    disk.settle()
    expect(durable).toEqual([1])
    return opened
  }

  function write(log: ReturnType<typeof open>['log'], mark: number, needsSync = true): void {
    log.append(1, mark, bytes(`record ${mark}`))
    log.commit(() => durable.push(mark), needsSync)
  }

  /** Writes these, one after the other has been slow. */
  function writeSlowly(log: ReturnType<typeof open>['log'], ...marks: number[]): void {
    for (const mark of marks) {
      write(log, mark)
      advance(2)
    }
  }

  /** Of what a group has in the file. */
  const holeIn = (from: number) => (contents: Buffer) => contents.fill(0, from, from + 8)

  test('is overtaken, and what has overtaken counts when it does', () => {
    const { log } = openWith(3)
    writeSlowly(log, 2, 3, 4)
    expect(disk.underWay).toBe(3)
    disk.step(1)
    disk.step(1)
    expect(durable).toEqual([1])
    expect(log.oldestWaitMs(nowMs)).toBe(6)
    disk.step()
    expect(durable).toEqual([1, 2, 3, 4])
    expect(log.pendingBytes).toBe(0)
    expect(texts(open().records)).toEqual(['record 1', 'record 2', 'record 3', 'record 4'])
  })

  test('is overtaken by no more than was allowed, and what comes then shares the next one', () => {
    const { log } = openWith(2)
    writeSlowly(log, 2, 3, 4, 5)
    expect(disk.underWay).toBe(2)
    disk.settle()
    expect(durable).toEqual([1, 2, 3, 4, 5])
    expect(log.groupCount).toBe(4)
  })

  test('is not overtaken before that', () => {
    const { log } = openWith(3)
    write(log, 2)
    advance(0.5)
    write(log, 3)
    expect(disk.underWay).toBe(1)
    advance(0.5)
    write(log, 4)
    expect(disk.underWay).toBe(2)
    disk.settle()
    expect(durable).toEqual([1, 2, 3, 4])
  })

  test('is watched by a timer once there was one', () => {
    const { log } = openWith(3)
    write(log, 2)
    write(log, 3)
    advance(5)
    expect(disk.underWay).toBe(1)
    disk.settle()
    write(log, 4)
    write(log, 5)
    advance(5)
    expect(disk.underWay).toBe(2)
    disk.settle()
    expect(durable).toEqual([1, 2, 3, 4, 5])
  })

  test('is not overtaken by one that needs no sync, nor by a new segment, nor where the file must grow', () => {
    const { log } = openWith(3)
    write(log, 2)
    advance(2)
    write(log, 3, false)
    expect(disk.underWay).toBe(1)
    disk.settle()

    write(log, 4)
    advance(2)
    log.roll([])
    write(log, 5)
    expect(disk.underWay).toBe(1)
    disk.settle()

    write(log, 6)
    advance(2)
    log.append(1, 7, Buffer.alloc(PREALLOC))
    write(log, 8)
    expect(disk.underWay).toBe(1)
    disk.settle()
    expect(durable).toEqual([1, 2, 3, 4, 5, 6, 8])
  })

  test('and leaves a hole, is cut with all that has overtaken it', () => {
    const { log } = openWith(4)
    const holeAt = log.byteCount
    writeSlowly(log, 2, 3, 4)
    disk.settle()
    disk.damage(onlyPath(), holeIn(holeAt))
    const again = open()
    expect(texts(again.records)).toEqual(['record 1'])
    expect(again.report.cut).toMatchObject({ offset: holeAt, lastMark: 1 })
  })

  test('and has overtaken one itself, proves that what came before that was synced', () => {
    const { log } = openWith(4)
    const holeAt = log.byteCount
    writeSlowly(log, 2)
    disk.settle()
    writeSlowly(log, 3, 4)
    disk.settle()
    disk.damage(onlyPath(), holeIn(holeAt))
    expect(() => open()).toThrow(/no valid record of group 2 .* group 3 .* was written after the sync of this one/)
  })

  test('proves nothing behind a group that was not synced, and nor does what overtakes it', () => {
    const { log } = openWith(4)
    const holeAt = log.byteCount
    write(log, 2, false)
    disk.settle()
    writeSlowly(log, 3, 4)
    disk.settle()
    disk.damage(onlyPath(), holeIn(holeAt))
    const again = open()
    expect(texts(again.records)).toEqual(['record 1'])
    expect(again.report.cut).toMatchObject({ offset: holeAt, lastMark: 1 })
  })

  test('fails the log when it fails, whatever has overtaken it', () => {
    const { log } = openWith(3)
    writeSlowly(log, 2, 3)
    disk.step(1)
    disk.failNext = true
    disk.step()
    expect(durable).toEqual([1])
    expect(failures).toHaveLength(1)
  })

  test('lets go of the file once the last one is over, when the log was closed meanwhile', () => {
    const { log } = openWith(3)
    writeSlowly(log, 2, 3)
    log.close()
    disk.step()
    expect(disk.isOpen(onlyPath())).toBe(true)
    disk.step()
    expect(disk.isOpen(onlyPath())).toBe(false)
    expect(durable).toEqual([1])
  })
})

describe('a flush that may wait', () => {
  const pace = { delayMs: 30, pollMs: 10, batchMax: 3 }
  let durable: number[] = []

  function write(log: ReturnType<typeof open>['log'], ...marks: number[]): void {
    for (const mark of marks) {
      log.append(1, mark, bytes(`record ${mark}`))
      log.commit(() => durable.push(mark))
    }
  }

  beforeEach(() => {
    durable = []
  })

  test('goes ahead when nothing has come for the poll time, and takes everything with it', () => {
    const { log } = open({ pace })
    write(log, 1)
    advance(9)
    write(log, 2)
    advance(9)
    expect(disk.step()).toBe(false)
    advance(1)
    disk.settle()
    expect(durable).toEqual([1, 2])
    expect(log.syncCount).toBe(1)
  })

  test('goes ahead when the last one was so long ago, whatever still comes', () => {
    const { log } = open({ pace: { ...pace, batchMax: 0 } })
    for (let mark = 1; mark <= 6; mark++) {
      write(log, mark)
      advance(5)
    }
    disk.settle()
    expect(durable).toEqual([1, 2, 3, 4, 5, 6])
    expect(log.syncCount).toBe(1)
    advance(31)
    write(log, 7)
    disk.settle()
    expect(durable.at(-1)).toBe(7)
  })

  test('goes ahead with a full batch, and the rest waits on', () => {
    const { log } = open({ pace })
    write(log, 1, 2, 3, 4)
    disk.settle()
    expect(durable).toEqual([1, 2, 3])
    advance(10)
    disk.settle()
    expect(durable).toEqual([1, 2, 3, 4])
    expect(log.syncCount).toBe(2)
    expect(texts(open().records)).toEqual(['record 1', 'record 2', 'record 3', 'record 4'])
  })

  test('does not hold up what has nothing to write, nor anything once the log is closed', () => {
    const { log } = open({ pace })
    log.commit(() => durable.push(0))
    disk.settle()
    expect(durable).toEqual([0])
    write(log, 1)
    log.close()
    advance(100)
    expect(disk.step()).toBe(false)
  })
})

test('without a delay a batch still has its limit', () => {
  const { log } = open({ pace: { delayMs: 0, pollMs: 0, batchMax: 2 } })
  const groups: number[] = []
  for (let mark = 1; mark <= 6; mark++) {
    log.append(1, mark, bytes(`record ${mark}`))
    log.commit(() => groups.push(log.groupCount))
  }
  disk.settle()
  expect(groups).toEqual([1, 2, 2, 3, 3, 4])
})

test('the segment in use says how long it is', () => {
  const { log } = open()
  const empty = log.segmentBytes
  log.append(1, 1, Buffer.alloc(1_000))
  expect(log.segmentBytes).toBeGreaterThan(empty + 1_000)
  log.commit(() => undefined)
  disk.settle()
  log.append(1, 2, Buffer.alloc(1_000))
  expect(log.segmentBytes).toBeGreaterThan(empty + 2_000)
  log.roll([])
  expect(log.segmentBytes).toBe(empty)
})
