import { basename, join, resolve } from 'node:path'

import { ZktuneError } from '../kernel/errors.ts'
import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { keptRuns, readRun } from '../measure/read-run.ts'
import { BENCH_ENDINGS, benchForms, besideText } from '../report/bench-export.ts'
import { benchBrief } from '../report/bench-brief.ts'
import { benchText } from '../report/bench-table.ts'
import { historyRecord, historyText } from '../report/history-text.ts'
import { COMPARISON_ENDINGS, comparisonForms, comparisonText } from './comparison-text.ts'
import { readComparison } from './compare-record.ts'
import type { HistoryDocument } from './documents.ts'
import { checkExports, writeExports } from './export-files.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { HistoryFlags, ReportFlags } from './options.ts'
import { recordsText, refuseTwoForms } from './output-form.ts'
import { benchRecords } from './plain-records.ts'
import { resultsParent } from './results-place.ts'
import type { Shell } from './shell.ts'

/** Prints a run that was kept, in one form or another, without running anything. */
export function report(path: string, flags: ReportFlags, shell: Shell): ExitCode {
  refuseTwoForms(flags, 'zktune report')
  const form = (['json', 'csv', 'markdown', 'plain', 'quiet'] as const).find((each) => flags[each] === true)
  if (flags.against !== undefined && form !== undefined) {
    const what = `--against sets two runs beside each other as tables alone, and --${form} asks for another form`
    throw new ZktuneError('UsageConflict', { where: 'zktune report', what, mend: 'Give one of the two.' })
  }
  const exports = flags.export ?? []
  const comparison = readComparison(path)
  const faults: Fault[] = []
  checkExports(exports, comparison === null ? BENCH_ENDINGS : COMPARISON_ENDINGS, faults)
  throwFaults(faults)
  if (comparison !== null) {
    const lacks =
      flags.csv === true ? '--csv' : flags.quiet === true ? '--quiet' : flags.against === undefined ? null : '--against'
    if (lacks !== null) {
      const what = `a comparison has no ${lacks}`
      const mend = `Ask for --json, --markdown or --plain; its trials are runs of their own, in ${join(path, 'trials')}.`
      throw new ZktuneError('UsageConflict', { where: path, what, mend })
    }
    shell.print(comparisonText(comparison, flags, shell))
    writeExports(exports, comparisonForms(comparison))
    return EXIT.done
  }
  const result = readRun(path)
  const forms = benchForms(result)
  if (flags.json === true) shell.print(forms['.json']())
  else if (flags.csv === true) shell.print(forms['.csv']())
  else if (flags.markdown === true) shell.print(forms['.md']())
  else if (flags.plain === true) shell.print(recordsText(benchRecords(result)))
  else if (flags.quiet === true) shell.print(benchBrief(result, shell.terminal))
  else if (flags.against === undefined) shell.print(benchText(result, shell.terminal))
  else {
    const other = { name: nameOf(flags.against), result: readRun(flags.against) }
    shell.print(besideText({ name: nameOf(path), result }, other, shell.terminal))
  }
  writeExports(exports, forms)
  return EXIT.done
}

/** Lists the runs that were kept, the oldest first. */
export function history(flags: HistoryFlags, shell: Shell): ExitCode {
  refuseTwoForms(flags, 'zktune history')
  const parent = resultsParent(flags.results, shell.environment)
  const runs = keptRuns(parent).map((run) => {
    return { ...run, comparison: run.result === null ? readComparison(run.folder) : null }
  })
  if (flags.json === true) {
    const shown = runs.map(({ folder, result, comparison }) => {
      const startedAt = result?.startedAt ?? comparison?.startedAt ?? null
      return { folder, startedAt, headline: result?.headline ?? null }
    })
    const document: HistoryDocument = { schemaVersion: 1, command: 'history', parent, runs: shown }
    shell.print(`${JSON.stringify(document, null, 2)}\n`)
  } else if (flags.plain === true) {
    shell.print(recordsText(runs.map(historyRecord)))
  } else {
    shell.print(historyText(parent, runs, shell.terminal))
  }
  return EXIT.done
}

function nameOf(path: string): string {
  return basename(resolve(path))
}
