/** `zktune recommend --engine remote`: rules and a measurement of what is there; nothing is restarted, and nothing set. */
import { resolve } from 'node:path'

import { ZktuneError } from '../kernel/errors.ts'
import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { allMetrics } from '../measure/metric.ts'
import { RECORD_OVERHEAD_BYTES, writesOf } from '../measure/disk-probe.ts'
import { readAccessFlags } from '../profile/remote-flags.ts'
import type { Plan } from '../profile/plan.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import type { InspectedWorkload, Inspection } from '../report/inspect-text.ts'
import { planText } from '../report/plan-text.ts'
import { heapFor } from '../tune/output/java-env.ts'
import { remoteAdviceFiles, remoteAdviceText } from '../tune/output/remote-advice.ts'
import type { RemoteAdvice, RemoteMeasurement } from '../tune/output/remote-advice.ts'
import { connectionLimit, derivedSettings } from '../tune/recommend/derived-settings.ts'
import type { DerivedFacts } from '../tune/recommend/derived-settings.ts'
import { mendedStart } from '../tune/recommend/mended-start.ts'
import type { MendedStart } from '../tune/recommend/mended-start.ts'
import { releaseText } from '../zoocfg/release.ts'
import type { Release } from '../zoocfg/release.ts'
import { toldText } from '../zoocfg/running-settings.ts'
import type { ToldSettings } from '../zoocfg/running-settings.ts'
import { hideSecrets } from '../zoocfg/secrets.ts'
import { readZooCfg } from '../zoocfg/zoo-cfg.ts'
import { carryOut } from './carry-out.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import { askServers } from './inspected.ts'
import type { Inspected } from './inspected.ts'
import type { RecommendFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import { lineOf, OUTPUT_DEFAULT, refuseUsed, writeRecommendation } from './recommendation-folder.ts'
import { releaseOf } from './release-flag.ts'
import type { Shell } from './shell.ts'
import { placed } from './space-wishes.ts'

/** They say what a search varies, from where, and on what. */
const OF_A_SEARCH: readonly (keyof RecommendFlags)[] = [
  'config',
  'knobs',
  'pin',
  'search',
  'allowUnsafe',
  'objective',
  'slo',
  'tolerate',
  'tree',
  'budget',
  'resume',
  'keep',
  'heap',
  'zookeeperHome',
  'linkDelay',
  'linkJitter',
  'linkLoss',
  'dataDir',
  'logDir',
]
/** They say what is measured. */
const OF_A_MEASUREMENT: readonly (keyof RecommendFlags)[] = [
  'workload',
  'profile',
  'duration',
  'warmup',
  'sessions',
  'inFlight',
  'size',
  'generators',
  'seed',
  'chroot',
  'printConfig',
]

export async function adviseRemote(flags: RecommendFlags, shell: Shell): Promise<ExitCode> {
  const faults: Fault[] = faultsOf(flags)
  const given = flags.zookeeperVersion === undefined ? null : releaseOf(flags.zookeeperVersion)
  const access = readAccessFlags(flags, faults)
  if (flags.allowRemoteWrites !== true) throwFaults(faults)
  const plan = flags.allowRemoteWrites === true ? readPlan(placed(flags), faults) : null
  if (plan !== null && flags.printConfig === true) {
    const shown = shownPlan(plan)
    shell.print(flags.json === true ? `${JSON.stringify(shown, null, 2)}\n` : planText(shown, shell.terminal))
    return EXIT.done
  }
  const asGiven = flags.output ?? OUTPUT_DEFAULT
  const folder = resolve(asGiven)
  refuseUsed(folder, asGiven)
  const startedAt = new Date().toISOString()
  const inspected = await askServers(flags.connect ?? '', access, shell)
  const release = given ?? inspected.release ?? releaseOf(undefined)
  const told = inspected.told[0] ?? null
  const start = told === null ? null : mendedStart(told.name, hideSecrets(toldText(told)), release)
  const measured = plan === null ? null : await measure(plan, shell)
  const advice = adviceOf(flags, { startedAt, inspected, release, told, start, plan, measured })
  writeRecommendation(folder, remoteAdviceFiles(advice, start?.text ?? null))
  const next =
    start === null
      ? `Next: read ${folder}/RECOMMENDATION.md; no server told its settings, so there is no zoo.cfg.`
      : `Next: read ${folder}/RECOMMENDATION.md; what they told, with the advice, is ${folder}/zoo.cfg.`
  shell.print(
    flags.json === true
      ? `${JSON.stringify({ folder, ...advice }, null, 2)}\n`
      : `${remoteAdviceText(advice)}\n\n${next}\n`,
  )
  return EXIT.done
}

function faultsOf(flags: RecommendFlags): Fault[] {
  const faults: Fault[] = []
  const fault = (where: string, what: string, mend: string): number =>
    faults.push({ code: 'UsageConflict', where, what, mend })
  const isGiven = (name: keyof RecommendFlags): boolean => flags[name] !== undefined && flags[name] !== false
  if ((flags.connect ?? '') === '')
    fault('--engine remote', 'it is not said where the ensemble is', 'Add --connect host:port,host:port.')
  for (const name of OF_A_SEARCH.filter(isGiven)) {
    const what = 'it belongs to a search, and servers that run already are not restarted with other settings'
    fault(flagOf(name), what, 'Leave it out, or search on --engine apache or builtin.')
  }
  if (flags.allowRemoteWrites === true) return faults
  for (const name of OF_A_MEASUREMENT.filter(isGiven)) {
    const what = 'it says what is measured, and a measurement writes znodes to this ensemble and puts load on it'
    fault(flagOf(name), what, 'Add --allow-remote-writes when it may, or leave it out for advice by rules alone.')
  }
  return faults
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

async function measure(plan: Plan, shell: Shell): Promise<RemoteMeasurement> {
  const { result } = await carryOut(plan, { results: false }, {}, shell)
  if (result.partial) {
    const mend = 'Run it again; nothing of the measurement was left on the servers.'
    throw new ZktuneError('Interrupted', { where: 'zktune recommend', what: 'interrupted while it measured', mend })
  }
  return { workload: plan.workload.name, durationMs: plan.durationMs, metrics: allMetrics(result) }
}

interface Gathered {
  readonly startedAt: string
  readonly inspected: Inspected
  readonly release: Release
  readonly told: ToldSettings | null
  readonly start: MendedStart | null
  readonly plan: Plan | null
  readonly measured: RemoteMeasurement | null
}

function adviceOf(flags: RecommendFlags, gathered: Gathered): RemoteAdvice {
  const { startedAt, inspected, release, told, start, plan, measured } = gathered
  const { inspection } = inspected
  const { workload } = inspection
  return {
    schemaVersion: 1,
    command: 'recommend',
    engine: 'remote',
    startedAt,
    line: lineOf(flags, plan?.seed ?? null),
    connect: inspection.connect,
    zookeeperVersion: releaseText(release),
    servers: inspection.servers.map(({ endpoint, role, version }) => ({ endpoint, role, version })),
    settings: inspection.settings.filter(({ origin }) => origin === 'given' || origin === 'property'),
    findings: inspection.findings,
    mends: start?.mends ?? [],
    derived: start === null ? [] : derivedOf(start.text, inspection, plan, measured),
    heap: heapOf(workload),
    measured,
    configuredBy: told?.name ?? null,
  }
}

/** From what the servers count and what was measured; what only their loss would tell is left out. */
function derivedOf(
  text: string,
  { servers, workload }: Inspection,
  plan: Plan | null,
  measured: RemoteMeasurement | null,
): RemoteAdvice['derived'] {
  const { settings } = readZooCfg('told', text)
  const server = { settings: [...settings].map(([key, { value }]) => ({ key, value })) }
  const uptimeMs = Math.max(0, ...servers.map((each) => each.uptimeMs ?? 0))
  // Each write is counted by every server that logs it.
  const counted = (workload?.writes ?? 0) / Math.max(1, servers.length)
  const told = uptimeMs > 0 && counted > 0 ? (counted * 1_000) / uptimeMs : null
  const facts: DerivedFacts = {
    writesPerSecond: measured?.metrics['write.opsPerSecond'] ?? told,
    writesFrom: measured?.metrics['write.opsPerSecond'] === undefined ? 'told' : 'measured',
    bytesPerWrite:
      plan === null ? (workload?.meanZnodeBytes ?? 0) + RECORD_OVERHEAD_BYTES : writesOf(plan.workload).bytes,
    failoverMs: null,
  }
  const sessions = Math.max(workload?.sessions ?? 0, plan?.workload.sessions ?? 0)
  return [...connectionLimit(server, sessions), ...derivedSettings(server, facts)]
}

function heapOf(workload: InspectedWorkload | null): RemoteAdvice['heap'] {
  const { znodes = null, meanZnodeBytes = null } = workload ?? {}
  if (znodes === null || meanZnodeBytes === null) return null
  return heapFor({ znodes, valueBytes: Math.ceil(meanZnodeBytes) }, Infinity)
}
