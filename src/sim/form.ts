import type { Prng } from '../kernel/prng.ts'
import { quorumRuleText } from '../server/replication/quorum-of.ts'
import type { QuorumRule } from '../zoocfg/quorum-rule.ts'
import { drawStorageLines, drawThrottleLines, linesText, type Lines } from './drawn-lines.ts'
import type { FaultKind, FaultPlan } from './faults.ts'

/** Kinds of ensembles that are not the plain one; a world may be of several. */
export const FORM_KINDS = [
  'observers',
  'groups',
  'unanimous',
  'sizes',
  'idle-leader',
  'read-only',
  'local-sessions',
] as const

export type FormKind = (typeof FORM_KINDS)[number]

/** What kind of ensemble a world has. */
export interface Form {
  /** Their ids are 1 and up. */
  readonly voters: number
  /** Their ids follow those of the voters. */
  readonly observers: number
  readonly rule: QuorumRule
  /** False: `forceSync=no`, which loses nothing as long as no machine loses power. */
  readonly isSynced: boolean
  /** What else stands in every server's zoo.cfg. */
  readonly lines: Lines
}

export interface FormOptions {
  readonly replicas: 3 | 5
  /** Null in a world whose disks take all or nothing. */
  readonly faults: FaultPlan | null
  /** What it must be, whatever else is drawn; null for anything. */
  readonly wish: FormKind | null
  /** False: nothing is drawn but voters, observers and quorums. */
  readonly drawsLines: boolean
}

const MAJORITY: QuorumRule = { kind: 'majority' }
/** So many worlds are plain ensembles, as most real ones are. */
const PLAIN_CHANCE = 0.6
/** So many are each of the kinds that lines of zoo.cfg make. */
const KIND_CHANCE = 0.3

/** What no plan may hold if acceptances are not synced: a machine that loses what its disk has not taken yet. */
const LOSES_UNSYNCED: readonly FaultKind[] = ['power', 'powerAll', 'wipe', 'bitRot', 'syncFailure']

export function drawForm(prng: Prng, options: FormOptions): Form {
  const lines = options.drawsLines ? drawLines(prng.fork('lines'), options.wish) : {}
  return { ...drawMembers(prng, options), lines }
}

export function plainForm(voters: number): Form {
  return { voters, observers: 0, rule: MAJORITY, isSynced: true, lines: {} }
}

/** For a person who reads a trace. */
export function formText({ voters, observers, rule, isSynced, lines }: Form): string {
  const members = `${voters} voters, ${observers} observers, quorums ${quorumRuleText(rule)}`
  return `${members}${isSynced ? '' : ', not synced'}; ${linesText(lines)}`
}

export function formKinds({ observers, rule, lines }: Form): FormKind[] {
  const isKind: Record<FormKind, boolean> = {
    observers: observers > 0,
    groups: rule.kind === 'groups',
    unanimous: rule.kind === 'unanimous',
    sizes: rule.kind === 'sizes',
    'idle-leader': lines.leaderServes === 'no',
    'read-only': lines['readonlymode.enabled'] === 'true',
    'local-sessions': lines.localSessionsEnabled === 'true',
  }
  return FORM_KINDS.filter((kind) => isKind[kind])
}

function drawMembers(prng: Prng, { replicas, faults, wish }: FormOptions): Omit<Form, 'lines'> {
  const wished = wish !== null && (wish === 'observers' || isRuleKind(wish)) ? wish : null
  if (wished === null && prng.chance(PLAIN_CHANCE)) return plainForm(replicas)
  const voters = faults !== null && replicas === 5 && prng.chance(0.5) ? 3 : replicas
  const isHarmless = faults !== null && !LOSES_UNSYNCED.some((kind) => faults.has(kind))
  const isSynced = !isHarmless || prng.chance(0.3)
  const wishedRule = wished === null || wished === 'observers' ? null : wished
  const rule = wishedRule !== null || prng.chance(0.75) ? drawRule(prng, voters, wishedRule) : MAJORITY
  if (voters < replicas) return { voters, observers: replicas - voters, rule, isSynced }
  const hasObserver = rule.kind === 'majority' || prng.chance(0.2) || wished === 'observers'
  return { voters, observers: hasObserver ? 1 : 0, rule, isSynced }
}

function drawLines(prng: Prng, wish: FormKind | null): Lines {
  const isDrawn = (kind: FormKind): boolean => prng.chance(KIND_CHANCE) || wish === kind
  const storage = prng.chance(0.5) ? drawStorageLines(prng.fork('storage')) : {}
  const throttles = prng.chance(0.3) ? drawThrottleLines(prng.fork('throttles')) : {}
  const idleLeader = isDrawn('idle-leader') ? { leaderServes: 'no' } : {}
  const readOnly = isDrawn('read-only') ? { 'readonlymode.enabled': 'true' } : {}
  const upgrading = { localSessionsUpgradingEnabled: String(prng.chance(0.6)) }
  const local = isDrawn('local-sessions') ? { localSessionsEnabled: 'true', ...upgrading } : {}
  return { ...storage, ...throttles, ...idleLeader, ...readOnly, ...local }
}

type RuleKind = 'groups' | 'unanimous' | 'sizes'
const RULE_KINDS: readonly RuleKind[] = ['unanimous', 'sizes', 'groups']

function isRuleKind(kind: FormKind): kind is RuleKind {
  return RULE_KINDS.some((known) => known === kind)
}

function drawRule(prng: Prng, voters: number, wished: RuleKind | null): QuorumRule {
  const drawn = RULE_KINDS[prng.below(RULE_KINDS.length)] ?? 'groups'
  switch (wished ?? drawn) {
    case 'unanimous':
      return { kind: 'unanimous' }
    case 'sizes': {
      const phase1 = prng.between(1, voters)
      return { kind: 'sizes', phase1, phase2: prng.between(voters + 1 - phase1, voters) }
    }
    case 'groups':
      return { kind: 'groups', groups: drawGroups(prng, voters) }
  }
}

/** Some voters may weigh nothing, but never all. */
function drawGroups(prng: Prng, voters: number): { readonly id: number; readonly weight: number }[][] {
  const ids = prng.shuffle(Array.from({ length: voters }, (_, index) => index + 1))
  const groups: { id: number; weight: number }[][] = Array.from({ length: prng.between(1, 3) }, () => [])
  for (const [index, id] of ids.entries()) {
    const weight = index === 0 ? 1 : prng.pick([0, 1, 1, 2, 3])
    groups[index % groups.length]?.push({ id, weight })
  }
  return groups
}
