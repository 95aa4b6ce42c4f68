import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RESULT } from '../report/bench-example.ts'
import { zktune } from './zktune.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-test-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('a folder that is not there yet has no runs, and a file is no folder', async () => {
  const none = await zktune('history', '--results', join(folder, 'none'))
  expect([none.code, none.stdout]).toEqual([0, `No run is kept in ${join(folder, 'none')}.\n`])
  const file = join(folder, 'result.json')
  writeFileSync(file, JSON.stringify(RESULT))
  const { code, stderr } = await zktune('history', '--results', file)
  expect(code).toBe(2)
  expect(stderr).toBe(
    `--results ${file}: this is a file, and runs are kept in a folder. ` +
      `Name the folder that holds the runs; one run is printed by zktune report ${file}.\n`,
  )
})

test('--plain has a run a line: folder, when, engine, profile, operations a second, p50 and p99 in microseconds', async () => {
  const run = join(folder, '2026-11-22-a')
  mkdirSync(run)
  writeFileSync(join(run, 'result.json'), JSON.stringify(RESULT))
  mkdirSync(join(folder, '2026-11-22-b'))
  // What has no result can be printed by nobody.
  expect((await zktune('history', '--results', folder)).stdout).toMatch(/Next: zktune report \S+-a\n$/)
  const lines = (await zktune('history', '--results', folder, '--plain')).stdout.split('\n').slice(0, -1)
  const [first, second] = lines.map((line) => line.split('\t'))
  expect(lines).toHaveLength(2)
  expect(first?.slice(0, 4)).toEqual([run, RESULT.startedAt, 'builtin', RESULT.plan.profiles.cluster])
  expect(first?.slice(4).map(Number)).toEqual(RESULT.headline.map(({ value }) => Math.round(value ?? 0)))
  expect(second).toEqual([join(folder, '2026-11-22-b'), '', '', '', '', '', ''])
})

test.each([
  ['history', '--json', '--plain'],
  ['report', 'RUN', '--json', '--csv'],
  ['report', 'RUN', '--csv', '--markdown'],
  ['report', 'RUN', '--plain', '--quiet'],
  ['bench', '--json', '--plain'],
  ['bench', '--json', '--quiet'],
  ['compare', 'durable', 'volatile', '--json', '--markdown'],
  ['lint', 'zoo.cfg', '--plain', '--quiet'],
])('two forms of output are refused alike: %s', async (...words) => {
  const { code, stderr } = await zktune(...words)
  const [one, other] = words.filter((word) => word.startsWith('--'))
  expect(code).toBe(2)
  expect(stderr).toBe(
    `zktune ${words[0] ?? ''}: ${one ?? ''} and ${other ?? ''} both say what is printed. Give one of them.\n`,
  )
})

test('a result goes into files too, in the forms that their endings name', async () => {
  const run = join(folder, 'result.json')
  writeFileSync(run, JSON.stringify(RESULT))
  const files = ['copy.json', 'table.csv', 'page.md'].map((name) => join(folder, name))
  const exported = await zktune('report', run, '--quiet', ...files.flatMap((file) => ['--export', file]))
  expect(exported).toEqual(await zktune('report', run, '--quiet'))
  for (const [index, form] of ['--json', '--csv', '--markdown'].entries()) {
    expect(readFileSync(files[index] ?? '', 'utf8')).toBe((await zktune('report', run, form)).stdout)
  }
})

test.each([['bench'], ['compare', 'durable', 'durable'], ['report', 'RUN']])(
  'where %s exports to is looked at before anything starts',
  async (...words) => {
    const run = join(folder, 'result.json')
    writeFileSync(run, JSON.stringify(RESULT))
    const line = words.map((word) => (word === 'RUN' ? run : word))
    const { code, stdout, stderr } = await zktune(...line, '--export', folder, '--export', join(folder, 'no', 'a.json'))
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/--export \S+: its ending names no form that this result has\. Let it end in \.json or /)
    expect(stderr).toMatch(
      /--export \S+a\.json: it cannot be written: ENOENT.*Name a file in a folder that you may write to/,
    )
  },
)

test('a run beside another is a table alone', async () => {
  const { code, stderr } = await zktune('report', folder, '--against', folder, '--csv')
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^zktune report: --against .* --csv asks for another form/)])
})

test('where bench puts things is looked at before anything starts', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const { code, stderr } = await zktune('bench', '--data-dir', file, '--log-dir', join(folder, 'none'))
  expect([code, stderr]).toEqual([
    2,
    `--data-dir ${file}: this is a file, not a folder. Name the folder that it is in, or another one.\n` +
      `--log-dir ${join(folder, 'none')}: there is no such folder. Name one that is there, or make it: mkdir -p ${join(folder, 'none')}\n`,
  ])
  expect((await zktune('bench', '--results', file)).stderr).toMatch(/: this is a file, and runs are kept in a folder\./)
})
