/** The things that are compared, and what differs between them before anything is measured. */
import { plannedDurability } from '../measure/environment.ts'
import type { Plan, PlannedSetting } from '../profile/plan.ts'
import { effectiveValues } from '../zoocfg/effective.ts'
import { RELEASE_DEFAULT } from '../zoocfg/lint/lint.ts'
import { ServerView } from '../zoocfg/lint/server-view.ts'
import { propertyLine } from '../zoocfg/properties.ts'
import { shownValue } from '../zoocfg/secrets.ts'
import { valueDifferences, type DifferingValue } from '../zoocfg/value-diff.ts'

/** One of the things compared. The first one, A, is what the others are held against. */
export interface Arm {
  /** `A`, `B`, … */
  readonly label: string
  /** As it was given: a profile's name, a path. */
  readonly name: string
  readonly plan: Plan
}

export interface ArmValue {
  /** In the setting's unit; null: none. */
  readonly value: string | null
  /** `profile durable`, `zoo.cfg:3`, `default`, `2 ticks`. */
  readonly from: string
}

/** One thing that counts and that is another in another arm. */
export interface ArmDifference {
  /** A key of zoo.cfg, a part of the plan such as `voters`, or a consequence in words. */
  readonly key: string
  /** The knob's group; `run` for a part of the plan, `consequence` for what follows. */
  readonly group: string
  readonly unit: string | null
  readonly baseline: ArmValue
  readonly arm: ArmValue
  /** What hangs on it; null where nothing is known. */
  readonly effect: string | null
}

/** Given in one arm alone; it changes nothing, for the engine does not act on it. */
export interface UnheededSetting {
  /** Of the arm. */
  readonly label: string
  readonly key: string
  readonly reason: string
}

/** Whatever counts in the run: a setting that says the default, or that the engine does not act on, makes no difference. */
export function armDifferences(baseline: Arm, arm: Arm): readonly ArmDifference[] {
  const [one, other] = [viewOf(baseline.plan), viewOf(arm.plan)]
  const settings = valueDifferences(one, other).flatMap(({ key, group, unit, values: [left, right], effect }) => {
    if (isMember(key)) return [] // as many as `voters` and `observers` say
    const values = { baseline: valueOf(key, left, baseline.plan), arm: valueOf(key, right, arm.plan) }
    return [{ key, group, unit, ...values, effect }]
  })
  const judged = new Set([one, other].flatMap((view) => effectiveValues(view).map(({ key }) => key)))
  return [...planDifferences(baseline.plan, arm.plan), ...otherSettings(baseline.plan, arm.plan, judged), ...settings]
}

export function unheededSettings(baseline: Arm, arm: Arm): readonly UnheededSetting[] {
  const only = ({ label, plan }: Arm, other: Plan): readonly UnheededSetting[] =>
    plan.notHonoured
      .filter(({ key }) => !other.notHonoured.some((each) => each.key === key))
      .map(({ key, reason }) => ({ label, key, reason }))
  return [...only(baseline, arm.plan), ...only(arm, baseline.plan)]
}

/** The servers' configuration as far as it is the same for all of them. */
function viewOf({ settings, voters, observers }: Plan): ServerView {
  const servers = voters + observers
  const members = Array.from({ length: servers === 1 ? 0 : servers }, (_, index) =>
    propertyLine(`server.${index + 1}`, `127.0.0.1:2888:3888${index < voters ? '' : ':observer'}`),
  )
  const lines = [...settings.map(({ key, value }) => propertyLine(key, value)), ...members]
  return new ServerView({ file: 'plan', text: `${lines.join('\n')}\n` }, RELEASE_DEFAULT)
}

function isMember(key: string): boolean {
  return /^server\.\d+$/.test(key)
}

function valueOf(key: string, { value, origin }: DifferingValue, plan: Plan): ArmValue {
  const setting = settingOf(plan, key)
  switch (origin.kind) {
    case 'default':
      return { value, from: 'default' }
    case 'derived':
      return { value, from: origin.rule }
    case 'file':
    case 'jvm':
      return { value, from: setting?.origin ?? 'default' }
    case 'replaced':
      return { value, from: `${setting?.origin ?? ''} has "${shownValue(key, origin.written)}", but ${origin.because}` }
  }
}

function settingOf({ settings }: Plan, key: string): PlannedSetting | undefined {
  return settings.findLast((setting) => setting.key === key)
}

/** Settings that no zoo.cfg of Apache's has, and that the servers of a run are given in other ways. */
function otherSettings(baseline: Plan, arm: Plan, judged: ReadonlySet<string>): readonly ArmDifference[] {
  const keys = new Set([...baseline.settings, ...arm.settings].map(({ key }) => key))
  return [...keys].flatMap((key) => {
    const [left, right] = [settingOf(baseline, key), settingOf(arm, key)]
    if (judged.has(key) || isMember(key) || left?.value === right?.value) return []
    const of = (setting: PlannedSetting | undefined): ArmValue => ({
      value: setting === undefined ? null : shownValue(key, setting.value),
      from: setting?.origin ?? 'default',
    })
    return [{ key, group: 'run', unit: null, baseline: of(left), arm: of(right), effect: null }]
  })
}

/** What is no setting of a server. */
function planDifferences(baseline: Plan, arm: Plan): readonly ArmDifference[] {
  return PLAN_PARTS.flatMap(({ key, read, effect }) => {
    const [left, right] = [read(baseline), read(arm)]
    if (left.value === right.value) return []
    return [{ key, group: 'run', unit: null, baseline: left, arm: right, effect }]
  })
}

interface PlanPart {
  readonly key: string
  readonly read: (plan: Plan) => ArmValue
  readonly effect: string | null
}

const PLAN_PARTS: readonly PlanPart[] = [
  { key: 'voters', read: ({ voters, origins }) => ({ value: String(voters), from: origins.voters }), effect: null },
  {
    key: 'observers',
    read: ({ observers, origins }) => ({ value: String(observers), from: origins.observers }),
    effect: null,
  },
  { key: 'links', read: ({ links, origins }) => ({ value: linksText(links), from: origins.links }), effect: null },
  {
    key: 'clients by TLS',
    read: ({ clients, origins }) => ({ value: clients.tls, from: origins['clients.tls'] }),
    effect: null,
  },
  {
    key: 'clients prove',
    read: ({ clients, origins }) => ({ value: clients.auth, from: origins['clients.auth'] }),
    effect: null,
  },
  {
    key: 'log',
    read: ({ logParent, splitsLog, origins }) => ({
      value: logParent ?? (splitsLog ? 'a folder of its own' : 'with the data'),
      from: origins.logParent,
    }),
    effect: null,
  },
  {
    key: 'durability',
    read: (plan) => ({ value: plannedDurability(plan), from: 'forceSync, and the file system of the log' }),
    effect: 'What an acknowledged write has behind it: unsynced ones are lost by a power cut.',
  },
]

function linksText(links: Plan['links']): string {
  const texts = links.map(({ a, b, delayMs, jitterMs, lossPercent }) => {
    const more = [jitterMs > 0 ? ` + up to ${jitterMs} ms` : '', lossPercent > 0 ? `, ${lossPercent} % lost` : ''].join(
      '',
    )
    return `${a}-${b} ${delayMs} ms each way${more}`
  })
  return texts.length === 0 ? 'none longer than this machine' : texts.join('; ')
}
