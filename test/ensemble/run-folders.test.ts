import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunFolders, removeOrphanedNow } from '../../src/ensemble/run-folders.ts'

let scratch: string

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'folders-test-'))
})

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
})

const nowhere = { dataParent: null, logParent: null, splitsLog: false, folder: null }

test('data and logs go to sub-folders of the devices given, and all of it goes away', async () => {
  const [data, log] = [join(scratch, 'data'), join(scratch, 'log')]
  mkdirSync(data)
  mkdirSync(log)
  writeFileSync(join(data, 'precious'), 'not ours')
  const folders = await RunFolders.make({ ...nowhere, replicas: 2, dataParent: data, logParent: log })
  folders.write(({ id }) => `text of ${id}\n`)
  const second = folders.places[1]
  expect(second?.dataDir).toMatch(new RegExp(`^${data}/zktune-[^/]+/server-2/data$`))
  expect(second?.dataLogDir).toMatch(new RegExp(`^${log}/zktune-[^/]+/server-2/log$`))
  expect(readFileSync(second?.config as string, 'utf8')).toBe('text of 2\n')
  expect(basename(folders.run)).toMatch(/^zktune-/)
  folders.removeNow()
  expect(readdirSync(data)).toEqual(['precious'])
  expect(readdirSync(log)).toEqual([])
  expect(existsSync(folders.run)).toBe(false)
})

test('a log that is split off lies beside the data, unless it has a place of its own', async () => {
  const folders = await RunFolders.make({ ...nowhere, replicas: 1, splitsLog: true })
  const [place] = folders.places
  expect(place?.dataLogDir).toBe(join(folders.run, 'server-1', 'log'))
  folders.removeNow()
})

test('a voter that lost its folder beside one that did not may not vote empty', async () => {
  const make = (): Promise<RunFolders> => RunFolders.make({ ...nowhere, replicas: 2, folder: join(scratch, 'kept') })
  const first = await make()
  first.write(() => '')
  const flags = first.places.map(({ dataDir }) => join(dataDir, 'initialize'))
  expect(flags.map((flag) => existsSync(flag))).toEqual([true, true])
  for (const flag of flags) rmSync(flag) // as servers do once they have used it
  mkdirSync(join(first.places[0]?.dataDir as string, 'zktune-1'))
  first.removeNow()

  const second = await make()
  second.write(() => '')
  expect(flags.map((flag) => existsSync(flag))).toEqual([false, false])
})

test('a start that has to be repeated is as fresh as its first attempt', async () => {
  const folders = await RunFolders.make({ ...nowhere, replicas: 1, dataParent: scratch })
  const dataDir = folders.places[0]?.dataDir as string
  folders.write(() => '')
  mkdirSync(join(dataDir, 'zktune-1'))
  rmSync(join(dataDir, 'initialize'))
  folders.write(() => '')
  expect(existsSync(join(dataDir, 'initialize'))).toBe(true)
  folders.removeNow()
})

test('a kept folder refuses an ensemble of another size', async () => {
  const folder = join(scratch, 'kept')
  await RunFolders.make({ ...nowhere, replicas: 3, folder })
  await expect(RunFolders.make({ ...nowhere, replicas: 1, folder })).rejects.toMatchObject({
    code: 'ForeignData',
    where: folder,
    what: 'it holds an ensemble of 3 servers, and 1 are asked for',
  })
})

test('when one of the folders cannot be made the others do not stay', async () => {
  const missing = join(scratch, 'missing')
  await expect(
    RunFolders.make({ ...nowhere, replicas: 1, dataParent: scratch, logParent: missing }),
  ).rejects.toMatchObject({ code: 'DiskFailed', where: missing })
  expect(readdirSync(scratch)).toEqual([])
})

test("of orphaned servers the last one removes the run's folder", async () => {
  const folders = await RunFolders.make({ ...nowhere, replicas: 2, dataParent: scratch })
  const [first, second] = folders.places
  removeOrphanedNow(first?.ownFolders ?? [])
  expect(existsSync(folders.run)).toBe(true)
  removeOrphanedNow(second?.ownFolders ?? [])
  expect(existsSync(folders.run)).toBe(false)
  expect(readdirSync(scratch)).toEqual([])
})

test('a file where the folder should be is told as one, and stays', async () => {
  const file = join(scratch, 'file')
  writeFileSync(file, 'precious')
  await expect(RunFolders.make({ ...nowhere, replicas: 1, folder: file })).rejects.toMatchObject({
    code: 'DiskFailed',
    where: file,
    what: 'this is no folder',
  })
  expect(readFileSync(file, 'utf8')).toBe('precious')
})
