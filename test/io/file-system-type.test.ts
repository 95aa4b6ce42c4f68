import fs from 'node:fs'
import { expect, test } from 'vitest'
import { fileSystemType, fileSystemTypeIn } from '../../src/io/file-system-type.ts'

const TABLE = [
  '22 28 0:20 / /proc rw,nosuid shared:12 - proc proc rw',
  '28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
  '40 28 0:35 / /data rw - xfs /dev/vdb rw',
  '41 40 0:36 / /data/with\\040space rw shared:7 master:2 - btrfs /dev/vdc rw',
  '42 28 0:37 / /mnt rw - xfs /dev/vdd rw',
  '43 42 0:38 / /mnt rw - tmpfs tmpfs rw',
  '',
].join('\n')

test('the longest mount point above a path decides', () => {
  expect(fileSystemTypeIn(TABLE, '/home/user')).toBe('ext4')
  expect(fileSystemTypeIn(TABLE, '/data')).toBe('xfs')
  expect(fileSystemTypeIn(TABLE, '/data/zookeeper')).toBe('xfs')
  expect(fileSystemTypeIn(TABLE, '/database')).toBe('ext4')
  expect(fileSystemTypeIn(TABLE, '/data/with space/x')).toBe('btrfs')
})

test('of two mounts at one place the later one counts', () => {
  expect(fileSystemTypeIn(TABLE, '/mnt/x')).toBe('tmpfs')
})

test('no table, no answer', () => {
  expect(fileSystemTypeIn('', '/x')).toBeNull()
})

test.runIf(fs.existsSync('/proc/self/mountinfo'))('the real table knows /proc, and a path yet to be made', () => {
  expect(fileSystemType('/proc/self')).toBe('proc')
  expect(fileSystemType('/proc/no/such/folder')).toBe('proc')
})
