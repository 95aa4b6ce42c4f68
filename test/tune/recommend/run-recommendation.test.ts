import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { RealDisk } from '../../../src/io/real-disk.ts'
import { recommendationJson } from '../../../src/tune/output/recommendation-files.ts'
import { JOURNAL_FILE } from '../../../src/tune/recommend/journal.ts'
import { faultsOf } from '../../schema/published-schema.ts'
import { recommended } from './recommended.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zktune-recommended-'))))
afterEach(() => rmSync(folder, { recursive: true }))

test('a tuning that ended is taken up without a trial, and its document is as published', async () => {
  const first = await recommended(new RealDisk(), folder)
  const lines = readFileSync(join(folder, JOURNAL_FILE), 'utf8').split('\n').slice(0, -1)
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind)
  expect(kinds.filter((kind) => kind !== 'trial')).toEqual(['session', 'measurement', 'measurement', 'measurement'])
  expect(kinds.filter((kind) => kind === 'trial')).toHaveLength(first.ran.trials)
  expect(first.ran.measurements).toBe(3)

  const again = await recommended(new RealDisk(), folder)
  expect(again.ran).toEqual({ trials: 0, measurements: 0 })
  const document: unknown = JSON.parse(JSON.stringify(recommendationJson(again.recommendation)))
  expect(document).toEqual(JSON.parse(JSON.stringify(recommendationJson(first.recommendation))))
  expect(faultsOf(document, 'RecommendDocument')).toEqual([])
  expect(document).toMatchObject({ verdict: { kind: 'better' }, recommendedPlan: { voters: 3 } })
})

test('of a tuning in which nothing works nothing more is measured, and its document is as published, too', async () => {
  const failed = { kind: 'failed', why: 'did-not-boot', what: 'no Java', metrics: null } as const
  const { recommendation, ran } = await recommended(new RealDisk(), folder, () => failed)
  expect(ran.measurements).toBe(0)
  expect(recommendation.afterwards).toBeNull()
  const document: unknown = JSON.parse(JSON.stringify(recommendationJson(recommendation)))
  expect(faultsOf(document, 'RecommendDocument')).toEqual([])
})
