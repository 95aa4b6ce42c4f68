const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/**
 * A bar a value, from 0 to the greatest of them: what doubles is seen to double.
 *
 * @param values 0 or more, the oldest first
 */
export function sparkline(values: readonly number[]): string {
  const greatest = Math.max(...values)
  if (!(greatest > 0)) return BARS[0].repeat(values.length)
  return values.map((value) => BARS[Math.min(BARS.length - 1, Math.floor((value / greatest) * BARS.length))]).join('')
}
