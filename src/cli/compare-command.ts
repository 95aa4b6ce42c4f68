import { requireEngine } from '../ensemble/open-ensemble.ts'
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount, parseDurationMs } from '../kernel/quantity.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { planDifferencesText } from '../report/compare-text.ts'
import { armDifferences, unheededSettings, type Arm } from '../tune/arm.ts'
import { comparedMetric, FAILOVER, usualMetrics, type ComparedMetric } from '../tune/compared-metric.ts'
import type { CompareResult, TrialRecord } from '../tune/compare-result.ts'
import type { CompareRequest } from '../tune/run-compare.ts'
import { readArms } from './arm-source.ts'
import { CompareRecord } from './compare-record.ts'
import { COMPARISON_ENDINGS, comparisonForms, comparisonText } from './comparison-text.ts'
import { checkExports, writeExports } from './export-files.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { CompareFlags } from './options.ts'
import { refuseTwoForms } from './output-form.ts'
import { resultsParent } from './results-place.ts'
import type { Shell } from './shell.ts'

const PAIRS_DEFAULT = 10
const PAIRS_MAX = 1_000
const MAX_TIME_DEFAULT_MS = 20 * 60_000
const DAY_MS = 86_400_000
const MIN_EFFECT_DEFAULT = 0.05

type FailOn = 'worse' | 'inconclusive'

const FAIL_ON: readonly FailOn[] = ['worse', 'inconclusive']

/** Measures configurations against each other and prints what that says: all of it, or of the pairs until an interruption. */
export async function compare(names: readonly string[], flags: CompareFlags, shell: Shell): Promise<ExitCode> {
  const { progress, signal } = shell
  const faults: Fault[] = []
  refuseTwoForms(flags, 'zktune compare')
  const failOn = readFailOn(flags.failOn, faults)
  const arms = readArms(names, flags, faults)
  const request = readRequest(arms, flags, faults)
  const exports = flags.export ?? []
  checkExports(exports, COMPARISON_ENDINGS, faults)
  throwFaults(faults)
  const { checkRequest, runCompare, tooFewPairs } = await import('../tune/run-compare.ts')
  checkRequest(request)
  if (flags.printConfig === true) {
    printConfig(arms, flags, shell)
    return EXIT.done
  }
  for (const text of remarksOf(arms)) progress.note(text)
  if (request.length.kind === 'pairs') {
    for (const text of tooFewPairs(request, request.length.pairs)) progress.note(text)
  }
  // One for all arms: there is one --engine.
  if (arms[0] !== undefined) await requireEngine(arms[0].plan)
  const record =
    flags.results === false ? null : CompareRecord.begin(resultsParent(flags.results, shell.environment), seedOf(arms))
  // A trial has seven phases: elsewhere than at a terminal a line for each pair, with what it measured, says enough.
  if (!progress.isInteractive)
    progress.note(`Measuring ${arms.map(({ label, name }) => `${label} ${name}`).join(', ')}.`)
  let hasLeftSomething = false
  const result = await runCompare(request, {
    signal,
    ...(record === null ? {} : { results: record.trials }),
    onProgress: (step) => {
      if (progress.isInteractive) progress.show(step)
    },
    onTrial: (trial) => {
      record?.addTrial(trial)
      if (trial.kind === 'failed') progress.note(`${trial.arm} failed (${trial.why ?? ''}): ${trial.what ?? ''}`)
    },
    onBlock: (block, trials) => progress.note(soFarText(block, arms, request.metrics, trials)),
    onLeftBehind: (error) => {
      hasLeftSomething = true
      progress.note(error.message)
    },
  })
  record?.end(result)
  progress.end()
  if (record !== null) progress.note(`Kept: zktune report ${record.folder}`)
  shell.print(comparisonText(result, flags, shell))
  writeExports(exports, comparisonForms(result))
  return hasLeftSomething ? EXIT.failed : exitCodeOf(result, failOn)
}

/** An arm that failed is a failure whatever else is asked for. */
export function exitCodeOf({ comparisons, arms, partial }: CompareResult, failOn: readonly FailOn[]): ExitCode {
  if (partial) return EXIT.interrupted
  if (arms.some(({ failed }) => failed > 0) || comparisons.some(({ verdict }) => verdict === 'failed'))
    return EXIT.failed
  const isAny = (isSo: (comparison: CompareResult['comparisons'][number]) => boolean): boolean => comparisons.some(isSo)
  const figuresAre = (wanted: FailOn) => isAny(({ figures }) => figures.some(({ verdict }) => verdict === wanted))
  if (failOn.includes('worse') && (figuresAre('worse') || isAny(({ verdict }) => verdict === 'mixed')))
    return EXIT.worse
  return failOn.includes('inconclusive') && figuresAre('inconclusive') ? EXIT.inconclusive : EXIT.done
}

function readRequest(arms: readonly Arm[], flags: CompareFlags, faults: Fault[]): CompareRequest {
  const metrics = readMetrics(arms, flags, faults)
  return {
    arms,
    metrics,
    length: readLength(flags, faults),
    minEffect: readShare(flags.minEffect, faults),
    failover: flags.failover === true,
    acrossDurability: flags.acrossDurability === true,
  }
}

