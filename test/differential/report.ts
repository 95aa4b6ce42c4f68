import { transcriptText, type Difference } from './compare.ts'
import type { Line, Lines } from './lines.ts'
import type { Bench, Outcome } from './run.ts'
import { partsOf, shrink, withParts } from './shrink.ts'

/** A difference, cut down, with both transcripts and the command that repeats it; as it was when that fails. */
export async function reportOf(outcome: Outcome, bench: Bench, servers: number): Promise<string> {
  try {
    return await shrunkReportOf(outcome, bench, servers)
  } catch (error) {
    return `seed ${outcome.sequence.seed}: different, and repeating it failed: ${String(error)}\n${bothTexts(outcome)}`
  }
}

async function shrunkReportOf(outcome: Outcome, bench: Bench, servers: number): Promise<string> {
  const { sequence } = outcome
  const again = await bench.run(sequence)
  const name = `seed ${sequence.seed}`
  if (again.difference === null) return `${name}: different once, the same when repeated\n${bothTexts(outcome)}`
  const parts = await shrink(sequence, async (shorter) => (await bench.run(shorter)).difference !== null)
  const shrunk = await bench.run(withParts(sequence, parts))
  const command = `npm run differential -- --seed ${sequence.seed} --servers ${servers} --keep ${parts.join(',')} --trace`
  return `${name}: ${parts.length} of ${partsOf(sequence).length} parts are left\n${bothTexts(shrunk)}\nreplay: ${command}`
}

function bothTexts({ reference, ours, difference }: Outcome): string {
  const what =
    difference === null
      ? ''
      : `${difference.connection}: ${textOf(difference.reference)}\n  is with zktune ${textOf(difference.ours)}\n`
  return `${what}Apache ZooKeeper 3.8.0\n${transcriptText(shown(reference, difference), difference)}\nzktune\n${transcriptText(shown(ours, difference), difference)}`
}

/** What the audit saw matters when the difference is there. */
function shown(lines: Lines, difference: Difference | null): Lines {
  if (difference === null || difference.connection === 'audit') return lines
  return new Map([...lines].filter(([connection]) => connection !== 'audit'))
}

function textOf(line: Line | null): string {
  return line?.text ?? 'nothing'
}
