/**
 * Durations, sizes and counts as people write them: a decimal number and, without a blank, its unit. A unit is asked for
 * wherever leaving it out would be a guess.
 */
import { ZktuneError } from './errors.ts'

const QUANTITY = /^(\d+(?:\.\d+)?|\.\d+)([A-Za-zµ]*)$/

const MS_PER_UNIT = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
])

const BYTES_PER_UNIT = new Map([
  ['', 1],
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
])

const ONES_PER_UNIT = new Map([
  ['', 1],
  ['k', 1e3],
  ['K', 1e3],
  ['M', 1e6],
])

export interface QuantityRange {
  /** Names the flag, or the file and key, in the error. */
  readonly where: string
  readonly min?: number
  readonly max?: number
}

/**
 * `30s`, `250ms`, `1.5m`, `1h`; a bare `0` needs no unit.
 *
 * @returns whole milliseconds
 * @throws ZktuneError BadConfigValue
 */
export function parseDurationMs(text: string, range: QuantityRange): number {
  const kind = 'a duration such as 30s, 250ms, 5m or 1h'
  const match = split(text)
  if (match === null) throw badQuantity(text, kind, range, `Write ${kind.slice(kind.indexOf('such as ') + 8)}.`)
  if (match.unit === '' && match.number !== 0) {
    throw badQuantity(text, kind, range, `A unit is missing: ${text}s or ${text}ms?`)
  }
  const factor = match.unit === '' ? 1 : MS_PER_UNIT.get(match.unit)
  if (factor === undefined) throw badQuantity(text, kind, range, 'The units are ms, s, m and h.')
  return within(Math.round(match.number * factor), text, range, 'ms')
}

/**
 * `1024`, `1KiB`, `1.5MiB`, `1kB` (1000).
 *
 * @returns whole bytes
 * @throws ZktuneError BadConfigValue
 */
export function parseSizeBytes(text: string, range: QuantityRange): number {
  const kind = 'a size such as 512, 1KiB or 2MB'
  const match = split(text)
  if (match === null) throw badQuantity(text, kind, range, 'Write 512 (bytes), 1KiB (1024 bytes) or 1kB (1000 bytes).')
  const factor = BYTES_PER_UNIT.get(match.unit)
  if (factor === undefined) {
    const letter = match.unit.slice(0, 1).toUpperCase()
    const mend = /^[kmg]$/i.test(match.unit)
      ? `Which one: ${match.digits}${letter}iB (powers of 1024) or ${match.digits}${letter}B (powers of 1000)?`
      : 'The units are B, KiB, MiB, GiB (powers of 1024) and kB, MB, GB (powers of 1000).'
    throw badQuantity(text, kind, range, mend)
  }
  return within(Math.round(match.number * factor), text, range, 'bytes')
}

/**
 * `16`, `10k` (10,000), `1.5M`.
 *
 * @throws ZktuneError BadConfigValue, also for a number that is not whole
 */
export function parseCount(text: string, range: QuantityRange): number {
  const kind = 'a whole number such as 16 or 10k'
  const match = split(text)
  const factor = match === null ? undefined : ONES_PER_UNIT.get(match.unit)
  if (match === null || factor === undefined) throw badQuantity(text, kind, range, 'Write 16, or 10k for 10000.')
  const count = match.number * factor
  // 1.1k is whole in decimal though not quite in binary.
  if (Math.abs(count - Math.round(count)) > 1e-6) throw badQuantity(text, kind, range, 'Write 16, or 10k for 10000.')
  return within(Math.round(count), text, range, '')
}

function split(text: string): { readonly number: number; readonly digits: string; readonly unit: string } | null {
  const match = QUANTITY.exec(text.trim())
  if (match === null) return null
  const [, digits = '', unit = ''] = match
  return { number: Number(digits), digits, unit }
}

function within(value: number, text: string, range: QuantityRange, unit: string): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range
  if (value >= min && value <= max) return value
  const bound = `${value < min ? `at least ${min}` : `at most ${max}`}${unit === '' ? '' : ` ${unit}`}`
  throw new ZktuneError('BadConfigValue', {
    where: range.where,
    what: `"${text}" is out of range`,
    mend: `It must be ${bound}.`,
  })
}

function badQuantity(text: string, kind: string, range: QuantityRange, mend: string): ZktuneError {
  return new ZktuneError('BadConfigValue', { where: range.where, what: `"${text}" is not ${kind}`, mend })
}
