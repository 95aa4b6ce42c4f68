/** RECOMMENDATION.md: what to do, why, how sure it is, and what nobody knows. */
import { metricName } from '../../measure/metric.ts'
import { findKnob } from '../../zoocfg/catalogue.ts'
import { valueSizesText } from '../../profile/value-sizes.ts'
import type { Objective } from '../recommend/objective.ts'
import type { ChangeVerdict } from '../recommend/tuning.ts'
import type { TrialRecord } from '../recommend/trial-log.ts'
import { changedKeys } from '../space/configuration-space.ts'
import { CHOICE_TRADES } from '../space/plan-choice.ts'
import { SEARCH_KNOBS } from '../space/search-knob-data.ts'
import { tradesOf } from '../space/search-space.ts'
import { code, count, page, section, table } from './markdown.ts'
import { gainText, keptChanges } from './recommendation.ts'
import type { Recommendation } from './recommendation.ts'
import { diskText } from './disk-text.ts'
import { capacitySection } from './capacity-section.ts'
import { recoverySection } from './recovery-section.ts'
import { verdictText } from './verdict-text.ts'

/** @param files that lie beside it, each with what it is for */
export function recommendationPage(
  recommendation: Recommendation,
  files: readonly { readonly name: string; readonly about: string }[],
): string {
  const parts = [
    `# Recommendation for ${recommendation.plan.workload.name} on ${sizeText(recommendation)}`,
    verdictText(recommendation),
    section('What changes', changesTable(recommendation)),
    section('Mended before the search', mendsTable(recommendation)),
    section('Derived settings', derivedTable(recommendation)),
    section('Tried, and put back', putBackTable(recommendation)),
    section('What matters', importanceTable(recommendation)),
    section('What it can carry', capacitySection(recommendation)),
    section('How servers come back', recoverySection(recommendation)),
    section('Risks', risks(recommendation)),
    section('How it was found', provenance(recommendation)),
    section('Check it', checks(recommendation)),
    section('Files', files.map(({ name, about }) => `- \`${name}\`: ${about}`).join('\n')),
  ]
  return page(parts)
}

function sizeText({ recommendedPlan: plan }: Recommendation): string {
  const observers = plan.observers === 0 ? '' : ` and ${plan.observers} observers`
  return plan.voters + plan.observers === 1 ? 'one server' : `${plan.voters} voters${observers}`
}

function changesTable(recommendation: Recommendation): string {
  const kept = keptChanges(recommendation)
  if (kept.length === 0) return 'Nothing that was searched.'
  const rows = kept.map((change) => [
    code(change.key),
    code(change.from),
    code(change.to),
    effectText(change),
    tradesText(change.key),
  ])
  return table(['setting', 'was', 'is', 'effect of it alone, 95 % interval', 'what it trades'], rows)
}

function effectText({ effect }: ChangeVerdict): string {
  return effect === null ? 'trials fail without it' : gainText(effect)
}

function derivedTable({ derived }: Recommendation): string {
  const rows = derived.map(({ key, from, to, why, basis }) => [
    code(key),
    from === null ? 'not set' : code(from),
    code(to),
    basis,
    why,
  ])
  return rows.length === 0 ? '' : table(['setting', 'was', 'is', 'basis', 'why'], rows)
}

function mendsTable({ mends }: Recommendation): string {
  if (mends.length === 0) return ''
  const rows = mends.map(({ key, line, from, to, why, rule }) => {
    return [code(key), String(line), code(from), to === null ? 'left out' : code(to), `${why} (\`${rule}\`)`]
  })
  const head = ['setting', 'line', 'was', 'is', 'what lint found']
  return `The start that all is held against is your file with these slips mended:\n\n${table(head, rows)}`
}

function putBackTable({ tuning }: Recommendation): string {
  const back = tuning.changes.filter(({ kind }) => kind === 'put-back')
  const isConfirmed = tuning.verdict.kind !== 'already-fine'
  const unconfirmed = isConfirmed ? [] : tuning.changes.filter(({ kind }) => kind === 'kept')
  if (back.length + unconfirmed.length === 0) return ''
  const rows = [
    ...unconfirmed.map((change) => [
      code(change.key),
      code(change.to),
      effectText(change),
      'the whole was not confirmed on fresh ensembles',
    ]),
    ...back.map(({ key, to, effect }) => [
      code(key),
      code(to),
      effect === null ? '-' : gainText(effect),
      effect === null ? 'the model sees no use in it' : 'it did not earn its place',
    ]),
  ]
  return table(['setting', 'tried', 'effect', 'why it went back'], rows)
}

function importanceTable({ tuning }: Recommendation): string {
  const rows = tuning.importance.map(({ key, share }) => [code(key), `${Math.round(100 * share)} %`])
  if (rows.length === 0) return ''
  return `How much of what the model explains each knob alone makes:\n\n${table(['knob', 'share'], rows)}`
}

