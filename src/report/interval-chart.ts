import type { Style } from './style.ts'

/** An interval on the axis of ratios. */
export interface DrawnInterval {
  readonly low: number
  readonly centre: number
  readonly high: number
}

interface Glyphs {
  readonly low: string
  readonly bar: string
  readonly centre: string
  readonly high: string
  readonly one: string
  readonly edge: string
  readonly beyondLow: string
  readonly beyondHigh: string
}

const UNICODE: Glyphs = {
  low: '├',
  bar: '─',
  centre: '●',
  high: '┤',
  one: '│',
  edge: '┊',
  beyondLow: '◄',
  beyondHigh: '►',
}
const ASCII: Glyphs = {
  low: '[',
  bar: '-',
  centre: 'o',
  high: ']',
  one: '|',
  edge: ':',
  beyondLow: '<',
  beyondHigh: '>',
}

/** What an outlier may stretch the axis to, either way. */
const RATIO_MAX = 4
/** The least that matters has so much of each half at least. */
const EDGE_SHARE = 0.5

/**
 * Intervals of ratios below each other on one logarithmic axis, 1 in its middle; what lies between the edges is too little to matter.
 * Intervals that the axis does not hold end in an arrow.
 */
export class IntervalChart {
  readonly #half: number
  readonly #reach: number
  readonly #edge: number
  readonly #glyphs: Glyphs

  /**
   * @param intervals all that will be drawn
   * @param minEffect as a share
   * @param width characters; an odd number, so that there is a middle
   */
  constructor(intervals: readonly DrawnInterval[], minEffect: number, width: number, style: Style) {
    this.#edge = Math.log(1 + minEffect)
    const farthest = Math.max(
      0,
      ...intervals.flatMap(({ low, high }) => [Math.abs(Math.log(low)), Math.abs(Math.log(high))]),
    )
    this.#reach = Math.max(Math.min(farthest, Math.log(RATIO_MAX)), this.#edge / EDGE_SHARE)
    this.#half = (width - 1) / 2
    this.#glyphs = style.hasUnicode ? UNICODE : ASCII
  }

  /** The ends of the axis and its middle, over the rows. */
  get scale(): string {
    const [low, high] = [Math.exp(-this.#reach).toFixed(2), Math.exp(this.#reach).toFixed(2)]
    const side = this.#half - 4
    return `${low}${' '.repeat(side)}1${' '.repeat(side)}${high}`
  }

  /** @param interval null: the empty axis */
  row(interval: DrawnInterval | null): string {
    const { low, bar, centre, high, one, edge, beyondLow, beyondHigh } = this.#glyphs
    const cells = Array.from({ length: 2 * this.#half + 1 }, () => ' ')
    cells[this.#half] = one
    for (const side of [-1, 1]) cells[this.#at(side * this.#edge)] = edge
    if (interval === null) return cells.join('').trimEnd()
    const [from, middle, to] = [interval.low, interval.centre, interval.high].map((ratio) => this.#at(Math.log(ratio)))
    if (from === undefined || middle === undefined || to === undefined) return ''
    cells.fill(bar, from, to + 1)
    cells[from] = Math.log(interval.low) < -this.#reach * 1.001 ? beyondLow : low
    cells[to] = Math.log(interval.high) > this.#reach * 1.001 ? beyondHigh : high
    cells[middle] = centre
    return cells.join('').trimEnd()
  }

  #at(log: number): number {
    const place = Math.round(this.#half + (log / this.#reach) * this.#half)
    return Math.min(2 * this.#half, Math.max(0, place))
  }
}
