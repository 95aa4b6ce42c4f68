import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { RealDisk } from '../../../src/io/real-disk.ts'
import { Journal, JOURNAL_FILE } from '../../../src/tune/recommend/journal.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zktune-journal-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function path(): string {
  return join(folder, 'run', JOURNAL_FILE)
}

function written(...entries: readonly object[]): void {
  const { journal } = Journal.open(new RealDisk(), join(folder, 'run'))
  for (const entry of entries) journal.append(entry)
  journal.close()
}

function read(): readonly unknown[] {
  const { journal, entries } = Journal.open(new RealDisk(), join(folder, 'run'))
  journal.close()
  return entries
}

test('what was appended is there when it is opened again, and more goes behind it', () => {
  written({ a: 1 }, { b: 'zwei\n' })
  expect(read()).toEqual([{ a: 1 }, { b: 'zwei\n' }])
  written({ c: 3 })
  expect(read()).toEqual([{ a: 1 }, { b: 'zwei\n' }, { c: 3 }])
})

test('a last line that was cut anywhere is dropped, and the next one takes its place', () => {
  written({ a: 1 }, { b: 'a longer line' })
  const whole = readFileSync(path())
  const first = whole.indexOf(0x0a) + 1
  for (let cut = first; cut < whole.length; cut++) {
    writeFileSync(path(), whole.subarray(0, cut))
    expect(read()).toEqual([{ a: 1 }])
    expect(readFileSync(path()).length).toBe(first)
  }
  written({ c: 3 })
  expect(read()).toEqual([{ a: 1 }, { c: 3 }])
})

test('a damaged line before the last is told, with where it stands', () => {
  written({ a: 1 }, { b: 2 }, { c: 3 })
  const lines = readFileSync(path(), 'utf8').split('\n')
  lines[1] = '{"b":'
  writeFileSync(path(), lines.join('\n'))
  expect(() => read()).toThrow(`${JOURNAL_FILE}:2: this line of the journal is no JSON`)
})
