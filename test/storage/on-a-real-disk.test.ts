import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RealClock } from '../../src/io/real-clock.ts'
import { RealDisk } from '../../src/io/real-disk.ts'
import { SnapshotStore } from '../../src/storage/snapshot-store.ts'
import { type LogOptions, openLog } from '../../src/storage/write-ahead-log.ts'

let folder = ''

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zktune-storage-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

function open(syncMode: 'async' | 'inline' = 'async'): ReturnType<typeof openLog> {
  const options: LogOptions = {
    folder: path.join(folder, 'zktune-1'),
    preallocBytes: 64 * 1024,
    salt: 0xdecade,
    syncMode,
    clock: new RealClock(),
    onFailure: (error) => {
      throw error
    },
  }
  return openLog(new RealDisk(), options)
}

test.each(['async', 'inline'] as const)(
  'a log written %s over several segments is read back whole',
  async (syncMode) => {
    const { log } = open(syncMode)
    for (let segment = 0; segment < 3; segment++) {
      log.roll([{ type: 9, mark: 0, payload: Buffer.from(`promise ${segment}`) }])
      for (let index = 1; index <= 200; index++) {
        const mark = segment * 200 + index
        log.append(1, mark, Buffer.alloc(mark, mark))
        if (index % 50 === 0) await new Promise<void>((resolve) => log.commit(resolve, index % 100 === 0))
      }
    }
    log.close()
    const again = open()
    expect(again.report).toMatchObject({ segmentCount: 3, recordCount: 603, lastMark: 600, cut: null })
    const marks = again.records.filter((record) => record.type === 1).map((record) => record.mark)
    expect(marks).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
    expect(again.records.every((record) => record.type === 9 || record.payload.length === record.mark)).toBe(true)
    again.log.purge(400)
    again.log.close()
    expect(fs.readdirSync(path.join(folder, 'zktune-1'))).toEqual(['log.191-3-00decade'])
    expect(open().records).toHaveLength(201)
  },
)

test('a snapshot of several chunks is read back, beside the log', async () => {
  const store = new SnapshotStore(new RealDisk(), path.join(folder, 'zktune-1'))
  const writer = store.begin(255)
  const chunks = Array.from({ length: 5 }, (_, index) => Buffer.alloc(70_000, index))
  const check = (resolve: () => void, reject: (error: Error) => void) => (error: Error | null) =>
    error === null ? resolve() : reject(error)
  for (const chunk of chunks) await new Promise<void>((resolve, reject) => writer.write(chunk, check(resolve, reject)))
  await new Promise<void>((resolve, reject) => writer.finish(check(resolve, reject)))
  const newest = store.newest()
  expect(newest?.slot).toBe(255)
  expect(Buffer.concat([...(newest?.chunks ?? [])]).equals(Buffer.concat(chunks))).toBe(true)
  expect(fs.readdirSync(path.join(folder, 'zktune-1'))).toEqual(['snapshot.ff'])
})
