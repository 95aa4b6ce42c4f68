import { resolve } from 'node:path'

import { throwFaults, type Fault } from '../kernel/faults.ts'
import { parseCount } from '../kernel/quantity.ts'
import type { BenchResult } from '../measure/bench-result.ts'
import { readRun } from '../measure/read-run.ts'
import { REPRODUCTION_RULE, reproductionOf, sameAgain, surroundingsChanged } from '../measure/same-again.ts'
import { parseThreshold } from '../measure/threshold.ts'
import type { Plan } from '../profile/plan.ts'
import { rerunText } from '../report/rerun-text.ts'
import { HIDDEN } from '../zoocfg/secrets.ts'
import { carryOut } from './carry-out.ts'
import type { RerunDocument } from './documents.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { RerunFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import type { Shell } from './shell.ts'

/** One boot says nothing about the next: fewer than this leave nothing to judge by. */
const BOOTS_MIN = 3

/** Runs the plan of a run that was kept again, at the same rates, and says whether it came out as before. */
export async function rerun(path: string, flags: RerunFlags, shell: Shell): Promise<ExitCode> {
  const earlier = readRun(path)
  refuseWhatCannotBeAgain(path, earlier)
  const repeats =
    flags.repeat === undefined
      ? Math.max(BOOTS_MIN, earlier.plan.repeats)
      : parseCount(flags.repeat, { where: '--repeat', min: 1, max: 1_000 })
  const plan: Plan = { ...earlier.plan, repeats }
  const options = {
    thresholds: earlier.thresholds.map(({ threshold }) => parseThreshold(threshold.text)),
    // Latency at 70 % of another capacity would be latency at another rate.
    capacity: capacityOf(earlier),
  }
  const { result, folder, hasLeftSomething } = await carryOut(plan, flags, options, shell)
  const figures = sameAgain(earlier, result)
  const document: RerunDocument = {
    schemaVersion: 1,
    command: 'rerun',
    earlier: { folder: resolve(path), startedAt: earlier.startedAt },
    folder,
    verdict: reproductionOf(figures),
    rule: REPRODUCTION_RULE,
    figures,
    surroundings: surroundingsChanged(earlier, result),
    result,
  }
  shell.print(flags.json === true ? `${JSON.stringify(document, null, 2)}\n` : rerunText(document, shell.terminal))
  if (result.partial) return EXIT.interrupted
  return hasLeftSomething || document.verdict === 'not-reproduced' ? EXIT.failed : EXIT.done
}

function capacityOf({ boots }: BenchResult): number | null {
  return boots[0]?.phases.find(({ kind }) => kind === 'closed')?.opsPerSecond ?? null
}

/** @throws FaultyInput that names all of it */
function refuseWhatCannotBeAgain(path: string, { plan, partial }: BenchResult): void {
  const faults: Fault[] = []
  const refuse = (what: string, mend: string): void => {
    faults.push({ code: 'NotSupported', where: path, what, mend })
  }
  if (partial) {
    refuse('the run was interrupted, so there is nothing whole to hold another against', 'Name a run that has ended.')
  }
  for (const { key, value } of plan.settings) {
    if (value === HIDDEN) refuse(`the value of ${key} is a secret and was not kept`, `Run bench again, with ${key}.`)
  }
  // What a plan must have grows: one that lacks a part would be run with something else in its place.
  for (const key of Object.keys(readPlan({}))) {
    if (!(key in plan)) refuse(`its plan says nothing of "${key}", which this zktune asks for`, 'Run bench anew.')
  }
  throwFaults(faults)
}
