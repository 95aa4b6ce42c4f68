import { describe, expect, test } from 'vitest'
import { compareMarkdown } from '../../src/report/compare-markdown.ts'
import { compareText } from '../../src/report/compare-text.ts'
import { IntervalChart } from '../../src/report/interval-chart.ts'
import { comparisonExample } from './compare-example.ts'

const STYLE = { hasColour: false, hasUnicode: true, columns: 80 }

describe('a comparison on a terminal', () => {
  test('has the verdicts first, then what differs, the figures, their intervals, and what limits them', () => {
    expect(compareText(comparisonExample(), STYLE)).toMatchSnapshot()
  })

  test('fits 80 columns, also without Unicode, and is the same words without colour', () => {
    for (const style of [STYLE, { ...STYLE, hasUnicode: false }, { ...STYLE, columns: 200 }]) {
      const lines = compareText(comparisonExample({ noise: 0.2 }), style).split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    }
    const plain = compareText(comparisonExample(), { ...STYLE, hasUnicode: false })
    expect(plain).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('says that it was interrupted', () => {
    expect(compareText({ ...comparisonExample(), partial: true }, STYLE)).toContain('PARTIAL: interrupted')
  })
})

test('a comparison in a pull request is headings and tables', () => {
  expect(compareMarkdown(comparisonExample())).toMatchSnapshot()
})

describe('a drawn interval', () => {
  const chart = new IntervalChart([{ low: 0.9, centre: 0.95, high: 1.1 }], 0.05, 25, STYLE)

  test('stands on a logarithmic axis around 1, whose edges are the least difference that matters', () => {
    expect(chart.scale).toBe('0.90        1        1.11')
    expect(chart.row(null)).toBe('      ┊     │     ┊')
    expect(chart.row({ low: 0.9, centre: 0.95, high: 1.1 })).toBe('├─────●────────────────┤')
  })

  test('ends in an arrow where the axis does not hold it', () => {
    const wide = new IntervalChart([{ low: 0.01, centre: 1, high: 90 }], 0.05, 25, STYLE)
    expect(wide.row({ low: 0.01, centre: 1, high: 90 })).toBe('◄───────────●───────────►')
  })
})
