import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { probeDisks, probeFolder, writesOf } from '../../src/measure/disk-probe.ts'
import type { Workload } from '../../src/profile/plan.ts'
import { plainShape } from '../../src/profile/workload-shape.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-test-'))
})

afterEach(() => {
  expect(readdirSync(folder).filter((name) => name.startsWith('zktune'))).toEqual([])
  rmSync(folder, { recursive: true })
})

const WORKLOAD: Workload = {
  name: 'test',
  mix: { get: 6, set: 2, create: 1, children: 1 },
  sessions: 10,
  inFlight: 4,
  valueSizeBytes: 4_096,
  keyCount: 10,
  shape: plainShape(1_000),
}

test('the writes of a workload have its mean size, and are that part of what it has in flight that writes', () => {
  // 3 of 10 operations write; 128 bytes are the record around a value.
  expect(writesOf(WORKLOAD)).toEqual({ bytes: 1_128, inFlight: 12 })
  const valueSizes = [
    { weight: 3, minBytes: 100, maxBytes: 300 },
    { weight: 1, minBytes: 1_000, maxBytes: 1_000 },
  ]
  expect(writesOf({ ...WORKLOAD, shape: { ...WORKLOAD.shape, valueSizes } }).bytes).toBe(400 + 128)
  expect(writesOf({ ...WORKLOAD, mix: { get: 1 } }).inFlight).toBe(1)
})

test('a folder is measured alone and grouped, and the ceiling is what the group allows', async () => {
  const {
    folder: path,
    alone,
    grouped,
    writesPerSecondMax,
  } = await probeFolder(folder, { bytes: 500, inFlight: 7 }, 40)
  expect(path).toBe(folder)
  expect([alone.writeBytes, grouped.writeBytes, grouped.writes]).toEqual([500, 3_500, 7])
  expect(alone.syncUs.count).toBeGreaterThanOrEqual(3)
  // One after the other: the mean and the rate are two words for one thing.
  expect(alone.syncsPerSecond * (alone.syncUs.mean ?? 0)).toBeGreaterThan(0.9e6)
  expect(alone.syncsPerSecond * (alone.syncUs.mean ?? 0)).toBeLessThan(1.1e6)
  expect(writesPerSecondMax).toBe(grouped.syncsPerSecond * 7)
})

test('a group has a bound in bytes, so that large values do not flood the disk', async () => {
  const { grouped } = await probeFolder(folder, { bytes: 2 ** 20, inFlight: 1_000 }, 0)
  expect([grouped.writes, grouped.writeBytes]).toEqual([4, 4 * 2 ** 20])
})

test('folders of one device are told to be so, and one folder is measured once', async () => {
  const logFolder = join(folder, 'log')
  mkdirSync(logFolder)
  const writes = { bytes: 100, inFlight: 1 }
  const two = await probeDisks({ dataFolder: folder, logFolder }, writes, 0)
  expect([two.log.folder, two.data?.folder, two.sameDevice]).toEqual([logFolder, folder, true])
  const one = await probeDisks({ dataFolder: folder, logFolder: folder }, writes, 0)
  expect([one.log.folder, one.data, one.sameDevice]).toEqual([folder, null, null])
})

test('a folder that is not there is named, and an interruption leaves nothing', async () => {
  const missing = join(folder, 'none')
  await expect(probeFolder(missing, { bytes: 1, inFlight: 1 }, 0)).rejects.toMatchObject({
    code: 'DiskFailed',
    where: missing,
  })
  const interrupted = probeFolder(folder, { bytes: 1, inFlight: 1 }, 600_000, AbortSignal.abort())
  await expect(interrupted).rejects.toMatchObject({ code: 'Interrupted' })
})
