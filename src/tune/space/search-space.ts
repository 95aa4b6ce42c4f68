/** Which knobs one tuning varies, over which ranges, from where it starts, and why the others stay as they are. */
import { assert } from '../../kernel/assert.ts'
import { closestName } from '../../kernel/did-you-mean.ts'
import { throwFaults } from '../../kernel/faults.ts'
import type { Fault } from '../../kernel/faults.ts'
import type { Plan } from '../../profile/plan.ts'
import { apacheSupport } from '../../zoocfg/apache-support.ts'
import { findKnob } from '../../zoocfg/catalogue.ts'
import { engineSupport } from '../../zoocfg/engine-support.ts'
import type { Setting } from '../../zoocfg/findings.ts'
import { noFindings } from '../../zoocfg/findings.ts'
import { RELEASE_DEFAULT } from '../../zoocfg/lint/lint.ts'
import { releaseText } from '../../zoocfg/release.ts'
import type { Release } from '../../zoocfg/release.ts'
import { checkSetting } from '../../zoocfg/setting-check.ts'
import { knobDefault } from './knob-default.ts'
import { isKnownTo, knownSince } from './known-since.ts'
import { rangeOf } from './knob-range.ts'
import type { KnobRange } from './knob-range.ts'
import { CHOICE_TRADES } from './plan-choice.ts'
import type { PlanChoice } from './plan-choice.ts'
import { SEARCH_KNOBS } from './search-knob-data.ts'
import type { SearchKnob, Tier } from './search-knob.ts'
import { touchedBy } from './touched.ts'

export interface SearchDimension {
  readonly key: string
  readonly knob: SearchKnob
  readonly range: KnobRange
  /** What the starting configuration has, its default included. */
  readonly start: string
  /** What counts without a line; null: nothing. */
  readonly fallback: string | null
  /** `a usual knob`, `--knobs`, `--allow-unsafe`, `zoo.cfg:3 gives it`. */
  readonly because: string
}

/** A knob that the search leaves alone. */
export interface LeftKnob {
  readonly key: string
  readonly tier: Tier
  /** Goes on after the key and a colon. */
  readonly because: string
}

export interface SearchSpace {
  readonly dimensions: readonly SearchDimension[]
  /** Of the dimensions those that are no settings. */
  readonly choices: readonly PlanChoice[]
  /** Fixed by `--pin`, in the starting configuration too. */
  readonly pinned: readonly Setting[]
  readonly left: readonly LeftKnob[]
}

export interface SpaceWishes {
  /** `--knobs`: these and no others; null: the usual ones. */
  readonly knobs: readonly string[] | null
  /** `--pin key=value` */
  readonly pins: readonly string[]
  /** `--allow-unsafe` */
  readonly allowUnsafe: readonly string[]
  /** `--search`, and several `--log-dir` */
  readonly choices: readonly PlanChoice[]
  /** `--zookeeper-version`: of what will run the result. */
  readonly release: Release
}

export const NO_WISHES: SpaceWishes = { knobs: null, pins: [], allowUnsafe: [], choices: [], release: RELEASE_DEFAULT }

/** @throws FaultyInput with every name that is no knob, every unsafe one that was not allowed, and every bad pin */
export function searchSpaceOf(plan: Plan, wishes: SpaceWishes, cores: number): SearchSpace {
  const faults: Fault[] = []
  checkNames('--knobs', wishes.knobs ?? [], faults)
  checkNames('--allow-unsafe', wishes.allowUnsafe, faults)
  for (const key of wishes.allowUnsafe) if (tierOf(key) !== 'unsafe') faults.push(notUnsafe(key))
  for (const key of wishes.knobs ?? []) if (tierOf(key) === 'unsafe') checkAllowed(key, '--knobs', wishes, faults)
  const pinned = wishes.pins.flatMap((text) => readPin(text, wishes, faults) ?? [])
  throwFaults(faults)

  const given = new Map(plan.settings.map((setting) => [setting.key, setting]))
  const touched = touchedBy(plan.workload)
  const valueOf = (key: string): string | null => {
    const pin = pinned.find((each) => each.key === key)
    return pin?.value ?? given.get(key)?.value ?? knobDefault(key, cores, valueOf)
  }
  const { choices } = wishes
  const dimensions = choices.map(choiceDimension)
  const left: LeftKnob[] = []
  for (const knob of SEARCH_KNOBS) {
    const { key, tier } = knob
    const because = reasonAgainst(knob, largest(plan, choices), wishes)
    if (because !== null) {
      left.push({ key, tier, because })
      continue
    }
    const pin = pinned.find((each) => each.key === key)
    if (pin !== undefined) {
      left.push({ key, tier, because: `it is pinned to ${pin.value}` })
      continue
    }
    const fallback = knobDefault(key, cores, valueOf)
    const start = given.get(key)?.value ?? fallback
    assert(start !== null, 'every knob of the search has a default')
    const line = given.get(key)
    const isOdd = line !== undefined && line.value !== fallback && /:\d+$/.test(line.origin)
    const chosen = reasonFor(knob, wishes, isOdd ? line.origin : null, touched)
    if (chosen.isSearched) {
      dimensions.push({
        key,
        knob,
        range: rangeOf(knob.range, cores, [start, fallback]),
        start,
        fallback,
        because: chosen.because,
      })
    } else left.push({ key, tier, because: chosen.because })
  }
  return { dimensions, choices, pinned, left }
}

