/** Sizes of values as people write them: `1KiB`, `100B..4KiB`, `90:100B, 10:16KiB..64KiB`. */
import { ZktuneError } from '../kernel/errors.ts'
import { parseSizeBytes, type QuantityRange } from '../kernel/quantity.ts'
import type { ValueSizes } from './plan.ts'

/**
 * One size, a range of sizes, or several of either with their weights.
 *
 * @throws ZktuneError BadConfigValue
 */
export function parseValueSizes(text: string, range: QuantityRange): readonly ValueSizes[] {
  return text.split(',').map((part) => {
    const [size = '', weightText = '1'] = part
      .split(':')
      .toReversed()
      .map((word) => word.trim())
    const weight = /^\d+(\.\d+)?$/.test(weightText) ? Number(weightText) : 0
    if (!(weight > 0) || part.split(':').length > 2)
      throw bad(range.where, `"${part.trim()}" has no weight before its colon`)
    const [low = '', high = low, ...more] = size.split('..').map((word) => word.trim())
    if (more.length > 0) throw bad(range.where, `"${size}" is no range of sizes`)
    const [minBytes, maxBytes] = [parseSizeBytes(low, range), parseSizeBytes(high, range)]
    if (minBytes > maxBytes) throw bad(range.where, `"${size}" ends before it begins`)
    return { weight, minBytes, maxBytes }
  })
}

/** As `parseValueSizes` reads them, without a blank. */
export function valueSizesText(sizes: readonly ValueSizes[]): string {
  return sizes
    .map(({ weight, minBytes, maxBytes }) => {
      const span = minBytes === maxBytes ? `${minBytes}B` : `${minBytes}B..${maxBytes}B`
      return sizes.length === 1 ? span : `${weight}:${span}`
    })
    .join(',')
}

export function largestBytes(sizes: readonly ValueSizes[]): number {
  return Math.max(...sizes.map(({ maxBytes }) => maxBytes))
}

function bad(where: string, what: string): ZktuneError {
  return new ZktuneError('BadConfigValue', {
    where,
    what,
    mend: 'Write a size (1KiB), a range (100B..4KiB), or several with weights (90:100B, 10:64KiB).',
  })
}
