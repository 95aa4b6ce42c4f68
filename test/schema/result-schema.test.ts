import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { zktune } from '../cli/zktune.ts'
import { judge, parseThreshold } from '../../src/measure/threshold.ts'
import { CAPACITY, DISK, OPEN, RESULT, resultWith } from '../report/bench-example.ts'
import { faultsOf, SCHEMA_FILE } from './published-schema.ts'
import { schemaOfType } from './schema-of-type.ts'

const DOCUMENTS = fileURLToPath(new URL('../../src/cli/documents.ts', import.meta.url))

/** After a change of the types: `npx vitest run test/schema -u`, and a line in the changelog. */
test('the published schema is that of the types', async () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'zktune documents, schemaVersion 1',
    description: 'What zktune prints with --json. Generated from src/cli/documents.ts.',
    ...schemaOfType(DOCUMENTS, 'ZktuneDocument'),
  }
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(SCHEMA_FILE))
})

describe('what is printed with --json is as published', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'schema-test-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  async function printed(...words: string[]): Promise<unknown> {
    return JSON.parse((await zktune(...words, '--json')).stdout)
  }

  test('a result, with all that it may hold', () => {
    const thresholds = judge([parseThreshold('set.p99<20ms'), parseThreshold('errors==0')], RESULT)
    const full = resultWith([CAPACITY, { ...OPEN, clientLimited: 'why', unsteadyBecause: 'why', steady: false }], {
      thresholds,
      disk: { log: DISK, data: DISK, sameDevice: true },
      notHonoured: [{ key: 'a', reason: 'b' }],
      partial: true,
    })
    expect(faultsOf(RESULT, 'BenchResult')).toEqual([])
    expect(faultsOf(full, 'BenchResult')).toEqual([])
    expect(faultsOf({ ...RESULT, disk: null }, 'BenchResult')).toEqual([])
  })

  test('a report of a run, and the history that it is in', async () => {
    const run = join(folder, 'run')
    mkdirSync(run)
    mkdirSync(join(folder, 'unfinished'))
    writeFileSync(join(run, 'result.json'), JSON.stringify(RESULT))
    expect(faultsOf(await printed('report', run), 'BenchResult')).toEqual([])
    expect(faultsOf(await printed('history', '--results', folder), 'HistoryDocument')).toEqual([])
  })

  test('the knobs of a search', async () => {
    expect(faultsOf(await printed('knobs', '--engine', 'apache'), 'KnobsDocument')).toEqual([])
  })

  test('the figures of disks', async () => {
    expect(faultsOf(await printed('disk', folder, '--duration', '50ms'), 'DiskDocument')).toEqual([])
    expect(faultsOf(await printed('disk', folder, folder, '--duration', '50ms'), 'DiskDocument')).toEqual([])
  })

  test.each([
    [['bench', '--duration', '3', '--size', '1k', '--threshold', 'set.p98<1ms']],
    [['bench', '--no-such-flag']],
    [['report', '/none']],
    [['history', 'too', 'many']],
    [['disk', '/none']],
  ])('the failure of %j', async (words) => {
    expect(faultsOf(await printed(...words), 'FailureDocument')).toEqual([])
  })

  test('and what is not, is told', () => {
    expect(faultsOf({ ...RESULT, seed: '42' }, 'BenchResult').join()).toContain('/seed must be number')
    expect(faultsOf({ ...RESULT, more: 1 }, 'BenchResult').join()).toContain('more')
    const less = Object.entries(RESULT).filter(([key]) => key !== 'durability')
    expect(faultsOf(Object.fromEntries(less), 'BenchResult').join()).toContain('durability')
    expect(faultsOf(RESULT, 'DiskDocument')).not.toEqual([])
  })
})
