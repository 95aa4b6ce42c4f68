import { EXIT, type ExitCode } from './failure.ts'

/** What each code that a command can end with means for it; `zktune --help` has those of all of them together. */
const DONE = 'done'
const FAILED = 'the work failed'
const USAGE = 'wrong usage or configuration; nothing was started'
const INTERRUPTED = 'interrupted (Ctrl-C); what was measured until then is printed'
const READS = 'wrong usage, or a file that cannot be read'

type Meanings = readonly (readonly [ExitCode, string])[]

const EXIT_CODES: Readonly<Record<string, Meanings>> = {
  bench: [
    [EXIT.done, DONE],
    [EXIT.failed, `${FAILED}, or something could not be removed`],
    [EXIT.usage, USAGE],
    [EXIT.breached, 'a --threshold was breached'],
    [EXIT.interrupted, INTERRUPTED],
  ],
  compare: [
    [EXIT.done, 'done, whatever the verdicts'],
    [EXIT.failed, `${FAILED}: also when one of the configurations did not boot, or crashed`],
    [EXIT.usage, USAGE],
    [EXIT.worse, 'with --fail-on worse: something is worse'],
    [EXIT.inconclusive, 'with --fail-on inconclusive: something cannot be told yet'],
    [EXIT.interrupted, INTERRUPTED],
  ],
  disk: [
    [EXIT.done, DONE],
    [EXIT.failed, 'a folder could not be written in'],
    [EXIT.usage, USAGE],
    [EXIT.interrupted, INTERRUPTED],
  ],
  up: [
    [EXIT.failed, 'the ensemble did not start'],
    [EXIT.usage, USAGE],
    [EXIT.interrupted, 'ended by Ctrl-C, as it is meant to be'],
  ],
  inspect: [
    [EXIT.done, 'at least one server could be asked'],
    [EXIT.failed, 'none could'],
    [EXIT.usage, USAGE],
    [EXIT.interrupted, 'interrupted (Ctrl-C)'],
  ],
  report: [
    [EXIT.done, DONE],
    [EXIT.usage, 'wrong usage, or no result of a run'],
  ],
  rerun: [
    [EXIT.done, 'reproduced, or inconclusive'],
    [EXIT.failed, `not reproduced, or ${FAILED}`],
    [EXIT.usage, 'wrong usage, or a run that cannot be done again; nothing was started'],
    [EXIT.interrupted, INTERRUPTED],
  ],
  history: [
    [EXIT.done, 'done, also where there are no runs'],
    [EXIT.usage, 'wrong usage'],
  ],
  clean: [
    [EXIT.done, 'done, also where nothing was left'],
    [EXIT.failed, 'something could not be removed'],
    [EXIT.usage, 'wrong usage'],
  ],
  recommend: [
    [EXIT.done, 'done, also where the start is fine as it is'],
    [EXIT.failed, `${FAILED}, or no configuration keeps the limits`],
    [EXIT.usage, USAGE],
    [EXIT.interrupted, 'interrupted (Ctrl-C); --resume goes on'],
  ],
  knobs: [
    [EXIT.done, DONE],
    [EXIT.usage, READS],
  ],
  profiles: [
    [EXIT.done, DONE],
    [EXIT.usage, READS],
  ],
  lint: [
    [EXIT.done, 'nothing as bad as --fail-on says'],
    [EXIT.failed, 'something of that severity or worse'],
    [EXIT.usage, READS],
  ],
  explain: [
    [EXIT.done, DONE],
    [EXIT.usage, READS],
  ],
  diff: [
    [EXIT.done, 'done, whether or not anything differs'],
    [EXIT.usage, READS],
  ],
  completion: [
    [EXIT.done, DONE],
    [EXIT.usage, 'wrong usage'],
  ],
  server: [
    [EXIT.failed, 'it could not start, or stopped for a reason of its own'],
    [EXIT.usage, USAGE],
    [EXIT.interrupted, 'ended by Ctrl-C, as it is meant to be'],
  ],
}

/** The last part of the help of a command. */
export function exitCodesText(command: string): string {
  return `\nExit codes:\n${(EXIT_CODES[command] ?? []).map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}\n`).join('')}`
}
