import { Auditor, Interrupted } from './auditor.ts'
import { firstDifference, type Difference } from './compare.ts'
import { Conversation, type Target } from './conversation.ts'
import { linesOf, type Lines } from './lines.ts'
import type { Sequence } from './sequence.ts'

/** What came of one sequence. */
export interface Outcome {
  readonly sequence: Sequence
  readonly reference: Lines
  readonly ours: Lines
  readonly difference: Difference | null
}

/** One place where sequences run one after another: with several places, several are under way at once. */
export class Bench implements AsyncDisposable {
  readonly #targets: readonly Target[]
  #sides: readonly Side[] = []

  private constructor(targets: readonly Target[]) {
    this.#targets = targets
  }

  static async open(reference: Target, ours: Target): Promise<Bench> {
    const bench = new Bench([reference, ours])
    await bench.#connect()
    return bench
  }

  /**
   * What came of a sequence. An ensemble that loses its leader closes every connection, and a machine that stands still
   * for longer than `syncLimit` makes it do so: then the sequence is run again, once, and the console says so.
   *
   * @throws Interrupted the second time
   */
  async run(sequence: Sequence): Promise<Outcome> {
    try {
      return await this.#attempt(sequence)
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      console.warn(`seed ${sequence.seed} is run again: ${error.message}`)
      for (const auditor of this.#sides.flatMap(({ auditors }) => auditors)) auditor.cut()
      await this.#connect()
      return await this.#attempt(sequence)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sides.flatMap(({ auditors }) => auditors.map((auditor) => auditor.close())))
  }

  async #attempt(sequence: Sequence): Promise<Outcome> {
    const number = ++rootCount
    const sides = await Promise.allSettled(
      this.#sides.map(async ({ target, auditors }, side) => {
        const transcript = await new Conversation(target, `/d${number}-${side}`, auditors).run(sequence)
        for (const auditor of auditors) auditor.expectConnected()
        return linesOf(transcript)
      }),
    )
    const [reference, ours] = sides.map((side) => {
      if (side.status === 'rejected') throw side.reason
      return side.value
    })
    if (reference === undefined || ours === undefined) throw new Error('a bench has two sides')
    return { sequence, reference, ours, difference: firstDifference(reference, ours) }
  }

  async #connect(): Promise<void> {
    this.#sides = await Promise.all(
      this.#targets.map(async (target) => ({
        target,
        auditors: await Promise.all(
          target.ports.map((port, index) => Auditor.connect(port, `server ${index + 1} of ${target.name}`)),
        ),
      })),
    )
  }
}

interface Side {
  readonly target: Target
  readonly auditors: readonly Auditor[]
}

/** Each run has a subtree of its own, and each side, for both may be the same server. */
let rootCount = 0

export interface RunOptions {
  /** Sequences under way at once. */
  readonly width: number
  readonly onOutcome: (outcome: Outcome) => void
  /** Ends the run early. */
  readonly isEnough: () => boolean
}

/** Runs all sequences, in no particular order. */
export async function runAll(
  targets: { readonly reference: Target; readonly ours: Target },
  sequences: Iterable<Sequence>,
  options: RunOptions,
): Promise<void> {
  const waiting = sequences[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: options.width }, async () => {
      await using bench = await Bench.open(targets.reference, targets.ours)
      for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
        options.onOutcome(await bench.run(next.value))
        if (options.isEnough()) return
      }
    }),
  )
}
