import { expect, test } from 'vitest'
import { sparkline } from '../../src/report/sparkline.ts'

test('bars go from nothing to the greatest value, in proportion', () => {
  expect(sparkline([0, 25, 50, 75, 100])).toBe('▁▃▅▇█')
  expect(sparkline([10, 10])).toBe('██')
})

test('where nothing happened, and where nothing is known, no bar stands out', () => {
  expect(sparkline([0, 0])).toBe('▁▁')
  expect(sparkline([])).toBe('')
})
