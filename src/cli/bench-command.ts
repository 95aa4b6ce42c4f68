import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { judge, parseThreshold } from '../measure/threshold.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { benchText } from '../report/bench-table.ts'
import { planText } from '../report/plan-text.ts'
import { sentenceOf, thresholdText } from '../report/threshold-text.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { BenchFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import { resultsParent } from './results-place.ts'
import type { Shell } from './shell.ts'

/** Boots an ensemble, puts load on it, prints the result: whole, or of what was measured until an interruption. */
export async function bench(flags: BenchFlags, shell: Shell): Promise<ExitCode> {
  const { progress, signal } = shell
  const faults: Fault[] = []
  const thresholds = (flags.threshold ?? []).flatMap((text) => gather(faults, () => parseThreshold(text)) ?? [])
  const plan = readPlan(flags, faults)
  if (flags.printConfig === true) {
    const shown = shownPlan(plan)
    shell.print(flags.json === true ? `${JSON.stringify(shown, null, 2)}\n` : planText(shown, shell.terminal))
    return EXIT.done
  }
  for (const { where, what, mend } of plan.remarks) progress.note(`${where}: ${what}. ${mend}`)
  let hasLeftSomething = false
  const kept: string[] = []
  const { runBench } = await import('../measure/run-bench.ts')
  const result = await runBench(plan, {
    signal,
    keep: flags.keep === true,
    ...(flags.results === false ? {} : { results: resultsParent(flags.results, shell.environment) }),
    onRecord: (folder) => kept.push(folder),
    onProgress: (step) => progress.show(step),
    onBooted: ({ folder, hosts, chroot }) => {
      if (flags.keep === true && folder !== null) progress.note(`This run is kept in ${folder}`)
      if (chroot !== '') progress.note(`This run stays below ${chroot} of ${hosts}, and removes it.`)
    },
    onLeftBehind: (error) => {
      hasLeftSomething = true
      progress.note(error.message)
    },
    onServerExit: (id, code, killedBy) => {
      progress.note(`Server ${id} was ended from outside (${killedBy ?? `exit code ${code}`}); the run goes on.`)
    },
  })
  progress.end()
  for (const folder of kept) progress.note(`Kept: zktune report ${folder}`)
  shell.print(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : benchText(result, shell.terminal))
  const verdicts = judge(thresholds, result)
  if (verdicts.length > 0 && flags.json !== true) shell.print(`\n${thresholdText(verdicts, shell.terminal)}`)
  const breached = verdicts.filter(({ isKept }) => !isKept)
  for (const verdict of breached) {
    if (flags.json === true) progress.note(`Breached: ${sentenceOf(verdict)}`)
    // GitHub shows such a line beside the change that was tested.
    if (shell.environment['GITHUB_ACTIONS'] === 'true') progress.note(`::error title=zktune::${sentenceOf(verdict)}`)
  }
  if (hasLeftSomething) return EXIT.failed
  if (result.partial) return EXIT.interrupted
  return breached.length > 0 ? EXIT.breached : EXIT.done
}
