/**
 * What a search varies beside settings, when it is asked to: how many servers, how clients come to them, where their log lies. Each
 * changes what boots; none is a line that a server reads, but for dataLogDir.
 */
import { ZktuneError } from '../../kernel/errors.ts'
import { gather, throwFaults } from '../../kernel/faults.ts'
import type { Fault } from '../../kernel/faults.ts'
import { parseCount } from '../../kernel/quantity.ts'
import { overlaidPlan } from '../../profile/plan-overlay.ts'
import type { Plan } from '../../profile/plan.ts'

/** Of `--search`. */
export const SEARCHED_CHOICES = ['size', 'observers', 'security'] as const

export type ChoiceKey = (typeof SEARCHED_CHOICES)[number] | 'dataLogDir'

export interface PlanChoice {
  readonly key: ChoiceKey
  /** The first is what the starting configuration has. */
  readonly words: readonly [start: string, ...others: string[]]
  readonly because: '--search' | '--log-dir'
  /** @param plan of any other choice and settings */
  readonly apply: (plan: Plan, word: string) => Plan
}

/** What was asked for, as written. */
export interface ChoiceWishes {
  /** Each `size=3,5`, `observers=0,2` or `security=open,tls-client`. */
  readonly search: readonly string[]
  /** With one it is where the log lies, and nothing is varied. */
  readonly logDirs: readonly string[]
}

/** What each trades; without a full stop. */
export const CHOICE_TRADES: Readonly<Record<ChoiceKey, string>> = {
  size: 'more servers that may be lost for more of them to ask at each write',
  observers: 'more servers to read from for more of them to keep told',
  security: 'who may listen and who may ask for the work of keeping them out',
  dataLogDir: 'a device for the log alone for one more device',
}

const COUNT_MAX = { size: 254, observers: 253 } as const

/**
 * @param withSecurity the plan that the same input gives with another security profile
 * @throws FaultyInput with everything that is wrong, and with every word that cannot boot
 */
export function planChoices(
  plan: Plan,
  { search, logDirs }: ChoiceWishes,
  withSecurity: (profile: string) => Plan,
): readonly PlanChoice[] {
  const faults: Fault[] = []
  const choices = search.flatMap((text) => gather(faults, () => searchedChoice(plan, text, withSecurity)) ?? [])
  for (const { key } of choices) {
    if (choices.filter((choice) => choice.key === key).length === 1) continue
    const mend = 'Name all its words in one.'
    faults.push({ code: 'UsageConflict', where: `--search ${key}`, what: 'it is given twice', mend })
    break
  }
  const [firstDir, ...otherDirs] = [...new Set(logDirs)]
  if (firstDir !== undefined && otherDirs.length > 0) {
    const apply = (other: Plan, logParent: string): Plan => ({ ...other, logParent })
    choices.push({ key: 'dataLogDir', words: [firstDir, ...otherDirs], because: '--log-dir', apply })
  }
  throwFaults(faults)
  checkEach(plan, choices, faults)
  throwFaults(faults)
  return choices
}

/** The plan that boots for some words. */
export function chosenPlan(
  plan: Plan,
  choices: readonly PlanChoice[],
  wordOf: (key: ChoiceKey) => string | undefined,
): Plan {
  return choices.reduce((chosen, { key, apply }) => {
    const word = wordOf(key)
    return word === undefined ? chosen : apply(chosen, word)
  }, plan)
}

/**
 * The choices without the sizes that cannot be: those that may not lose so many servers.
 *
 * @param check throws for a plan that cannot be
 * @throws ZktuneError UsageConflict when nothing is left to choose from
 */
export function tolerableChoices(
  plan: Plan,
  choices: readonly PlanChoice[],
  check: (plan: Plan) => void,
): { readonly choices: readonly PlanChoice[]; readonly dropped: readonly Fault[] } {
  const dropped: Fault[] = []
  const left = choices.map((choice) => {
    if (choice.key !== 'size') return choice
    const [start, ...others] = choice.words
    const kept = others.filter((word) => gather(dropped, () => (check(choice.apply(plan, word)), true)) === true)
    if (kept.length > 0) return { ...choice, words: [start, ...kept] as const }
    const what = `no size but ${start}, with which it begins, is left to try: ${dropped.map((each) => each.what).join('; ')}`
    throw new ZktuneError('UsageConflict', { where: '--search size', what, mend: 'Name a larger one.' })
  })
  return { choices: left, dropped }
}

