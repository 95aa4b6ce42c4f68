import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BenchResult } from '../../src/measure/bench-result.ts'
import { RESULT } from '../report/bench-example.ts'
import { zktune, type Ran } from './zktune.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rerun-test-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function rerunOf(result: BenchResult, ...words: string[]): Promise<Ran> {
  const file = join(folder, 'result.json')
  writeFileSync(file, JSON.stringify(result))
  return zktune('rerun', file, '--no-results', ...words)
}

test('a secret that was not kept is asked for by name, before anything starts', async () => {
  const settings = [{ key: 'ssl.keyStore.password', value: '(hidden)', origin: 'zoo.cfg:3' }]
  const { code, stderr } = await rerunOf({ ...RESULT, plan: { ...RESULT.plan, settings } })
  expect(code).toBe(2)
  expect(stderr).toContain('the value of ssl.keyStore.password is a secret and was not kept')
})

test('a run that was interrupted, or has a plan of another version, is refused with all its reasons', async () => {
  const plan = Object.fromEntries(Object.entries(RESULT.plan).filter(([key]) => key !== 'generators'))
  const { code, stderr } = await rerunOf({ ...RESULT, partial: true, plan: plan as unknown as BenchResult['plan'] })
  expect(code).toBe(2)
  expect(stderr).toMatch(/was interrupted/)
  expect(stderr).toMatch(/says nothing of "generators"/)
})

test('what is no run, or no count, is a mistake in the line', async () => {
  expect((await zktune('rerun', folder)).stderr).toContain('there is no result of a run')
  expect((await rerunOf(RESULT, '--repeat', 'often')).code).toBe(2)
})
