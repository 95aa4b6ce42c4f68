import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { zktune } from './zktune.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broken-java-test-'))
  for (const name of ['jre/bin', 'zookeeper/lib', 'runs']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'zookeeper', 'lib', 'zookeeper-3.8.0.jar'), '')
  // As an update that was cut off leaves it: the program is there, and does not run.
  writeFileSync(join(folder, 'jre', 'bin', 'java'), '#!/bin/sh\necho "libjli.so: cannot open" >&2\nexit 127\n', {
    mode: 0o755,
  })
  vi.stubEnv('JAVA_HOME', join(folder, 'jre'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test.each([
  ['bench', '--results', 'RUNS'],
  ['compare', 'durable', 'batched-sync', '--results', 'RUNS'],
  ['recommend', '--output', 'RUNS/advice'],
])('%s with a Java that does not run says so before anything is measured, booted or kept', async (...words) => {
  const line = words.map((word) => word.replace('RUNS', join(folder, 'runs')))
  const { code, stdout, stderr } = await zktune(
    ...line,
    ...['--engine', 'apache', '--zookeeper-home', join(folder, 'zookeeper')],
  )
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    `${join(folder, 'jre/bin/java')}: this Java does not run: libjli.so: cannot open. ` +
      'Set JAVA_HOME to another runtime, or use --engine builtin, which needs none.\n',
  )
  expect(readdirSync(join(folder, 'runs'))).toEqual([])
})