function searchedChoice(plan: Plan, text: string, withSecurity: (profile: string) => Plan): PlanChoice {
  const where = `--search ${text}`
  const [, name = '', list = ''] = /^\s*(\w+)\s*=\s*(.+)$/.exec(text) ?? []
  const key = SEARCHED_CHOICES.find((each) => each === name)
  const words = list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (key === undefined || words.length === 0) {
    const mend = `Write size=3,5, observers=0,2 or security=open,tls-client. Settings are searched by --knobs.`
    throw new ZktuneError('BadConfigValue', { where, what: 'it is nothing that can be searched', mend })
  }
  const because = '--search'
  if (key === 'security') {
    const plans = new Map(words.map((word) => [word, securedBy(word, withSecurity(word), where)]))
    const start = plan.profiles.security
    const apply = (other: Plan, word: string): Plan => securedPlan(other, plan, plans.get(word) ?? plan)
    return { key, words: wordsFrom(start, words, where), because, apply }
  }
  const counts = words.map((word) => parseCount(word, { where, min: key === 'size' ? 1 : 0, max: COUNT_MAX[key] }))
  const field = key === 'size' ? 'voters' : 'observers'
  const apply = (other: Plan, word: string): Plan => {
    return { ...other, [field]: Number(word), origins: { ...other.origins, [field]: where } }
  }
  return { key, words: wordsFrom(String(plan[field]), counts.map(String), where), because, apply }
}

/** @throws ZktuneError UsageConflict for a profile of another concern */
function securedBy(word: string, plan: Plan, where: string): Plan {
  if (plan.profiles.security === word) return plan
  const mend = '`zktune profiles` lists those of security.'
  throw new ZktuneError('UsageConflict', { where, what: `"${word}" is no security profile`, mend })
}

function wordsFrom(start: string, words: readonly string[], where: string): PlanChoice['words'] {
  const others = [...new Set(words)].filter((word) => word !== start)
  if (others.length > 0) return [start, ...others]
  const mend = `Name what to hold against ${start}, with which it begins.`
  throw new ZktuneError('UsageConflict', { where, what: 'there is nothing to choose between', mend })
}

/** @param start of the tuning, to which `profiled` is the same with another security profile */
function securedPlan(plan: Plan, start: Plan, profiled: Plan): Plan {
  const valueIn = ({ settings }: Plan, key: string): string | undefined =>
    settings.findLast((setting) => setting.key === key)?.value
  const its = profiled.settings.filter(({ key, value }) => valueIn(start, key) !== value)
  const others = plan.settings.filter(({ key }) => {
    const isOfStart = valueIn(start, key) !== undefined && valueIn(profiled, key) === undefined
    return !isOfStart && !its.some((setting) => setting.key === key)
  })
  return {
    ...plan,
    clients: profiled.clients,
    profiles: { ...plan.profiles, security: profiled.profiles.security },
    settings: [...others, ...its],
  }
}

/** Every word with the start of all else, and sizes and observers with each other where both are searched. */
function checkEach(plan: Plan, choices: readonly PlanChoice[], faults: Fault[]): void {
  const grows = choices.some(({ key }) => key === 'size' || key === 'observers')
  if (grows && plan.links.length > 0) {
    const what = `the links of ${plan.origins.links} are between the servers that there are`
    const mend = 'Leave out the links, or the search for another size.'
    faults.push({ code: 'UsageConflict', where: '--search size', what, mend })
    return
  }
  for (const { key, words, apply } of choices) {
    if (key === 'dataLogDir') continue
    for (const word of words.slice(1)) {
      const booted = apply(plan, word)
      // One server alone has no observers; where both are searched the pair is left out.
      const isPair = choices.some((other) => other.key === (key === 'size' ? 'observers' : 'size'))
      if (booted.voters === 1 && booted.observers > 0 && isPair) continue
      gather(faults, () => overlaidPlan(needed(booted), {}, `--search ${key}=${word}`))
    }
  }
}

/** @throws ZktuneError BadConfigValue where an ensemble lacks what one server alone does without */
function needed(plan: Plan): Plan {
  const missing = ['initLimit', 'syncLimit'].filter((key) => !plan.settings.some((setting) => setting.key === key))
  if (plan.voters === 1 || missing.length === 0) return plan
  throw new ZktuneError('BadConfigValue', {
    where: plan.origins.voters,
    what: `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set, and an ensemble needs ${missing.length === 1 ? 'it' : 'them'}`,
    mend: 'Add initLimit=10 and syncLimit=5 to the file.',
  })
}
