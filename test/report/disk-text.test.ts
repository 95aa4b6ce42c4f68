import { expect, test } from 'vitest'
import { disksText, diskText } from '../../src/report/disk-text.ts'
import type { Style } from '../../src/report/style.ts'
import { DISK } from './bench-example.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }

test('a run says what a sync of its log costs and allows, and whether the data lies there too', () => {
  const ofLog =
    'a sync of 1,152 bytes p50 0.213, p99 1.204 ms; at most 4,000 writes/s one after the other, ' +
    '78,000 when 26 share a sync'
  expect(diskText({ log: DISK, data: null, sameDevice: null })).toBe(`log: ${ofLog}`)
  expect(diskText({ log: DISK, data: DISK, sameDevice: true })).toBe(
    `log, on the device of the data: ${ofLog}; data: a sync of 1,152 bytes p50 0.213, p99 1.204 ms`,
  )
  expect(diskText({ log: DISK, data: DISK, sameDevice: false })).toMatch(/^log, on a device of its own: /)
})

test('folders are a table each; a file system in memory is called one', () => {
  expect(disksText({ folders: [DISK, { ...DISK, folder: '/dev/shm', fileSystem: 'tmpfs' }], sameDevice: false }, PLAIN))
    .toMatchInlineSnapshot(`
    "/tmp (ext4)
    writes   bytes  syncs/s    p50    p99    max
    ────────────────────────────────────────────
         1   1,152    4,000  0.213  1.204  1,235
        26  29,952    3,000  0.301      -  1,235
    at most 4,000 writes/s one after the other, 78,000 when 26 share a sync

    /dev/shm (tmpfs)
    writes   bytes  syncs/s    p50    p99    max
    ────────────────────────────────────────────
         1   1,152    4,000  0.213  1.204  1,235
        26  29,952    3,000  0.301      -  1,235
    at most 4,000 writes/s one after the other, 78,000 when 26 share a sync
    MEMORY: a sync there reaches no disk, and a power cut takes all of it

    They lie on different devices.

    writes: that share a sync; latencies of write and sync in ms. Next: zktune bench --log-dir DIR
    "
  `)
  expect(disksText({ folders: [DISK], sameDevice: null }, PLAIN)).not.toMatch(/MEMORY|device/)
  expect(disksText({ folders: [DISK, DISK], sameDevice: true }, PLAIN)).toContain('They lie on one device')
})
