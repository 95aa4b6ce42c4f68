/**
 * `npm run differential`: random sequences of operations, sent to Apache ZooKeeper 3.8.0 and to the engine.
 *
 *     npm run differential -- --seeds 5000        five thousand, that begin where this commit's hash says
 *     npm run differential -- --seed 8417         one, again
 *     npm run differential -- --seed 8417 --trace with both transcripts
 *
 * A difference is shrunk, and printed with both transcripts and the command that repeats it.
 */
import { parseArgs } from 'node:util'
import { seedOfCommit } from '../seed-of-commit.ts'
import { transcriptText } from './compare.ts'
import { Coverage } from './coverage.ts'
import { sequenceOf } from './generate.ts'
import { reportOf } from './report.ts'
import { Bench, runAll, type Outcome } from './run.ts'
import type { Sequence } from './sequence.ts'
import { withParts } from './shrink.ts'
import { startApacheTarget, startOwnTarget } from './targets.ts'

const USAGE = `npm run differential -- [options]
  --seed N        the (first) seed; default: drawn from the hash of the commit
  --seeds COUNT   how many; default 1
  --servers N     1 (default) or 3, of each kind
  --keep PARTS    of the sequence these steps and requests only, as a report names them
  --width N       sequences under way at once; default 8
  --failures N    stop after so many differences; default 3
  --trace         print both transcripts
  --coverage      print how often each operation had which outcome`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      servers: { type: 'string', default: '1' },
      keep: { type: 'string' },
      width: { type: 'string', default: '8' },
      failures: { type: 'string', default: '3' },
      trace: { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const first = values.seed === undefined ? seedOfCommit() : whole('--seed', values.seed)
  const count = whole('--seeds', values.seeds)
  const servers = whole('--servers', values.servers)
  const failuresMax = whole('--failures', values.failures)
  const sequences = Array.from({ length: count }, (_each, index): Sequence => {
    const sequence = sequenceOf(first + index, { servers })
    return values.keep === undefined ? sequence : withParts(sequence, values.keep.split(','))
  })
  console.log(`seeds ${first} to ${first + count - 1}, servers ${servers}`)

  await using reference = await startApacheTarget(servers)
  await using ours = await startOwnTarget(servers)
  const targets = { reference, ours }
  const coverage = new Coverage()
  const different: Outcome[] = []
  const startMs = performance.now()
  const seconds = (): number => (performance.now() - startMs) / 1_000
  let done = 0
  await runAll(targets, sequences, {
    width: Math.min(count, whole('--width', values.width)),
    onOutcome: (outcome) => {
      done++
      coverage.add(outcome.reference)
      if (values.trace) printTranscripts(outcome)
      if (outcome.difference !== null) different.push(outcome)
      if (done % 500 === 0) console.log(`${done} of ${count} after ${seconds().toFixed(1)} s`)
    },
    isEnough: () => different.length >= failuresMax,
  })
  const rate = (done / seconds()).toFixed(1)
  console.log(`${done} sequences in ${seconds().toFixed(1)} s (${rate}/s), ${different.length} different`)
  if (values.coverage) console.log(coverage.text())
  await using bench = await Bench.open(reference, ours)
  for (const outcome of different) console.log(await reportOf(outcome, bench, servers))
  if (different.length > 0) process.exitCode = 1
}

function printTranscripts(outcome: Outcome): void {
  console.log(`seed ${outcome.sequence.seed}, Apache ZooKeeper 3.8.0:`)
  console.log(transcriptText(outcome.reference, outcome.difference))
  console.log(`seed ${outcome.sequence.seed}, zktune:`)
  console.log(transcriptText(outcome.ours, outcome.difference))
}

function whole(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  console.error(`${flag}: "${text}" is no whole number\n\n${USAGE}`)
  process.exit(2)
}

await main()
