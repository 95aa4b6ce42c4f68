import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { cgroupCores, cgroupMemoryBytes } from '../../src/cli/cgroup.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-test-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

function files(texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

test('of version 2 a quota is cores, and max is none', () => {
  files({ 'cpu.max': '150000 100000\n', 'memory.max': '536870912\n' })
  expect([cgroupCores(root), cgroupMemoryBytes(root)]).toEqual([1.5, 2 ** 29])
  files({ 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' })
  expect([cgroupCores(root), cgroupMemoryBytes(root)]).toEqual([null, null])
})

test('of version 1 a quota of -1 is none, nor is the largest number of bytes', () => {
  files({
    'cpu/cpu.cfs_quota_us': '50000\n',
    'cpu/cpu.cfs_period_us': '100000\n',
    'memory/memory.limit_in_bytes': '1048576\n',
  })
  expect([cgroupCores(root), cgroupMemoryBytes(root)]).toEqual([0.5, 2 ** 20])
  files({ 'cpu/cpu.cfs_quota_us': '-1\n', 'memory/memory.limit_in_bytes': '9223372036854771712\n' })
  expect([cgroupCores(root), cgroupMemoryBytes(root)]).toEqual([null, null])
})

test('where there is no cgroup there is no limit', () => {
  expect([cgroupCores(root), cgroupMemoryBytes(root)]).toEqual([null, null])
})
