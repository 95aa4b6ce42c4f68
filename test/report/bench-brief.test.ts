import { expect, test } from 'vitest'
import { judge, parseThreshold } from '../../src/measure/threshold.ts'
import { benchBrief } from '../../src/report/bench-brief.ts'
import { headlineLines } from '../../src/report/bench-headline.ts'
import { CAPACITY, OPEN, RESULT, resultWith } from './bench-example.ts'

const STYLE = { hasColour: false, hasUnicode: true, columns: 80 }

test('in brief a run is its headline and its thresholds', () => {
  const thresholds = judge([parseThreshold('errors==0'), parseThreshold('all.p99<1us')], RESULT)
  const lines = benchBrief({ ...RESULT, thresholds }, STYLE)
    .trimEnd()
    .split('\n')
  const headline = headlineLines(RESULT, STYLE)
  expect(lines.slice(0, headline.length)).toEqual(headline)
  expect(lines.slice(-2).map((line) => line.split(' ')[0])).toEqual(['KEPT', 'BREACHED'])
})

test('but no figure stands there without what speaks against it', () => {
  const phases = [
    { ...CAPACITY, steady: false, unsteadyBecause: 'its throughput fell by 20 %', errors: { CONNECTIONLOSS: 1_200 } },
    { ...OPEN, clientLimited: 'a generator took 97 % of a core' },
  ]
  const text = benchBrief(resultWith(phases, { partial: true }), STYLE)
  expect(text).toContain(`CAUTION  ${CAPACITY.name}: not steady: its throughput fell by 20 %`)
  expect(text).toContain(`CAUTION  ${OPEN.name}: client-limited: a generator took 97 % of a core\n`)
  expect(text).toContain('CAUTION  1,200 requests failed\n')
  expect(text).toContain('PARTIAL  interrupted\n')
  expect(benchBrief(resultWith([]), STYLE)).toBe('Nothing was measured.\n')
})
