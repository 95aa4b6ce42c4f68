import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exitCodeOf } from '../../src/cli/compare-command.ts'
import { EXAMPLES } from '../../src/cli/examples.ts'
import { comparisonExample } from '../report/compare-example.ts'
import { faultsOf } from '../schema/published-schema.ts'
import { zktune } from './zktune.ts'

const OLD =
  'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/nowhere\nserver.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n'

let folder: string
let before: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compare-test-'))
  writeFileSync(join(folder, 'old.cfg'), OLD)
  writeFileSync(join(folder, 'new.cfg'), `${OLD}# another\nsnapCount=5000\nmaxClientCnxns=200\n`)
  before = process.cwd()
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

test.each(EXAMPLES.compare.map(({ line }) => line))('%s names what differs, and starts nothing', async (line) => {
  const { code, stdout, stderr } = await zktune(...line.split(' ').slice(1), '--print-config')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^what differs between A \S+ and B \S+\n {2}\w/)
})

test('what differs is what counts: formatting, folders and lines that say the default do not', async () => {
  const { stdout } = await zktune('compare', 'old.cfg', 'new.cfg', '--print-config')
  expect(stdout).toMatchSnapshot()
  expect((await zktune('compare', 'old.cfg', './old.cfg', '--print-config')).stdout).toContain('nothing that counts')
})

test('an argument is a file by its look or because it is there, else a profile', async () => {
  writeFileSync(join(folder, 'mine.ini'), '[profile]\nconcern=storage\ndescription=Mine.\n[settings]\nsnapCount=7777\n')
  writeFileSync(join(folder, 'plain'), `${OLD}snapCount=6666\n`)
  const { code, stdout, stderr } = await zktune('compare', 'durable', 'mine.ini', 'plain', '--print-config')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/B: 7777 \(profile mine\)/)
  expect(stdout).toMatch(/C: 6666 \(plain:8\)/)
})

test.each([
  [['compare', 'durable']],
  [['compare', 'durable', 'read-heavy', 'durabel', 'none.cfg']],
  [['compare', 'durable', 'volatile']],
  [['compare', 'durable', 'batched-sync', '--engine', 'remote']],
  [['compare', 'durable', 'batched-sync', '--max-time', '5m', '--min-effect', '5', '--fail-on', 'slower']],
  [
    [
      'compare',
      'durable',
      'batched-sync',
      '--until-conclusive',
      '--pairs',
      '3',
      '--metric',
      'set.p98',
      '--metric',
      'errors',
    ],
  ],
  [['compare', 'durable', 'batched-sync', '--closed', '--metric', 'all.p99']],
  [['compare', 'standalone', 'small-cluster', '--failover']],
])('%j: ends with 2, and says everything that is wrong', async (words) => {
  const { code, stdout, stderr } = await zktune(...words)
  expect([code, stdout]).toEqual([2, ''])
  // What there is grows, and this is not about it.
  const masked = stderr.replace(/one of get.*, read/, 'one of …, read')
  expect(masked).toMatchSnapshot()
})

describe('a comparison that was kept', () => {
  const kept = (): string => {
    mkdirSync(join(folder, 'kept'))
    writeFileSync(join(folder, 'kept', 'result.json'), JSON.stringify(comparisonExample()))
    return join(folder, 'kept')
  }

  test('is reported again, in every form that it has', async () => {
    const path = kept()
    expect((await zktune('report', path)).stdout).toMatch(/^B new\.cfg against A old\.cfg: /)
    expect((await zktune('report', path, '--markdown')).stdout).toMatch(/^## zktune compare\n/)
    const { stdout } = await zktune('report', path, '--json')
    expect(faultsOf(JSON.parse(stdout), 'CompareResult')).toEqual([])
    expect(await zktune('report', path, '--csv')).toMatchObject({ code: 2, stdout: '' })
  })

  test('is listed', async () => {
    kept()
    expect((await zktune('history', '--results', folder)).stdout).toMatch(/kept +comparison of 2/)
  })
})

describe('the exit code', () => {
  test('tells the verdicts apart, where that is asked for', () => {
    const worse = comparisonExample({ factor: 0.7 })
    const open = comparisonExample({ factor: 1, noise: 0.2 })
    expect(exitCodeOf(worse, [])).toBe(0)
    expect(exitCodeOf(worse, ['worse', 'inconclusive'])).toBe(3)
    expect(exitCodeOf(worse, ['inconclusive'])).toBe(4)
    expect(exitCodeOf(open, ['worse'])).toBe(0)
    expect(exitCodeOf(open, ['worse', 'inconclusive'])).toBe(4)
    expect(exitCodeOf({ ...worse, partial: true }, ['worse'])).toBe(130)
  })

  test('is 1 for an arm that failed, whatever is asked for', () => {
    const { arms, ...rest } = comparisonExample()
    expect(exitCodeOf({ ...rest, arms: arms.map((arm) => ({ ...arm, failed: 1 })) }, [])).toBe(1)
  })
})
