import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { zktune } from './zktune.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'search-test-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('knobs shows what is searched beside settings', async () => {
  const { stdout, code } = await zktune('knobs', '--search', 'size=3,5', '--search', 'security=open,tls-client')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^size +3 +5$/m)
  expect(stdout).toMatch(/^security +open +tls-client$/m)
})

test('recommend leaves out sizes that bear too little, and shows what is left before anything starts', async () => {
  const words = ['recommend', '--search', 'size=1,3,5', '--tolerate', '1', '--log-dir', folder, '--log-dir', tmpdir()]
  const { stdout, code } = await zktune(...words, '--print-config')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^size +3 +5$/m)
  expect(stdout).toMatch(/^dataLogDir +\S+ +\S+$/m)
})

test.each([
  [['--search', 'size=1,3', '--tolerate', '1'], 'no size but 3'],
  [['--search', 'snapCount=1,2'], 'Settings are searched by --knobs'],
  [['--search', 'security=open,small-cluster'], 'is no security profile'],
  [['--search', 'security=nope'], '--search security=nope: there is no profile "nope"'],
  [['--log-dir', '/tmp', '--log-dir', '/no/such/folder'], '/no/such/folder'],
  [['--tree', '5 GB'], '--tree'],
])('recommend %j is refused', async (words, what) => {
  const { stderr, code } = await zktune('recommend', ...words, '--print-config')
  expect(code).toBe(2)
  expect(stderr).toContain(what)
})
