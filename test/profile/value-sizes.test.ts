import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseValueSizes, valueSizesText } from '../../src/profile/value-sizes.ts'

const RANGE = { where: '--size', min: 0, max: 2 ** 20 }
const bytes = fc.nat({ max: 2 ** 20 })
const sizes = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 99 }), bytes, bytes), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts.map(([weight, one, other]) => ({
      weight: parts.length === 1 ? 1 : weight,
      minBytes: Math.min(one, other),
      maxBytes: Math.max(one, other),
    })),
  )

test('sizes that are written are read as they were', () => {
  fc.assert(
    fc.property(sizes, (each) => {
      expect(parseValueSizes(valueSizesText(each), RANGE)).toEqual(each)
    }),
  )
})
