/** The configurations of a search space as points, and back: what the search is given. */
import { encodeText, codedDimension, decodeText } from './knob-range.ts'
import type { CodedDimension } from './knob-range.ts'
import type { SearchSpace } from './search-space.ts'

/** By key, the text of every searched knob. */
export type Configuration = ReadonlyMap<string, string>

/** No two knobs may ask for what makes no sense together, whatever each may have alone. */
const TOGETHER: readonly ((number: (key: string) => number | null) => boolean)[] = [
  // A flush cannot wait longer for company than it may wait at all.
  (number) => !exceeds(number('maxWriteQueuePollTime'), number('flushDelay')),
  // One server alone has nobody to observe.
  (number) => number('size') !== 1 || (number('observers') ?? 0) === 0,
  // A log file that ends before its first growth does wastes what was allocated.
  (number) => {
    const limit = number('txnLogSizeLimitInKb')
    return limit === null || limit <= 0 || !exceeds(2 * (number('preAllocSize') ?? 0), limit)
  },
]

export class ConfigurationSpace {
  readonly dimensions: readonly CodedDimension[]
  readonly start: Configuration
  readonly #space: SearchSpace

  constructor(space: SearchSpace) {
    this.#space = space
    this.dimensions = space.dimensions.map(({ range }) => codedDimension(range))
    this.start = new Map(space.dimensions.map(({ key, start }) => [key, start]))
  }

  /** What counts when no knob of the space is written anywhere. */
  get fallbacks(): Configuration {
    return new Map(this.#space.dimensions.map(({ key, start, fallback }) => [key, fallback ?? start]))
  }

  pointOf(configuration: Configuration): Float64Array {
    return this.snap(
      Float64Array.from(this.#space.dimensions, ({ key, range, start }) =>
        encodeText(range, configuration.get(key) ?? start),
      ),
    )
  }

  configurationOf(point: Float64Array): Configuration {
    return new Map(this.#space.dimensions.map(({ key, range }, at) => [key, decodeText(range, point[at] as number)]))
  }

  /** The point of the texts that this one stands for; a knob that means nothing has its value of the start. */
  snap(point: Float64Array): Float64Array {
    const texts = this.configurationOf(point)
    return Float64Array.from(this.#space.dimensions, ({ key, range, knob, start }) => {
      const { needs } = knob
      const isIdle = needs !== undefined && texts.get(needs.key) === needs.not
      return encodeText(range, isIdle ? start : (texts.get(key) ?? start))
    })
  }

  /** Keys that mean nothing without each other come together; the others alone. */
  together(keys: readonly string[]): readonly (readonly string[])[] {
    const leaderOf = (key: string): string => {
      const needed = this.#space.dimensions.find((dimension) => dimension.key === key)?.knob.needs?.key
      return needed !== undefined && keys.includes(needed) ? needed : key
    }
    const groups = new Map<string, string[]>()
    for (const key of keys) groups.set(leaderOf(key), [...(groups.get(leaderOf(key)) ?? []), key])
    return [...groups.values()]
  }

  isFeasible(point: Float64Array): boolean {
    const texts = this.configurationOf(point)
    const idle = this.#space.dimensions.filter(({ knob }) => {
      return knob.needs !== undefined && texts.get(knob.needs.key) === knob.needs.not
    })
    const number = (key: string): number | null => {
      const text = texts.get(key)
      return text === undefined || idle.some((dimension) => dimension.key === key) ? null : Number(text)
    }
    return TOGETHER.every((holds) => holds(number))
  }
}

/** The keys in which two configurations differ, in the order of the first. */
export function changedKeys(from: Configuration, to: Configuration): readonly string[] {
  return [...from.keys()].filter((key) => to.has(key) && from.get(key) !== to.get(key))
}

/** @returns a copy of `configuration` that has the value of `other` for some keys */
export function withKeysOf(configuration: Configuration, other: Configuration, keys: readonly string[]): Configuration {
  return new Map([...configuration].map(([key, text]) => [key, keys.includes(key) ? (other.get(key) ?? text) : text]))
}

function exceeds(value: number | null, limit: number | null): boolean {
  return value !== null && limit !== null && value > limit
}
