import { existsSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'

import { requireEngine } from '../ensemble/open-ensemble.ts'
import { RealDisk } from '../io/real-disk.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount } from '../kernel/quantity.ts'
import { metricName } from '../measure/metric.ts'
import { parseThreshold } from '../measure/threshold.ts'
import type { Threshold } from '../measure/threshold.ts'
import { looksLikePath } from '../profile/library.ts'
import type { Plan } from '../profile/plan.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { knobsText } from '../report/knobs-text.ts'
import { planText } from '../report/plan-text.ts'
import { diskText } from '../tune/output/disk-text.ts'
import { recommendationFiles, recommendationJson } from '../tune/output/recommendation-files.ts'
import type { Recommendation } from '../tune/output/recommendation.ts'
import { verdictText } from '../tune/output/verdict-text.ts'
import { parseBudget } from '../tune/recommend/budget.ts'
import { JOURNAL_FILE } from '../tune/recommend/journal.ts'
import { mendedStart, mendText } from '../tune/recommend/mended-start.ts'
import { loadFor, parseObjective } from '../tune/recommend/objective.ts'
import { readSession, runRecommendation } from '../tune/recommend/run-recommendation.ts'
import type { RecommendTask } from '../tune/recommend/run-recommendation.ts'
import { parseTree, treeOf } from '../tune/recommend/tree-size.ts'
import { checkTolerance } from '../tune/recommend/tolerance.ts'
import { tolerableChoices } from '../tune/space/plan-choice.ts'
import { boundedByDisk } from '../tune/space/disk-bounds.ts'
import { searchSpaceOf } from '../tune/space/search-space.ts'
import { releaseText } from '../zoocfg/release.ts'
import { adviseRemote } from './advise-command.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { RecommendFlags } from './options.ts'
import { readPlan, sourceOf, withSources } from './plan-source.ts'
import { readGivenFile } from './profile-files.ts'
import { hostNow, probeLogDisks } from './recommending-host.ts'
import { givenNames, lineOf, OUTPUT_DEFAULT, refuseUsed, writeRecommendation } from './recommendation-folder.ts'
import { releaseOf } from './release-flag.ts'
import type { Shell } from './shell.ts'
import { choicesOf, placed, wishesOf } from './space-wishes.ts'
import { TuningProgress } from './tuning-progress.ts'

const BUDGET_DEFAULT = '60 trials'
const DURATION_DEFAULT_MS = 6_000
const NO_CHOICES = { choices: [], dropped: [] } as const
/** Always: what fails is not fast. */
const NO_ERRORS = 'errors==0'

/** As the journal begins: what is needed to make the same task again. */
interface Session {
  readonly schemaVersion: 1
  readonly zktune: string
  readonly seed: number
  /** With absolute paths. */
  readonly flags: RecommendFlags
  /** SHA-256 of the starting file; null: there is none. */
  readonly configHash: string | null
  /** Of the machine as it was then: the search hangs on it. */
  readonly host: RecommendTask['host']
}

export async function recommend(given: RecommendFlags, shell: Shell): Promise<ExitCode> {
  if (given.engine === 'remote') return await adviseRemote(given, shell)
  const resumed = given.resume === undefined ? null : readResumed(given, given.resume)
  const flags = resumed === null ? absolute(given) : { ...resumed.flags, ...printing(given) }
  const fileText = flags.config === undefined ? null : readGivenFile(flags.config, 'configuration')
  const { task, startText, dropped } = taskOf(flags, fileText, resumed)
  const configHash = fileText === null ? null : createHash('sha256').update(fileText, 'latin1').digest('hex')
  if (resumed !== null && resumed.configHash !== configHash) throw otherStart(flags.config ?? '')
  if (flags.printConfig === true) {
    const settings = resumed === null ? shell.settings : []
    const shown = shownPlan(withSources(task.plan, settings))
    const knobs = knobsText(
      task.space,
      `the engine ${task.plan.engine} under ${task.plan.workload.name}`,
      shell.terminal,
    )
    shell.print(
      flags.json === true
        ? `${JSON.stringify(shown, null, 2)}\n`
        : `${planText(shown, shell.terminal, (flag) => sourceOf(flag, settings))}\n${knobs}`,
    )
    return EXIT.done
  }
  const folder = resolve(given.resume ?? flags.output ?? OUTPUT_DEFAULT)
  if (resumed === null) refuseUsed(folder, flags.output ?? OUTPUT_DEFAULT)
  await requireEngine(task.plan)
  for (const what of dropped) shell.progress.note(`Not tried: ${what}.`)
  const host = resumed?.host ?? {
    ...task.host,
    disks: await probeLogDisks(task.plan, flags.logDir ?? [], shell.signal),
  }
  for (const disk of host.disks) shell.progress.note(`Of the log: ${diskText(disk)}.`)
  const session: Session = { schemaVersion: 1, zktune: shell.version, seed: task.seed, flags, configHash, host }
  const bounded = { ...task, host, space: boundedByDisk(task.space, host.disks) }
  const recommendation = await search(bounded, { folder, session }, shell)
  writeRecommendation(folder, recommendationFiles(recommendation, startText))
  shell.print(
    flags.json === true
      ? `${JSON.stringify({ folder, ...recommendationJson(recommendation) }, null, 2)}\n`
      : summary(recommendation, folder),
  )
  return recommendation.tuning.verdict.kind === 'nothing-works' ? EXIT.failed : EXIT.done
}

async function search(
  task: RecommendTask,
  { folder, session }: { readonly folder: string; readonly session: Session },
  shell: Shell,
): Promise<Recommendation> {
  const { progress, signal } = shell
  for (const mend of task.mends) progress.note(mendText(session.flags.config ?? '', mend))
  for (const { where, what, mend } of task.plan.remarks) progress.note(`${where}: ${what}. ${mend}`)
  const told = new TuningProgress(progress, metricName(task.objective.metric))
  try {
    return await runRecommendation(task, {
      disk: new RealDisk(),
      folder,
      session,
      signal,
      keep: session.flags.keep === true,
      onStage: (stage) => told.onStage(stage),
      onRecord: (record, isReplayed) => told.onRecord(record, isReplayed),
      onProgress: (request, step) => told.onProgress(request, step),
      onAfterwards: (step) => told.onAfterwards(step),
      onLeftBehind: (error) => progress.note(error.message),
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new ZktuneError('Interrupted', {
      where: 'zktune recommend',
      what: `interrupted after ${told.trials} trials, which are kept`,
      mend: `Go on with: zktune recommend --resume ${folder}`,
      cause: error,
    })
  } finally {
    progress.end()
  }
}

interface Begun {
  readonly task: RecommendTask
  /** The starting file as it counts, with what lint could mend; null: there is none. */
  readonly startText: string | null
  /** Why what was asked for is not tried, each a clause. */
  readonly dropped: readonly string[]
}

/**
 * @param file the text of the starting file; null: there is none
 * @param resumed the session that is taken up; null: there is none
 * @throws FaultyInput with everything that is wrong
 */
function taskOf(flags: RecommendFlags, file: string | null, resumed: Session | null): Begun {
  const seed = resumed?.seed ?? null
  const faults: Fault[] = []
  const objective = gather(faults, () => parseObjective(flags.objective ?? 'throughput'))
  const constraints = [NO_ERRORS, ...(flags.slo ?? [])].flatMap(
    (text) => gather(faults, () => parseThreshold(text)) ?? [],
  )
  const budget = gather(faults, () => parseBudget(flags.budget ?? BUDGET_DEFAULT))
  const release = gather(faults, () => releaseOf(flags.zookeeperVersion))
  const tolerate = gather(faults, () => parseCount(flags.tolerate ?? '0', { where: '--tolerate', min: 0, max: 127 }))
  const tree = flags.tree === undefined ? null : gather(faults, () => parseTree(flags.tree ?? ''))
  const start = file === null || release === null ? null : mendedStart(flags.config ?? '', file, release)
  const seeded = seed === null ? flags : { ...flags, seed: String(seed) }
  const read = readPlan(placed(seeded), faults, start?.text ?? null)
  const plan = flags.duration === undefined ? { ...read, durationMs: DURATION_DEFAULT_MS } : read
  const bear = (other: Plan): void => checkTolerance(other, tolerate ?? 0)
  gather(faults, () => bear(plan))
  const asked = choicesOf(plan, seeded, start?.text ?? null, faults)
  const { choices, dropped } = gather(faults, () => tolerableChoices(plan, asked, bear)) ?? NO_CHOICES
  const host = resumed?.host ?? hostNow(flags, start?.text ?? null)
  const space =
    release === null ? null : gather(faults, () => searchSpaceOf(plan, wishesOf(flags, release, choices), host.cores))
  throwFaults(faults)
  if (objective === null || budget === null || release === null || space === null) {
    throw new TypeError('a task without faults is whole')
  }
  const task: RecommendTask = {
    plan: pinned(plan, space.pinned, objective, constraints),
    space,
    objective,
    constraints,
    budget,
    seed: plan.seed,
    line: lineOf(flags, plan.seed),
    zookeeperVersion: releaseText(release),
    mends: start?.mends ?? [],
    startFile: flags.config ?? null,
    tree: tree ?? treeOf(plan.workload),
    host,
    tolerate: flags.tolerate === undefined ? null : tolerate,
  }
  return { task, startText: start?.text ?? null, dropped: dropped.map(({ what }) => what) }
}

/** The plan that every trial begins with. */
function pinned(
  plan: Plan,
  pins: RecommendTask['space']['pinned'],
  objective: RecommendTask['objective'],
  constraints: readonly Threshold[],
): Plan {
  const others = plan.settings.filter(({ key }) => !pins.some((pin) => pin.key === key))
  const settings = [...others, ...pins.map(({ key, value }) => ({ key, value, origin: '--pin' }))]
  return { ...plan, settings, load: loadFor(objective, constraints), repeats: 1 }
}

function readResumed(given: RecommendFlags, folder: string): Session {
  const other = givenNames(given).find((name) => !['resume', 'json', 'printConfig'].includes(name))
  if (other !== undefined) {
    throw new ZktuneError('UsageConflict', {
      where: '--resume',
      what: `the tuning in ${folder} has its flags, and another is given beside`,
      mend: 'Give --resume alone, or begin anew in another folder.',
    })
  }
  if (!existsSync(resolve(folder, JOURNAL_FILE))) {
    throw new ZktuneError('BadConfigValue', {
      where: `--resume ${folder}`,
      what: 'this folder has no journal of a tuning',
      mend: 'Name the folder that --output named.',
    })
  }
  return readSession(new RealDisk(), resolve(folder)) as Session
}

function printing({ json, printConfig }: RecommendFlags): RecommendFlags {
  return { ...(json === undefined ? {} : { json }), ...(printConfig === undefined ? {} : { printConfig }) }
}

/** A tuning may be taken up from another working folder. */
function absolute(flags: RecommendFlags): RecommendFlags {
  const path = (name: string): string => (looksLikePath(name) ? resolve(name) : name)
  const { profile, workload, config, dataDir, logDir, zookeeperHome } = flags
  return {
    ...flags,
    ...(profile === undefined ? {} : { profile: profile.map(path) }),
    ...(workload === undefined ? {} : { workload: path(workload) }),
    ...(config === undefined ? {} : { config: resolve(config) }),
    ...(dataDir === undefined ? {} : { dataDir: resolve(dataDir) }),
    ...(logDir === undefined ? {} : { logDir: logDir.map((folder) => resolve(folder)) }),
    ...(zookeeperHome === undefined ? {} : { zookeeperHome: resolve(zookeeperHome) }),
  }
}

function otherStart(file: string): ZktuneError {
  return new ZktuneError('UsageConflict', {
    where: file,
    what: 'the starting file is another than when the tuning began',
    mend: 'Put it back as it was, or begin anew in another folder.',
  })
}

function summary(recommendation: Recommendation, folder: string): string {
  const { tuning } = recommendation
  const next =
    tuning.verdict.kind === 'nothing-works'
      ? `Next: read ${folder}/RECOMMENDATION.md; zktune lint looks for what is wrong with a file.`
      : `Next: read ${folder}/RECOMMENDATION.md; the configuration is ${folder}/zoo.cfg.`
  return `${verdictText(recommendation)}\n\n${next}\n`
}