function readMetrics(
  [first]: readonly Arm[],
  { metric, failover }: CompareFlags,
  faults: Fault[],
): readonly ComparedMetric[] {
  const asked = (metric ?? []).flatMap((name) => gather(faults, () => comparedMetric(name, '--metric')) ?? [])
  const load = first?.plan.load
  const usual = load === undefined ? [] : usualMetrics(load)
  const ofLoad = metric === undefined ? usual : asked
  for (const { name, unit } of asked) {
    if (unit !== 'us' || load?.kind !== 'closed') continue
    const what = `${name} of a closed loop is the wait in a queue that the load itself makes`
    faults.push({
      code: 'UsageConflict',
      where: '--metric',
      what,
      mend: 'Leave out --closed, so that it is measured at a rate.',
    })
  }
  return failover === true ? [...ofLoad, FAILOVER] : ofLoad
}

function readLength({ pairs, untilConclusive, maxTime }: CompareFlags, faults: Fault[]): CompareRequest['length'] {
  if (untilConclusive !== true) {
    if (maxTime !== undefined) {
      const what = 'a number of pairs takes as long as it takes'
      faults.push({
        code: 'UsageConflict',
        where: '--max-time',
        what,
        mend: 'Add --until-conclusive, or leave it out.',
      })
    }
    const limits = { where: '--pairs', min: 1, max: PAIRS_MAX }
    return {
      kind: 'pairs',
      pairs: (pairs === undefined ? null : gather(faults, () => parseCount(pairs, limits))) ?? PAIRS_DEFAULT,
    }
  }
  if (pairs !== undefined) {
    const what = 'how many pairs there will be is what --until-conclusive finds out'
    faults.push({ code: 'UsageConflict', where: '--pairs', what, mend: 'Give one of the two.' })
  }
  const limits = { where: '--max-time', min: 1_000, max: DAY_MS }
  const maxTimeMs = maxTime === undefined ? null : gather(faults, () => parseDurationMs(maxTime, limits))
  return { kind: 'conclusive', maxTimeMs: maxTimeMs ?? MAX_TIME_DEFAULT_MS }
}

function readShare(text: string | undefined, faults: Fault[]): number {
  if (text === undefined) return MIN_EFFECT_DEFAULT
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  const share = Number(match?.[1] ?? Number.NaN) / 100
  if (share >= 0.001 && share <= 1) return share
  const what = `"${text}" is no least difference that matters`
  faults.push({ code: 'BadConfigValue', where: '--min-effect', what, mend: 'Write one from 0.1% to 100%, such as 5%.' })
  return MIN_EFFECT_DEFAULT
}

function readFailOn(text: string | undefined, faults: Fault[]): readonly FailOn[] {
  const words = (text ?? '').split(',').filter((word) => word !== '')
  return words.flatMap((word) => {
    const known = FAIL_ON.find((each) => each === word.trim())
    if (known !== undefined) return [known]
    const what = `"${word}" is no verdict to fail on`
    faults.push({
      code: 'BadConfigValue',
      where: '--fail-on',
      what,
      mend: 'Write worse, inconclusive, or both with a comma.',
    })
    return []
  })
}

function printConfig(arms: readonly Arm[], { json }: CompareFlags, shell: Shell): void {
  const [first, ...others] = arms
  const differences = others.map((arm) => ({
    arm: arm.label,
    differences: first === undefined ? [] : armDifferences(first, arm),
    unheeded: first === undefined ? [] : unheededSettings(first, arm),
  }))
  const shown = arms.map(({ label, name, plan }) => ({ label, name, plan: shownPlan(plan) }))
  shell.print(
    json === true
      ? `${JSON.stringify({ arms: shown, differences }, null, 2)}\n`
      : planDifferencesText(shown, differences, shell.terminal),
  )
}

/** What is odd about the settings of the arms, each once. */
function remarksOf(arms: readonly Arm[]): readonly string[] {
  const texts = arms.flatMap(({ plan }) => plan.remarks.map(({ where, what, mend }) => `${where}: ${what}. ${mend}`))
  return [...new Set(texts)]
}

function seedOf([first]: readonly Arm[]): number {
  return first?.plan.seed ?? 0
}

/** What a pair measured; what follows from all of them is said at the end. */
function soFarText(
  block: number,
  arms: readonly Arm[],
  [metric]: readonly ComparedMetric[],
  trials: readonly TrialRecord[],
): string {
  const values = arms.map(({ label }) => {
    const trial = trials.find((each) => each.block === block && each.arm === label)
    const value = metric === undefined ? undefined : trial?.metrics[metric.name]
    return `${label} ${value === undefined ? '-' : Math.round(value).toLocaleString('en-US')}`
  })
  return `Pair ${block}: ${values.join(', ')} ${metric === undefined ? '' : `(${metric.name}, ${metric.unit})`}`
}
