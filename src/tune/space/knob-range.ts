/** One knob's range between its texts in zoo.cfg and a coordinate from 0 to 1, in which equal steps matter about alike. */
import { javaLong } from '../../zoocfg/java-number.ts'
import type { Bound, SearchRange } from './search-knob.ts'

export type CodedDimension =
  | {
      readonly kind: 'number'
      /** Where what is drawn by chance falls; absent: anywhere from 0 to 1. */
      readonly usual?: readonly [from: number, to: number]
    }
  | { readonly kind: 'category'; readonly count: number }

/** A range whose bounds are numbers. */
export type KnobRange =
  | {
      readonly kind: 'whole'
      readonly scale: 'log' | 'linear'
      readonly low: number
      readonly high: number
      /** Before a starting file widened it. */
      readonly usual: { readonly low: number; readonly high: number }
      readonly beyond: { readonly text: string; readonly at: 'low' | 'high'; readonly says: string } | null
    }
  | { readonly kind: 'words'; readonly words: readonly string[] }

/** What "no limit" takes of the coordinate: a step like any other, at the end where it belongs. */
const BEYOND_PART = 0.15

/**
 * @param included values that a search must be able to come to: those of the starting configuration and the default. They
 *   widen the range, though not what is drawn by chance: one odd value in a file does not make all those like it worth
 *   trials. A word that the range lacks joins it
 */
export function rangeOf(range: SearchRange, cores: number, included: readonly (string | null)[]): KnobRange {
  if (range.kind === 'words') {
    const known = (word: string): boolean => range.words.some((each) => isSameWord(each, word))
    const more = included.filter((word) => word !== null && !known(word)) as string[]
    return { kind: 'words', words: [...range.words, ...new Set(more)] }
  }
  const beyond = range.beyond ?? null
  const usual = { low: boundOf(range.low, cores), high: boundOf(range.high, cores) }
  let { low, high } = usual
  for (const text of included) {
    const value = text === null || text === beyond?.text ? null : javaLong(text)
    if (value === null || (range.scale === 'log' && value < 1)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { kind: 'whole', scale: range.scale, low, high, usual, beyond }
}

export function codedDimension(range: KnobRange): CodedDimension {
  if (range.kind === 'words') return { kind: 'category', count: range.words.length }
  const { low, high, usual, beyond } = range
  if (usual.low === low && usual.high === high) return { kind: 'number' }
  // What stands for "no limit" is as usual as any number.
  const from = beyond?.at === 'low' ? 0 : encodeText(range, String(usual.low))
  const to = beyond?.at === 'high' ? 1 : encodeText(range, String(usual.high))
  return { kind: 'number', usual: [from, to] }
}

/** @returns 0 to 1, or the index of a word; the nearest end for a text that the range does not have */
export function encodeText(range: KnobRange, text: string): number {
  if (range.kind === 'words')
    return Math.max(
      0,
      range.words.findIndex((word) => isSameWord(word, text)),
    )
  const { beyond } = range
  const value = javaLong(text)
  if (beyond !== null && (text === beyond.text || value === null)) return beyond.at === 'low' ? 0 : 1
  const share = shareOf(range, Math.min(range.high, Math.max(range.low, value ?? range.low)))
  if (beyond === null) return share
  return (1 - BEYOND_PART) * share + (beyond.at === 'low' ? BEYOND_PART : 0)
}

export function decodeText(range: KnobRange, coordinate: number): string {
  if (range.kind === 'words') return range.words[Math.round(coordinate)] ?? ''
  const { beyond, scale, low, high } = range
  let share = coordinate
  if (beyond !== null) {
    const inside = beyond.at === 'low' ? coordinate - BEYOND_PART : coordinate
    // Half of the step belongs to each of its ends.
    if (inside < -BEYOND_PART / 2 || inside > 1 - BEYOND_PART / 2) return beyond.text
    share = inside / (1 - BEYOND_PART)
  }
  const within = Math.min(1, Math.max(0, share))
  const value = scale === 'linear' ? low + within * (high - low) : low * (high / low) ** within
  return String(rounded(value, range))
}

function shareOf({ scale, low, high }: KnobRange & { readonly kind: 'whole' }, value: number): number {
  if (high === low) return 0
  return scale === 'linear' ? (value - low) / (high - low) : Math.log(value / low) / Math.log(high / low)
}

/** Three digits: a recommendation of 31416 would pretend to a precision that no trial has. The bounds stay what they are. */
function rounded(value: number, { low, high }: { readonly low: number; readonly high: number }): number {
  const whole = Math.round(value < 1_000 ? value : Number(value.toPrecision(3)))
  return Math.min(high, Math.max(low, whole))
}

function boundOf(bound: Bound, cores: number): number {
  return typeof bound === 'number' ? bound : Math.max(bound.atLeast, Math.floor(bound.perCore * cores))
}

function isSameWord(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
