/** Microseconds as milliseconds with three digits that count: `0.213`, `12.4`, `1,234`. `-` where there is no figure. */
export function milliseconds(us: number | null): string {
  if (us === null) return '-'
  const ms = us / 1000
  // The limits are those of the rounded text, so that 9.9996 becomes 10.0 and not 10.000.
  if (ms < 9.9995) return ms.toFixed(3)
  if (ms < 99.95) return ms.toFixed(1)
  return grouped(ms)
}

/** A whole number with separators: `46,012`. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Seconds with one decimal, from milliseconds. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