function choiceDimension({ key, words, because }: PlanChoice): SearchDimension {
  const range = { kind: 'words', words } as const
  const knob = { key, tier: 'asked', touches: [], range, trades: CHOICE_TRADES[key] } as const
  // Nothing counts without being chosen: the start is as plain as any.
  return { key, knob, range, start: words[0], fallback: null, because }
}

/** With the most voters that the search may come to: a knob that means something there is searched. */
function largest(plan: Plan, choices: readonly PlanChoice[]): Plan {
  const size = choices.find(({ key }) => key === 'size')
  return size === undefined ? plan : { ...plan, voters: Math.max(...size.words.map(Number)) }
}

/** What a dimension trades; empty for what is none. */
export function tradesOf(key: string): string {
  const choice = Object.entries(CHOICE_TRADES).find(([name]) => name === key)
  return choice?.[1] ?? SEARCH_KNOBS.find((knob) => knob.key === key)?.trades ?? ''
}

/** Why a knob cannot be searched whatever is asked; null when it can. */
function reasonAgainst({ key, votersMin = 1, tier }: SearchKnob, plan: Plan, wishes: SpaceWishes): string | null {
  const support = plan.engine === 'apache' ? apacheSupport(key, true) : engineSupport(key)
  if (!support.honoured) return support.reason
  if (!isKnownTo(key, wishes.release)) {
    return `ZooKeeper ${releaseText(wishes.release)} does not know it: it came with ${knownSince(key) ?? ''}`
  }
  if (tier === 'unsafe' && !wishes.allowUnsafe.includes(key)) return 'it is unsafe: --allow-unsafe takes it in'
  if (plan.voters < votersMin) return `it means nothing with fewer than ${votersMin} voters`
  return null
}

/** @param origin of a line of the file that differs from the default; null: there is none */
function reasonFor(
  { key, tier, touches }: SearchKnob,
  { knobs }: SpaceWishes,
  origin: string | null,
  touched: ReadonlySet<string>,
): { readonly isSearched: boolean; readonly because: string } {
  if (tier === 'unsafe') return { isSearched: true, because: '--allow-unsafe' }
  if (knobs !== null) {
    const isAsked = knobs.includes(key)
    return { isSearched: isAsked, because: isAsked ? '--knobs' : 'it is not among --knobs' }
  }
  if (!touches.some((touch) => touched.has(touch))) {
    return { isSearched: false, because: `the workload has no ${touches.join(' and no ')}` }
  }
  if (origin !== null) return { isSearched: true, because: `${origin} sets it` }
  if (tier === 'usual') return { isSearched: true, because: 'a usual knob' }
  return { isSearched: false, because: '--knobs takes it in' }
}

function tierOf(key: string): Tier | null {
  return SEARCH_KNOBS.find((knob) => knob.key === key)?.tier ?? null
}

function checkNames(where: string, keys: readonly string[], faults: Fault[]): void {
  const known = SEARCH_KNOBS.map(({ key }) => key)
  for (const key of keys) {
    if (known.includes(key)) continue
    const closest = closestName(key, known)
    const isSetting = findKnob(key) !== null
    faults.push({
      code: 'UnknownName',
      where: `${where} ${key}`,
      what: isSetting ? 'this setting is not one that can be searched' : 'there is no such knob',
      mend: closest === null ? '`zktune knobs` lists them.' : `Did you mean ${closest}? \`zktune knobs\` lists them.`,
    })
  }
}

function checkAllowed(key: string, where: string, { allowUnsafe }: SpaceWishes, faults: Fault[]): void {
  if (allowUnsafe.includes(key)) return
  const trades = SEARCH_KNOBS.find((knob) => knob.key === key)?.trades ?? ''
  faults.push({
    code: 'UsageConflict',
    where: `${where} ${key}`,
    what: `it trades ${trades}`,
    mend: `Leave it out, or say so by name: --allow-unsafe ${key}`,
  })
}

function notUnsafe(key: string): Fault {
  const what = 'it trades nothing that needs leave'
  return { code: 'UsageConflict', where: `--allow-unsafe ${key}`, what, mend: `Ask for it with --knobs ${key}.` }
}

/** A pin is any setting of ZooKeeper, in the range of a search or not: it is the user's word. */
function readPin(text: string, wishes: SpaceWishes, faults: Fault[]): Setting | null {
  const at = text.indexOf('=')
  const where = `--pin ${text}`
  if (at < 1) {
    faults.push({ code: 'BadConfigValue', where, what: 'it is no setting', mend: 'Write key=value.' })
    return null
  }
  const setting = { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim(), where }
  if (findKnob(setting.key) === null) {
    const mend = `Did you mean one of those that \`zktune knobs\` lists?`
    faults.push({ code: 'UnknownName', where, what: `ZooKeeper has no setting "${setting.key}"`, mend })
    return null
  }
  const findings = noFindings()
  checkSetting(setting, findings)
  faults.push(...findings.faults)
  const unsafe = SEARCH_KNOBS.find((knob) => knob.key === setting.key && knob.tier === 'unsafe')
  if (unsafe !== undefined && setting.value !== safeWord(unsafe)) checkAllowed(setting.key, where, wishes, faults)
  return setting
}

/** Of an unsafe knob the first word is the safe one. */
function safeWord({ range }: SearchKnob): string | null {
  return range.kind === 'words' ? (range.words[0] ?? null) : null
}
