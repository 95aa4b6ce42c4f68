/** What a reader must know beside the figures of a comparison. */
import { linearRegression } from 'simple-statistics'
import { leastPairs } from '../stats/paired-verdict.ts'
import { armDifferences, type Arm } from './arm.ts'
import { errorsOf, familySize } from './compare-judge.ts'
import type { ComparedMetric } from './compared-metric.ts'
import type { CompareNote, TrialRecord } from './compare-result.ts'
import { plannedDurability } from '../measure/environment.ts'

/** Fewer blocks than this do not show a drift. */
const DRIFT_BLOCKS_MIN = 6
/** Standard errors that a trend over the blocks must stand out by. */
const DRIFT_CERTAINTY = 3
/** Smaller changes of the machine are not worth a line. */
const DRIFT_LEAST = 0.05

export function compareNotes(
  arms: readonly Arm[],
  metrics: readonly ComparedMetric[],
  trials: readonly TrialRecord[],
  { alpha, pairs }: { readonly alpha: number; readonly pairs: number },
): readonly CompareNote[] {
  const counted = trials.filter(({ block }) => block > 0)
  return [
    ...sameNotes(arms),
    ...durabilityNotes(arms),
    ...pairsNotes(familySize(arms, metrics), alpha, pairs),
    ...failureNotes(arms, trials),
    ...errorNotes(arms, counted),
    ...driftNotes(arms, metrics, counted),
    ...eventNotes(arms, counted),
    ...countNotes(arms, counted, {
      kind: 'client-limited',
      read: ({ clientLimited }) => clientLimited,
      text: 'the load generator, not the servers, may have set the figures, so a difference between the servers may be larger than it looks',
    }),
    ...countNotes(arms, counted, {
      kind: 'unsteady',
      read: ({ unsteadyBecause }) => unsteadyBecause,
      text: 'a phase was not steady',
    }),
  ]
}

function sameNotes([first, ...others]: readonly Arm[]): readonly CompareNote[] {
  return others.flatMap((arm) => {
    if (first === undefined || armDifferences(first, arm).length > 0) return []
    const text = `${first.label} and ${arm.label} differ in nothing that counts: whatever is told of them is told of the machine.`
    return [{ kind: 'same', text } as const]
  })
}

function durabilityNotes(arms: readonly Arm[]): readonly CompareNote[] {
  const classes = arms.map(({ label, plan }) => ({ label, durability: plannedDurability(plan) }))
  if (new Set(classes.map(({ durability }) => durability)).size === 1) return []
  const of = classes.map(({ label, durability }) => `${label} is ${durability}`)
  const text = `Across durability classes: ${of.join(', ')}. What is faster unsynced is not better; it promises less.`
  return [{ kind: 'durability', text }]
}

/** Whether so many pairs can tell any difference of so many figures. */
export function pairsNotes(figures: number, alpha: number, pairs: number): readonly CompareNote[] {
  const least = leastPairs(alpha / figures)
  if (pairs >= least) return []
  const of = figures === 1 ? 'one figure' : `${figures} figures together`
  const text = `${pairs} ${pairs === 1 ? 'pair' : 'pairs'} can tell no difference of ${of}, however large: that takes ${least} at least.`
  return [{ kind: 'too-few-pairs', text }]
}

function failureNotes(arms: readonly Arm[], trials: readonly TrialRecord[]): readonly CompareNote[] {
  return arms.flatMap(({ label }) => {
    const own = trials.filter(({ arm }) => arm === label)
    const failed = own.filter(({ kind }) => kind === 'failed')
    if (failed.length === 0) return []
    const reasons = [...new Set(failed.map(({ why, what }) => `${why ?? ''}: ${what ?? ''}`))]
    const text = `${label} failed in ${failed.length} of ${own.length} trials (${reasons.join('; ')}). Their pairs count for nothing.`
    return [{ kind: 'failures', text } as const]
  })
}

function errorNotes(arms: readonly Arm[], trials: readonly TrialRecord[]): readonly CompareNote[] {
  const failed = arms
    .map((arm) => ({ label: arm.label, count: errorsOf(trials, arm) }))
    .filter(({ count }) => count > 0)
  if (failed.length === 0) return []
  const text = `Requests failed: ${failed.map(({ label, count }) => `${count.toLocaleString('en-US')} of ${label}`).join(', ')}.`
  return [{ kind: 'errors', text }]
}

