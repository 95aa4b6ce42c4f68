import { spawn, type ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findLeftovers, removeLeftover } from '../../src/ensemble/leftovers.ts'
import { removeOrphanedNow, RunFolders } from '../../src/ensemble/run-folders.ts'
import {
  fateOf,
  markOf,
  newOwner,
  OWNER_FILE,
  readOwner,
  writeOwner,
  type RunOwner,
} from '../../src/ensemble/run-owner.ts'

/** No process has it: pids end at 2^22. */
const NOBODY = { pid: 2 ** 30, startTicks: 1 }

let parent: string
let children: ChildProcess[]

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'leftovers-test-'))
  children = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(parent, { recursive: true })
})

function runOf(changes: Partial<RunOwner>, names: readonly string[] = ['zktune-aaaaaa']): string {
  const folders = names.map((name) => join(parent, name))
  for (const folder of folders) {
    mkdirSync(join(folder, 'server-1'), { recursive: true })
    writeFileSync(join(folder, 'server-1', 'log'), 'x'.repeat(1_000))
  }
  writeOwner({ ...newOwner(folders, false), process: NOBODY, ...changes })
  return folders[0] ?? ''
}

function sleeper(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' })
  children.push(child)
  if (child.pid === undefined) throw new TypeError('no process')
  return child.pid
}

describe('what a crashed run left', () => {
  test('is found by any of its folders, and all of them go', async () => {
    const folder = runOf({}, ['zktune-aaaaaa', 'zktune-bbbbbb'])
    const { leftovers, leftAlone } = findLeftovers([parent, join(parent, 'none')])
    expect(leftovers).toMatchObject([{ folder, pid: NOBODY.pid, servers: [], isKept: false }])
    expect(leftovers[0]?.folders).toHaveLength(2)
    expect(leftovers[0]?.sizeBytes).toBeGreaterThan(2_000)
    expect(leftAlone).toEqual([])
    for (const leftover of leftovers) await removeLeftover(leftover)
    expect(readdirSync(parent)).toEqual([])
  })

  test.runIf(process.platform === 'linux')('its servers are ended, and nobody who has got the pid of one', async () => {
    const [mine, other] = [sleeper(), sleeper()]
    const { startTicks } = markOf(other)
    runOf({ servers: [markOf(mine), { pid: other, startTicks: (startTicks ?? 0) - 1 }] })
    const [leftover] = findLeftovers([parent]).leftovers
    expect(leftover?.servers).toEqual([mine])
    if (leftover !== undefined) await removeLeftover(leftover)
    expect([fateOf({ pid: mine, startTicks: markOf(mine).startTicks }), markOf(mine).startTicks]).toEqual([
      'gone',
      null,
    ])
    expect(fateOf(markOf(other))).toBe('alive')
  })

  test('of an earlier start of the machine has no processes any more', () => {
    runOf({ bootId: 'another', process: markOf(process.pid), servers: [markOf(process.pid)] })
    expect(findLeftovers([parent]).leftovers).toMatchObject([{ servers: [] }])
  })

  test('that was to be kept loses its servers, and no folder', async () => {
    runOf({ isKept: true })
    expect(findLeftovers([parent])).toEqual({ leftovers: [], leftAlone: [] })
    if (process.platform !== 'linux') return
    const pid = sleeper()
    const folder = runOf({ isKept: true, servers: [markOf(pid)] })
    const [leftover] = findLeftovers([parent]).leftovers
    expect(leftover).toMatchObject({ folders: [], servers: [pid], isKept: true })
    if (leftover !== undefined) await removeLeftover(leftover)
    expect([existsSync(join(folder, 'server-1', 'log')), markOf(pid).startTicks]).toEqual([true, null])
  })
})

describe('what is left alone', () => {
  test('a run that is under way, here or on another machine', () => {
    runOf({ process: markOf(process.pid) })
    const here = findLeftovers([parent])
    expect(here).toMatchObject({ leftovers: [], leftAlone: [{ because: `is in use by zktune, pid ${process.pid}` }] })
    runOf({ host: 'elsewhere' })
    expect(findLeftovers([parent]).leftAlone).toMatchObject([
      { because: expect.stringContaining('elsewhere') as string },
    ])
  })

  test('a folder that does not say whose it is, or has another name', () => {
    mkdirSync(join(parent, 'zktune-cccccc'))
    const named = join(parent, 'precious')
    mkdirSync(named)
    writeOwner({ ...newOwner([named], false), process: NOBODY })
    expect(findLeftovers([parent])).toEqual({ leftovers: [], leftAlone: [] })
  })

  test('what a file claims to be of the run, and that does not say so itself', async () => {
    const precious = join(parent, 'zktune-precio')
    mkdirSync(precious)
    const folder = runOf({})
    const owner = readOwner(folder)
    writeFileSync(join(folder, OWNER_FILE), JSON.stringify({ ...owner, folders: [folder, precious, parent, '/'] }))
    const [leftover] = findLeftovers([parent]).leftovers
    expect(leftover?.folders).toEqual([folder])
    if (leftover !== undefined) await removeLeftover({ ...leftover, folders: [folder, precious] })
    expect(readdirSync(parent)).toEqual(['zktune-precio'])
  })

  test('a folder that is reached by a link', () => {
    const away = mkdtempSync(join(tmpdir(), 'leftovers-away-'))
    writeOwner({ ...newOwner([away], false), process: NOBODY })
    symlinkSync(away, join(parent, 'zktune-dddddd'))
    expect(findLeftovers([parent]).leftovers).toEqual([])
    expect(readOwner(join(parent, 'zktune-dddddd'))).toBeNull()
    rmSync(away, { recursive: true })
  })

  test('a run that has begun again under the same name since it was found', async () => {
    runOf({})
    const [leftover] = findLeftovers([parent]).leftovers
    const folder = runOf({ process: markOf(process.pid) })
    if (leftover !== undefined) await removeLeftover(leftover)
    expect(existsSync(folder)).toBe(true)
  })
})

test('the folders of a run say whose they are, on every device, and orphans leave none of that behind', async () => {
  const dataParent = join(parent, 'data')
  mkdirSync(dataParent)
  const options = { replicas: 2, dataParent, logParent: null, splitsLog: false, folder: null }
  const folders = await RunFolders.make(options)
  try {
    folders.noteServers([process.pid])
    const owner = readOwner(folders.run)
    expect(owner).toMatchObject({ process: { pid: process.pid }, servers: [{ pid: process.pid }], isKept: false })
    expect(owner?.folders).toHaveLength(2)
    expect(findLeftovers([dataParent]).leftAlone).toHaveLength(1)
    removeOrphanedNow(folders.places[0]?.ownFolders ?? [])
    expect([existsSync(folders.run), readdirSync(dataParent).length]).toEqual([true, 1])
    removeOrphanedNow(folders.places[1]?.ownFolders ?? [])
    expect([existsSync(folders.run), readdirSync(dataParent)]).toEqual([false, []])
  } finally {
    folders.removeNow()
  }
})

test('a folder of the user gets no owner', async () => {
  const folders = await RunFolders.make({
    replicas: 1,
    dataParent: null,
    logParent: null,
    splitsLog: false,
    folder: join(parent, 'state'),
  })
  folders.noteServers([process.pid])
  expect(readdirSync(folders.run)).toEqual(['server-1'])
  expect(() => readFileSync(join(folders.run, OWNER_FILE))).toThrow()
})