function risks(recommendation: Recommendation): string {
  const { plan, recommendedPlan, tuning, objective } = recommendation
  const lines = [
    ...(plan.isUnsafe
      ? ['- **Durability is given up**: a power failure can lose acknowledged writes (forceSync=no).']
      : []),
    ...keptChanges(recommendation).flatMap(({ key }) => {
      const knob = SEARCH_KNOBS.find((each) => each.key === key)
      return knob?.tier === 'unsafe' ? [`- **${key}** trades ${knob.trades}. It was let in by --allow-unsafe.`] : []
    }),
    ...(keptChanges(recommendation).some(({ key }) => key === 'security')
      ? [
          `- **Security is another**: ${recommendedPlan.profiles.security} instead of ${plan.profiles.security}. The end of zoo.cfg says what it takes.`,
        ]
      : []),
    ...(plan.engine === 'builtin' ? [`- ${transferRisk(objective)}`] : []),
    ...(tuning.records.some(({ outcome }) => outcome.kind === 'measured' && !outcome.steady)
      ? ['- Some trials were not steady: their figures moved while they ran.']
      : []),
    ...plan.notHonoured.map(({ key, reason }) => `- \`${key}\` stayed as it is and was not measured: ${reason}.`),
    '- A load that differs from the one measured may want other settings.',
  ]
  return lines.join('\n')
}

/** How far what the built-in engine says holds on Apache ZooKeeper: docs/recommending.md, by `npm run bench -- transfer`. */
function transferRisk({ direction }: Objective): string {
  const engine = 'It was measured on the built-in engine, not on Apache ZooKeeper'
  const check = 'check it as below before it goes into production'
  return direction === 'raise'
    ? `${engine}. Configurations whose throughput differs there by half or more have differed the same way on Apache five times of six, smaller differences less often: ${check}.`
    : `${engine}, and **latencies do not carry over**: configurations ranked by the p99 of writes came in another order on Apache. Look for settings with \`--engine apache\`, or ${check}.`
}

function provenance({
  startedAt,
  seed,
  line,
  plan,
  objective,
  constraints,
  budget,
  tuning,
  host,
}: Recommendation): string {
  const by = (purpose: TrialRecord['purpose']): number =>
    tuning.records.filter((record) => record.purpose === purpose).length
  const failed = tuning.records.filter(({ outcome }) => outcome.kind === 'failed').length
  const stopped = tuning.records.filter(({ outcome }) => outcome.kind === 'stopped').length
  const minutes = tuning.records.reduce((sum, { tookMs }) => sum + tookMs, 0) / 60_000
  return [
    `- \`${line}\`, seed ${seed}, begun ${startedAt}`,
    `- engine ${plan.engine}, ${hostText(host)}`,
    ...host.disks.map((disk) => `- ${diskText(disk)}`),
    `- objective: ${objective.text} (\`${metricName(objective.metric)}\`); constraints: ${constraints.join(', ')}`,
    `- ${tuning.records.length} trials in ${minutes.toFixed(0)} minutes: ${by('given')} given, ${by('search')} by the search, ` +
      `${by('ablation')} to see what each change does, ${by('validation')} to confirm the whole; ` +
      `${failed} failed, ${stopped} were given up early`,
    `- in trials of full length, as a budget counts them: ${tuning.spentTrials.toFixed(1)} of ${budget}`,
    '- only the last ones, on fresh ensembles and in turns with the starting configuration, are called the gain',
  ].join('\n')
}

function hostText({ cores, memoryBytes, cgroup }: Recommendation['host']): string {
  const allowed = [
    ...(cgroup.cores === null ? [] : [`${cgroup.cores} cores`]),
    ...(cgroup.memoryBytes === null || cgroup.memoryBytes > memoryBytes ? [] : ['this memory']),
  ]
  const limit = allowed.length === 0 ? '' : ` (the cgroup allows ${allowed.join(' and ')})`
  return `${cores} cores, ${count(memoryBytes / 2 ** 30)} GiB of memory${limit}`
}

function checks({ plan, zookeeperVersion, tuning, startFile }: Recommendation): string {
  const other = plan.engine === 'builtin' ? 'apache' : 'builtin'
  // What a file of settings alone leaves to the profiles, both arms need.
  const [, cluster] = /^profile (\S+)$/.exec(plan.origins.voters) ?? []
  const profile = cluster === undefined ? '' : ` --profile ${cluster}`
  const compare = `zktune compare ${startFile ?? ''} zoo.cfg --engine ${other}${profile} --workload ${plan.workload.name}${loadFlags(plan)}`
  const changed = changedKeys(tuning.start, tuning.recommended)
  // What another size, security or folder brings is nothing that two files alone would show.
  const isOtherEnsemble = changed.some((key) => key in CHOICE_TRADES)
  return [
    'Before it goes into production:',
    '',
    '```',
    `zktune lint zoo.cfg --zookeeper-version ${zookeeperVersion}`,
    ...(startFile === null || changed.length === 0 || isOtherEnsemble ? [] : [compare]),
    '```',
  ].join('\n')
}

/** What was said of the workload beside its name, each with a blank before it. */
function loadFlags({ workload, origins }: Recommendation['plan']): string {
  const flags = [
    ['--sessions', workload.sessions, origins['workload.sessions']],
    ['--in-flight', workload.inFlight, origins['workload.inFlight']],
    ['--size', valueSizesText(workload.shape.valueSizes), origins['workload.valueSizeBytes']],
  ] as const
  return flags
    .filter(([, , origin]) => !/^(profile |default$)/.test(origin))
    .map(([flag, value]) => ` ${flag} ${value}`)
    .join('')
}

function tradesText(key: string): string {
  const unit = findKnob(key)?.unit
  return `${tradesOf(key)}${unit === undefined ? '' : ` (${unit})`}`
}
