/**
 * `npm run sim`: worlds by their seeds.
 *
 *     npm run sim -- --seed 8417            one world, again
 *     npm run sim -- --seeds 1000           a thousand that begin where this commit's hash says
 *
 * Prints its options first, and for each world that fails the command that replays it.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FAULT_KINDS } from '../../src/sim/faults.ts'
import { FORM_KINDS, type FormKind } from '../../src/sim/form.ts'
import { seedOfCommit } from '../seed-of-commit.ts'
import { PLANTS, replayCommand, runSeed, worldOfSeed, type Plant, type SeedRun, type WorldKind } from './seed-run.ts'

const USAGE = `npm run sim -- [options]
  --seed N        the (first) seed; default: drawn from the hash of the commit
  --seeds COUNT   how many; default 1
  --world KIND    server (real servers and clients) or core (the consensus core alone); default: by the seed
  --replicas N    3 or 5; default: by the seed
  --faults LIST   swarm, none, or some of ${FAULT_KINDS.join(',')}
  --form KIND     ${FORM_KINDS.join(', ')}: what the ensemble is, whatever else is drawn
  --settings WHAT drawn (lines of zoo.cfg, too) or plain; default: drawn
  --storm MS      virtual milliseconds with faults
  --plant BUG     one of ${Object.keys(PLANTS).join(', ')}
  --jobs N        processes; default: one for each processor
  --trace         prints what happens in the world`

interface Report {
  readonly run: SeedRun
  readonly violations: readonly string[]
  readonly slotCount: number
  readonly kinds: readonly FormKind[]
  readonly text: string
}

function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      world: { type: 'string' },
      replicas: { type: 'string' },
      faults: { type: 'string', default: 'swarm' },
      form: { type: 'string' },
      settings: { type: 'string', default: 'drawn' },
      storm: { type: 'string' },
      plant: { type: 'string' },
      jobs: { type: 'string' },
      /** Of the child processes: every so manyth seed. */
      stride: { type: 'string' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const first = values.seed === undefined ? seedOfCommit() : whole('--seed', values.seed)
  const count = whole('--seeds', values.seeds)
  // Most kinds of ensembles are a matter of whole servers.
  const worldFor = (seed: number): WorldKind => (values.form === undefined ? worldOfSeed(seed).world : 'server')
  const runOf = (seed: number): SeedRun => ({
    seed,
    world: values.world === undefined ? worldFor(seed) : oneOf('--world', values.world, WORLDS),
    replicas: values.replicas === undefined ? worldOfSeed(seed).replicas : replicasOf(values.replicas),
    faults: values.faults,
    plant: values.plant === undefined ? null : oneOf('--plant', values.plant, Object.keys(PLANTS) as Plant[]),
    form: values.form === undefined ? null : oneOf('--form', values.form, FORM_KINDS),
    settings: oneOf('--settings', values.settings, ['drawn', 'plain'] as const),
    stormMs: values.storm === undefined ? null : whole('--storm', values.storm),
  })
  const stride = values.stride === undefined ? null : whole('--stride', values.stride)
  if (stride !== null) return runAll(runOf, first, count, stride, (report) => process.send?.(report))

  const jobs = Math.min(count, values.jobs === undefined ? availableParallelism() : whole('--jobs', values.jobs))
  const last = first + count - 1
  console.log(`seeds ${first} to ${last}, faults ${values.faults}, plant ${values.plant ?? 'none'}, ${jobs} processes`)
  const summary = new Summary(count)
  if (jobs === 1) {
    const trace = values.trace ? (text: string): void => console.log(text) : null
    runAll(runOf, first, count, 1, (report) => summary.add(report), trace)
    return summary.print()
  }
  shareOut(jobs, first, count, summary)
}

const WORLDS: readonly WorldKind[] = ['server', 'core']

function runAll(
  runOf: (seed: number) => SeedRun,
  first: number,
  count: number,
  stride: number,
  onReport: (report: Report) => void,
  trace: ((text: string) => void) | null = null,
): void {
  for (let seed = first; seed < first + count; seed += stride) {
    const run = runOf(seed)
    onReport({ run, ...runSeed(run, trace) })
  }
}

/** Each process takes every so manyth seed, so that all have the same share of each kind of world. */
function shareOut(jobs: number, first: number, count: number, summary: Summary): void {
  let running = jobs
  for (let job = 0; job < jobs; job++) {
    const words = process.argv.slice(2).filter((_word, index, all) => !isSeedWord(all, index))
    const share = [`--seed=${first + job}`, `--seeds=${count - job}`, `--stride=${jobs}`]
    const child = fork(fileURLToPath(import.meta.url), [...words, ...share])
    child.on('message', (report: Report) => summary.add(report))
    child.on('exit', (code) => {
      if (code !== 0) summary.lose()
      running--
      if (running === 0) summary.print()
    })
  }
}

function isSeedWord(words: readonly string[], index: number): boolean {
  const isOurs = (word: string | undefined): boolean => /^--seeds?(=|$)/.test(word ?? '')
  const before = words[index - 1]
  return isOurs(words[index]) || (isOurs(before) && !(before ?? '').includes('='))
}

class Summary {
  readonly #count: number
  readonly #startMs = performance.now()
  #done = 0
  #slots = 0
  /** How many worlds were of each kind. */
  readonly #kinds = new Map<FormKind, number>()
  #failed = 0
  #lost = 0

  constructor(count: number) {
    this.#count = count
  }

  add(report: Report): void {
    this.#done++
    this.#slots += report.slotCount
    for (const kind of report.kinds) this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1)
    if (report.violations.length > 0) {
      this.#failed++
      console.log(`FAILED ${report.violations[0]}\n  replay: ${replayCommand(report.run)}\n  ${report.text}`)
    } else if (this.#count === 1) console.log(`${report.text}: no violation`)
    else if (this.#done % 100 === 0) console.log(`${this.#done} of ${this.#count} after ${this.#seconds()} s`)
  }

  /** A process died. */
  lose(): void {
    this.#lost++
  }

  print(): void {
    const missing = this.#count - this.#done
    console.log(
      `${this.#done} worlds, ${this.#slots} slots, ${this.#failed} failed, ${missing} missing, ${this.#seconds()} s`,
    )
    if (this.#kinds.size > 0) {
      const kinds = FORM_KINDS.map((kind) => `${kind} ${this.#kinds.get(kind) ?? 0}`)
      console.log(`of them ${kinds.join(', ')}`)
    }
    if (this.#failed + this.#lost + missing > 0) process.exitCode = 1
  }

  #seconds(): string {
    return ((performance.now() - this.#startMs) / 1_000).toFixed(1)
  }
}

function whole(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  console.error(`${flag}: "${text}" is no whole number\n\n${USAGE}`)
  process.exit(2)
}

function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((word) => word === text)
  if (found !== undefined) return found
  console.error(`${flag}: "${text}" is none of ${known.join(', ')}\n\n${USAGE}`)
  process.exit(2)
}

function replicasOf(text: string): 3 | 5 {
  return oneOf('--replicas', text, ['3', '5']) === '3' ? 3 : 5
}

main()
