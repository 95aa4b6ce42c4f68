import { expect, test } from 'vitest'
import { linkRows, linksText } from '../../src/report/links-text.ts'

const link = (a: number, b: number, delayMs: number): Parameters<typeof linksText>[0][number] => {
  return { a, b, delayMs, jitterMs: 0, lossPercent: 0 }
}

test('links are told in one line if they are alike, else each for itself', () => {
  const alike = [link(1, 2, 20), link(1, 3, 20)].map((each) => ({ ...each, jitterMs: 5, lossPercent: 0.1 }))
  expect(linkRows(alike)).toEqual([['links', '20 ms each way, up to 5 ms more, 0.1 % lost']])
  expect(linkRows([link(1, 2, 6), link(1, 3, 10)])).toEqual([
    ['link 1-2', '6 ms each way'],
    ['link 1-3', '10 ms each way'],
  ])
  expect(linkRows([])).toEqual([])
})

test('in short they are the range of their delays', () => {
  expect(linksText([link(1, 2, 6), link(1, 3, 10)])).toBe('6 to 10 ms each way')
  expect(linksText([])).toBeNull()
})
