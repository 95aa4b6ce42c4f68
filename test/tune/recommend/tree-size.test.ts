import { expect, test } from 'vitest'

import { parseTree, treeOf, treeText } from '../../../src/tune/recommend/tree-size.ts'
import { planWith } from './synthetic.ts'

test.each([
  ['100000x1KiB', { znodes: 100_000, valueBytes: 1_024 }],
  ['50k x 200B', { znodes: 50_000, valueBytes: 200 }],
  ['1x0', { znodes: 1, valueBytes: 0 }],
])('--tree %s', (text, size) => {
  expect(parseTree(text)).toEqual(size)
})

test.each(['', '1000', 'x1KiB', '1000x', '0x1KiB', '10x2MiB', '1.5x1KiB', '100 GB'])(
  '--tree "%s" is refused',
  (text) => {
    expect(() => parseTree(text)).toThrow()
  },
)

test('without it the tree is that of the workload, at the mean size of a value', () => {
  const { workload } = planWith('tickTime=2000\n')
  const shape = {
    ...workload.shape,
    valueSizes: [
      { weight: 3, minBytes: 100, maxBytes: 100 },
      { weight: 1, minBytes: 200, maxBytes: 400 },
    ],
  }
  const size = treeOf({ keyCount: 12_000, shape })
  expect(size).toEqual({ znodes: 12_000, valueBytes: 150 })
  expect(treeText(size)).toBe('12,000 znodes of 150 bytes')
})
