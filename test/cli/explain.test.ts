import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'
import { allKnobs } from '../../src/zoocfg/catalogue.ts'
import { KNOB_TEXTS } from '../../src/zoocfg/knob-texts.ts'
import { zktune, zktuneIn } from './zktune.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zktune-explain-'))
  writeFileSync(join(folder, 'a.cfg'), 'tickTime=2000\ndataDir=/d\nclientPort=2181\n')
  writeFileSync(join(folder, 'b.cfg'), 'clientPort = 2181\ndataDir = /d\n')
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('a key is explained: what, default, trade, where it is set, and what the engine does with it', async () => {
  const { code, stdout } = await zktune('explain', 'forceSync')
  expect(code).toBe(0)
  expect(stdout).toMatchSnapshot()
  expect((await zktune('explain', 'zookeeper.forceSync')).stdout).toBe(stdout)
})

test('every setting of Apache has its explanation', () => {
  const silent = allKnobs().filter(({ key }) => KNOB_TEXTS[key] === undefined && !key.startsWith('zktune.'))
  expect(silent).toEqual([])
})

test('an unknown key is refused, with the one that was meant', async () => {
  const { code, stderr } = await zktune('explain', 'snapCont')
  expect([code, stderr]).toEqual([2, 'snapCont: ZooKeeper has no setting of this name. Did you mean snapCount?\n'])
})

test('a file is explained: what counts, where it comes from, what follows', async () => {
  expect((await zktune('explain', join(folder, 'a.cfg'))).stdout.replaceAll(folder, 'conf')).toMatchSnapshot()
  const { stdout } = await zktune('explain', join(folder, 'a.cfg'), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, command: 'explain', settings: expect.any(Array) as [] })
})

test('two files are compared by what counts', async () => {
  const files = [join(folder, 'a.cfg'), join(folder, 'b.cfg')]
  const wide = { folder: '/nowhere', environment: {}, columns: 1_000 }
  expect((await zktuneIn(wide, 'diff', ...files)).stdout.replaceAll(folder, 'conf')).toMatchSnapshot()
  const narrow = (await zktuneIn({ ...wide, columns: 40 }, 'diff', ...files)).stdout.split('\n')
  expect(narrow.filter((line) => line.length > 40 && !line.includes(folder))).toEqual([])
  // What the differences are worth is measured: the line for it, where a program does not read.
  const nextLine = `Next: zktune compare ${files.join(' ')}\n`
  expect((await zktune('diff', ...files)).stdout.endsWith(nextLine)).toBe(true)
  for (const form of ['--json', '--plain', '--quiet']) {
    expect((await zktune('diff', ...files, form)).stdout).not.toContain('Next:')
  }
  const same = await zktune('diff', files[0] ?? '', files[0] ?? '')
  expect([same.code, same.stdout]).toEqual([0, 'No setting differs in what counts.\n'])
  const { stdout } = await zktune('diff', ...files, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ command: 'diff', differences: expect.any(Array) as [] })
})

test('--plain has one record a line, and a difference may be told in its last line alone', async () => {
  const [a, b] = [join(folder, 'a.cfg'), join(folder, 'b.cfg')]
  expect((await zktune('explain', a, '--plain')).stdout.split('\n')[0]).toBe('tickTime\t2000\tline 1')
  expect((await zktune('explain', 'forceSync', '--plain')).stdout).toMatch(/^Default\tyes$/m)
  expect((await zktune('diff', a, b, '--plain')).stdout).toMatch(/^tickTime\t2000\t3000$/m)
  expect((await zktune('diff', a, b, '--quiet')).stdout).toMatch(/^\d+ differences\.\n$/)
  expect((await zktune('diff', '-', '-')).stderr).toContain('stdin can be read once')
})

test('a table ends where the terminal does', async () => {
  const { stdout } = await zktune('explain', join(folder, 'a.cfg'))
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(folder))).toEqual([])
})
