import type { Plan } from '../profile/plan.ts'

/** Microseconds as milliseconds with three digits that count: `0.213`, `12.4`, `1,234`. `-` where there is no figure. */
export function milliseconds(us: number | null): string {
  if (us === null) return '-'
  const ms = us / 1000
  // The limits are those of the rounded text, so that 9.9996 becomes 10.0 and not 10.000.
  if (ms < 9.9995) return ms.toFixed(3)
  if (ms < 99.95) return ms.toFixed(1)
  return grouped(ms)
}

/** Whether latencies are autocannon's, which has whole milliseconds only. */
export function hasWholeMs({ workload }: Pick<Plan, 'workload'>): boolean {
  return workload.shape.via !== 'sessions'
}

/** Of a clock that knows whole milliseconds only: `<1`, `12`. */
export function wholeMilliseconds(us: number | null): string {
  if (us === null) return '-'
  return us < 1_000 ? '<1' : grouped(us / 1_000)
}

/** A whole number with separators: `46,012`. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Seconds with one decimal, from milliseconds. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

/** Where nothing is known of how much a figure varies. */
const DIGITS_ALONE = 2
const DIGITS_MAX = 4

/**
 * A figure with the digits that its interval supports: the last one counts about as much as half the interval. Two
 * digits where there is no interval.
 */
export function withinReach(value: number, interval: { readonly low: number; readonly high: number } | null): string {
  const half = interval === null ? 0 : (interval.high - interval.low) / 2
  const supported = Math.floor(Math.log10(value)) - Math.floor(Math.log10(half)) + 1
  const digits = half > 0 ? Math.min(DIGITS_MAX, Math.max(1, supported)) : interval === null ? DIGITS_ALONE : DIGITS_MAX
  const rounded = Number(value.toPrecision(digits))
  if (rounded >= 1_000) return grouped(rounded)
  const decimals = rounded === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(rounded)))
  return rounded.toFixed(Math.min(decimals, 20))
}