/** The machine, as all arms of a block saw it, over the blocks. */
function driftNotes(
  arms: readonly Arm[],
  metrics: readonly ComparedMetric[],
  trials: readonly TrialRecord[],
): readonly CompareNote[] {
  const [metric] = metrics
  if (metric === undefined) return []
  const points = [...new Set(trials.map(({ block }) => block))].flatMap((block) => {
    const values = trials
      .filter((trial) => trial.block === block && trial.kind === 'measured')
      .flatMap(({ metrics: measured }) => measured[metric.name] ?? [])
    if (values.length < arms.length || values.some((value) => value <= 0)) return []
    return [[block, values.reduce((sum, value) => sum + Math.log(value), 0) / values.length]]
  })
  const change = trendOf(points)
  if (change === null || Math.abs(change) < DRIFT_LEAST) return []
  const moved = `${change > 0 ? 'rose' : 'fell'} by ${Math.round(Math.abs(change) * 100)} %`
  const text = `${metric.name} of all arms ${moved} from the first block to the last: the machine drifted. Ratios are taken within blocks, so they do not follow it; the medians do.`
  return [{ kind: 'drift', text }]
}

/** @returns the change of the logarithm from end to end, as a share; null where it does not stand out */
function trendOf(points: readonly (readonly number[])[]): number | null {
  if (points.length < DRIFT_BLOCKS_MIN) return null
  const { m: slope, b: start } = linearRegression(points.map((point) => [...point]))
  const xs = points.map(([x = 0]) => x)
  const middle = xs.reduce((sum, x) => sum + x, 0) / xs.length
  const spread = xs.reduce((sum, x) => sum + (x - middle) ** 2, 0)
  const residual = points.reduce((sum, [x = 0, y = 0]) => sum + (y - start - slope * x) ** 2, 0)
  const error = Math.sqrt(residual / (points.length - 2) / spread)
  if (Math.abs(slope) <= DRIFT_CERTAINTY * error) return null
  return Math.expm1(slope * (Math.max(...xs) - Math.min(...xs)))
}

/** A snapshot or an election in one arm alone is a difference that no setting made, or that only a longer run would show. */
function eventNotes(arms: readonly Arm[], trials: readonly TrialRecord[]): readonly CompareNote[] {
  const counts = (read: (trial: TrialRecord) => number): readonly { readonly label: string; readonly in: number }[] =>
    arms.map(({ label }) => ({ label, in: trials.filter((trial) => trial.arm === label && read(trial) > 0).length }))
  const note = (what: string, read: (trial: TrialRecord) => number, hint: string): readonly CompareNote[] => {
    const all = counts(read)
    const [some, none] = [all.filter((each) => each.in > 0), all.filter((each) => each.in === 0)]
    if (some.length === 0 || none.length === 0) return []
    const labels = (of: typeof all): string => of.map(({ label }) => label).join(', ')
    const text = `${what} fell into ${some.map((each) => `${each.in} trials of ${each.label}`).join(', ')}, and into none of ${labels(none)}: ${hint}`
    return [{ kind: 'snapshots', text }]
  }
  return [
    ...note('Snapshots', ({ snapshots }) => snapshots, 'a longer --duration would put some into both.'),
    ...note('Elections', ({ elections }) => elections, 'they, too, are in its figures.'),
  ]
}

function countNotes(
  arms: readonly Arm[],
  trials: readonly TrialRecord[],
  {
    kind,
    read,
    text,
  }: {
    readonly kind: CompareNote['kind']
    readonly read: (trial: TrialRecord) => string | null
    readonly text: string
  },
): readonly CompareNote[] {
  const counts = arms.map(({ label }) => {
    const own = trials.filter((trial) => trial.arm === label && trial.kind === 'measured')
    return { label, of: own.length, marked: own.filter((trial) => read(trial) !== null) }
  })
  const marked = counts.filter((each) => each.marked.length > 0)
  const [first] = marked
  if (first === undefined) return []
  const where = marked.map((each) => `${each.marked.length} of ${each.of} trials of ${each.label}`).join(', ')
  const [example] = first.marked
  return [{ kind, text: `In ${where} ${text} (${example === undefined ? '' : (read(example) ?? '')}).` }]
}
