import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseThreshold } from '../measure/threshold.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { benchBrief } from '../report/bench-brief.ts'
import { BENCH_ENDINGS, benchForms } from '../report/bench-export.ts'
import { benchText } from '../report/bench-table.ts'
import { planText } from '../report/plan-text.ts'
import { sentenceOf } from '../report/threshold-text.ts'
import { annotationsOf, isOnGitHub } from './annotations.ts'
import { carryOut } from './carry-out.ts'
import { checkExports, writeExports } from './export-files.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { BenchFlags } from './options.ts'
import { recordsText, refuseTwoForms } from './output-form.ts'
import { benchRecords } from './plain-records.ts'
import { readPlan, sourceOf, withSources } from './plan-source.ts'
import type { Shell } from './shell.ts'

/** Boots an ensemble, puts load on it, prints the result: whole, or of what was measured until an interruption. */
export async function bench(flags: BenchFlags, shell: Shell): Promise<ExitCode> {
  const { progress } = shell
  refuseTwoForms(flags, 'zktune bench')
  const faults: Fault[] = []
  const thresholds = (flags.threshold ?? []).flatMap((text) => gather(faults, () => parseThreshold(text)) ?? [])
  // What it has to keep is checked where all else is: before anything starts.
  if (flags.findRate !== undefined) gather(faults, () => parseThreshold(flags.findRate ?? '', '--find-rate'))
  const exports = flags.export ?? []
  checkExports(exports, BENCH_ENDINGS, faults)
  const plan = withSources(readPlan(flags, faults), shell.settings)
  if (flags.printConfig === true) {
    const shown = shownPlan(plan)
    shell.print(
      flags.json === true
        ? `${JSON.stringify(shown, null, 2)}\n`
        : planText(shown, shell.terminal, (flag) => sourceOf(flag, shell.settings)),
    )
    return EXIT.done
  }
  for (const { where, what, mend } of plan.remarks) progress.note(`${where}: ${what}. ${mend}`)
  const { result, hasLeftSomething } = await carryOut(plan, flags, { thresholds }, shell)
  const forms = benchForms(result)
  if (flags.json === true) shell.print(forms['.json']())
  else if (flags.plain === true) shell.print(recordsText(benchRecords(result)))
  else shell.print(flags.quiet === true ? benchBrief(result, shell.terminal) : benchText(result, shell.terminal))
  writeExports(exports, forms)
  const breached = result.thresholds.filter(({ isKept }) => !isKept)
  if (flags.json === true) for (const verdict of breached) progress.note(`Breached: ${sentenceOf(verdict)}`)
  if (isOnGitHub(shell.environment)) for (const line of annotationsOf(result)) progress.note(line)
  if (hasLeftSomething) return EXIT.failed
  if (result.partial) return EXIT.interrupted
  return breached.length > 0 ? EXIT.breached : EXIT.done
}
