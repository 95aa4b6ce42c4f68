import { expect, test } from 'vitest'
import { benchCsv, benchMarkdown, besideText } from '../../src/report/bench-export.ts'
import { historyText } from '../../src/report/history-text.ts'
import type { Style } from '../../src/report/style.ts'
import { CAPACITY, OPEN, RESULT, resultWith } from './bench-example.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }

test('CSV has a line for each phase and operation, as many cells in each as in its head', () => {
  const lines = benchCsv(RESULT).trimEnd().split('\n')
  expect(lines).toHaveLength(1 + 3 + 3)
  const widths = new Set(lines.map((line) => line.split(',').length))
  expect([...widths]).toEqual([17])
  expect(lines[3]).toBe('capacity,closed,,true,false,all,1234567,123456.7,0,213.4,812,902,12400.2,123456,1234567,,')
  expect(lines[4]).toMatch(/^70 % of capacity,open,86400,true,false,get,.*,213.4,9876.5$/)
})

test('Markdown is a table that says which phases to doubt', () => {
  const text = benchMarkdown(resultWith([{ ...CAPACITY, steady: false, clientLimited: 'busy' }, OPEN]))
  expect(text).toContain('- at capacity: 120,000 ops/s\n')
  expect(text).toContain(
    '| capacity |  | all | 123,457 | 0 | 0.213 | 12.4 | 123 | 1,235 | not steady, client-limited |\n',
  )
  expect(text).toContain('| 70 % of capacity | 86,400 | get |')
})

test('two runs beside each other are said to be unpaired, with the ratio of what both have', () => {
  const faster = resultWith([{ ...CAPACITY, opsPerSecond: 246_913.4 }])
  const text = besideText({ name: 'new', result: faster }, { name: 'old', result: RESULT }, PLAIN)
  expect(text).toContain('UNPAIRED  measured at different times')
  expect(text).toMatch(/capacity +ops\/s +246,913 +123,457 +2\.0\n/)
  expect(text).not.toContain('70 %')
  const nothing = besideText({ name: 'new', result: resultWith([]) }, { name: 'old', result: RESULT }, PLAIN)
  expect(nothing).toContain('They have no phase in common.')
})

test('the history lists every run, also one that came to nothing', () => {
  const text = historyText(
    '/runs',
    [
      { folder: '/runs/one', result: RESULT, comparison: null },
      { folder: '/runs/two', result: null, comparison: null },
    ],
    PLAIN,
  )
  expect(text).toMatch(/\none +builtin, small-cluster +123,457 +0\.213 +12\.4\n/)
  expect(text).toMatch(/\ntwo +no result/)
  const runs = [{ folder: '/runs/one', result: RESULT, comparison: null }]
  expect(historyText('/runs', runs, { ...PLAIN, columns: 40 })).toMatch(/\none +builtin, small-cluster +123,457\n/)
  expect(historyText('/runs', [], PLAIN)).toBe('No run is kept in /runs.\n')
})
