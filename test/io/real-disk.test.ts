import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RealDisk } from '../../src/io/real-disk.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'

const disk = new RealDisk()
let folder = ''

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zktune-disk-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

function done(start: (onDone: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error === null ? resolve() : reject(error))))
}

function errorOf(work: () => unknown): ZktuneError {
  try {
    work()
  } catch (error) {
    if (error instanceof ZktuneError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('what was written is read back, whole or in part, and a read past the end gives less', async () => {
  const file = path.join(folder, 'log')
  const open = disk.open(file)
  await done((onDone) => open.write(Buffer.from('hello '), 0, onDone))
  await done((onDone) => open.writeAndSync(Buffer.from('world'), 6, onDone))
  await done((onDone) => open.sync(onDone))
  open.writeAndSyncNow(Buffer.from('!'), 11)
  expect(disk.read(file).toString()).toBe('hello world!')
  expect(disk.read(file, 6, 5).toString()).toBe('world')
  expect(disk.read(file, 10, 100).toString()).toBe('d!')
  expect(disk.read(file, 100, 5).length).toBe(0)
  open.closeNow()
})

test('writes with and without a sync, in any order and of any length, are all there', async () => {
  const file = path.join(folder, 'log')
  const open = disk.open(file)
  open.resizeNow(1 << 20)
  const expected = Buffer.alloc(1 << 20)
  let position = 0
  for (let step = 0; step < 60; step++) {
    const bytes = Buffer.alloc(1 + ((step * 977) % 9000), 65 + (step % 26))
    if (step === 40) open.resizeNow(1 << 20)
    const write = (onDone: (error: Error | null) => void): void => {
      if (step % 7 === 3) open.write(bytes, position, onDone)
      else open.writeAndSync(bytes, position, onDone)
    }
    await done(write)
    bytes.copy(expected, position)
    position += bytes.length
  }
  open.closeNow()
  expect(disk.read(file).equals(expected)).toBe(true)
})

test.runIf(process.platform === 'linux')(
  'a file that is written durably, then closed, leaves no descriptor open',
  async () => {
    const file = path.join(folder, 'log')
    const openOnes = (): number =>
      fs.readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`) === file
        } catch {
          return false // the one of the listing itself
        }
      }).length
    const open = disk.open(file)
    for (let step = 0; step < 3; step++) await done((onDone) => open.writeAndSync(Buffer.from('x'), step, onDone))
    expect(openOnes()).toBeGreaterThan(0)
    open.closeNow()
    expect(openOnes()).toBe(0)
  },
)

test('opening keeps what is there, and a longer size reads as zeros', () => {
  const file = path.join(folder, 'log')
  fs.writeFileSync(file, 'abc')
  const open = disk.open(file)
  open.resizeNow(6)
  expect(disk.sizeBytes(file)).toBe(6)
  expect([...disk.read(file)]).toEqual([97, 98, 99, 0, 0, 0])
  open.resizeNow(1)
  open.closeNow()
  expect(disk.read(file).toString()).toBe('a')
})

test('folders are made with their parents and listed in order, a missing one is empty', () => {
  const deep = path.join(folder, 'a', 'b')
  expect(disk.list(deep)).toEqual([])
  disk.makeFolder(deep)
  disk.makeFolder(deep)
  for (const name of ['two', 'one', 'three']) disk.open(path.join(deep, name)).closeNow()
  disk.rename(path.join(deep, 'three'), path.join(deep, 'a-third'))
  disk.remove(path.join(deep, 'two'))
  disk.syncFolder(deep)
  expect(disk.list(deep)).toEqual(['a-third', 'one'])
  expect(disk.exists(path.join(deep, 'one'))).toBe(true)
  expect(disk.exists(path.join(deep, 'two'))).toBe(false)
})

test('a failure names the path, what was tried, the errno and a way out', () => {
  const missing = path.join(folder, 'nowhere', 'file')
  const error = errorOf(() => disk.open(missing))
  expect(error.code).toBe('DiskFailed')
  expect(error.where).toBe(missing)
  expect(error.what).toBe('opening failed: no such file or folder (ENOENT)')
  expect(error.mend).not.toBe('')
  expect(errorOf(() => disk.read(missing)).code).toBe('DiskFailed')
  expect(errorOf(() => disk.rename(missing, `${missing}2`)).where).toBe(missing)
})

test.runIf(fs.existsSync('/dev/full'))('a full device reaches the callback as DiskFailed, later', async () => {
  const open = disk.open('/dev/full')
  let hasReturned = false
  const failure = await new Promise<Error | null>((resolve) => {
    open.write(Buffer.from('x'), 0, (error) => {
      expect(hasReturned).toBe(true)
      resolve(error)
    })
    hasReturned = true
  })
  expect(failure).toMatchObject({ code: 'DiskFailed', where: '/dev/full' })
  expect(failure?.message).toContain('no space left on the device (ENOSPC)')
  expect(errorOf(() => open.writeAndSyncNow(Buffer.from('x'), 0)).message).toContain('ENOSPC')
  open.closeNow()
})

test('what is removed is gone at once, and its handle soon', async () => {
  const file = path.join(folder, 'segment')
  fs.writeFileSync(file, 'records')
  disk.remove(file)
  expect(disk.exists(file)).toBe(false)
  expect(disk.list(folder)).toEqual([])
  await vi.waitFor(() => expect(handlesOf(file)).toBe(0))
  expect(errorOf(() => disk.remove(file))).toMatchObject({ code: 'DiskFailed', where: file })
})

test('a link to nothing, which cannot be opened, is removed all the same', () => {
  const link = path.join(folder, 'link')
  fs.symlinkSync(path.join(folder, 'nothing'), link)
  disk.remove(link)
  expect(disk.list(folder)).toEqual([])
})

/** How often this process has the file open, removed or not; where the system does not say, never. */
function handlesOf(file: string): number {
  const handles = '/proc/self/fd'
  if (!fs.existsSync(handles)) return 0
  return fs.readdirSync(handles).filter((fd) => {
    try {
      return fs.readlinkSync(path.join(handles, fd)).startsWith(file)
    } catch {
      return false // closed meanwhile
    }
  }).length
}
