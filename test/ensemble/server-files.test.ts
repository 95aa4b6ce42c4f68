import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readServerFiles } from '../../src/ensemble/server-files.ts'

let scratch: string
let dataDir: string
let config: string

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'files-test-'))
  dataDir = join(scratch, 'data')
  config = join(scratch, 'zoo.cfg')
  mkdirSync(dataDir)
})

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
})

const members = 'server.1=127.0.0.1:2888:3888\nserver.2=127.0.0.1:2889:3889\nserver.3=127.0.0.1:2890:3890\n'
const limits = 'tickTime=2000\ninitLimit=10\nsyncLimit=5\n'

test('a server is its zoo.cfg, the myid beside its data, and whether its ensemble is new', () => {
  writeFileSync(config, `${limits}dataDir=${dataDir}\nclientPort=2182\n${members}`)
  writeFileSync(join(dataDir, 'myid'), '2\n')
  const { settings } = readServerFiles(config)
  expect(settings).toMatchObject({ id: 2, clientPort: 2182, dataDir, dataLogDir: dataDir, isInitial: false })
  expect(settings.members.map(({ id, peerPort }) => [id, peerPort])).toEqual([
    [1, 2888],
    [2, 2889],
    [3, 2890],
  ])
  writeFileSync(join(dataDir, 'initialize'), '')
  expect(readServerFiles(config).settings.isInitial).toBe(true)
})

test('a relative folder is one of the folder that the server is started in', () => {
  writeFileSync(config, `dataDir=${relative(process.cwd(), dataDir)}\nclientPort=2181\n`)
  expect(readServerFiles(config).settings.dataDir).toBe(dataDir)
})

test('members may stand in a dynamic file, looked for beside zoo.cfg', () => {
  writeFileSync(config, `${limits}dataDir=${dataDir}\nclientPort=2181\ndynamicConfigFile=members.cfg\n`)
  writeFileSync(join(scratch, 'members.cfg'), members)
  writeFileSync(join(dataDir, 'myid'), '3')
  expect(readServerFiles(config).settings.members).toHaveLength(3)
})

test('a zoo.cfg that is not there is named', () => {
  expect(() => readServerFiles(join(scratch, 'none.cfg'))).toThrow(
    expect.objectContaining({ code: 'DiskFailed', where: join(scratch, 'none.cfg') }),
  )
})

test('every fault of the files is told at once', () => {
  writeFileSync(config, `tickTime=soon\ndataDir=${dataDir}\nclientPort=99999\n`)
  expect(() => readServerFiles(config)).toThrow(/zoo\.cfg:1[^]*zoo\.cfg:3/)
})
