import { Auditor } from './auditor.ts'
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
  readonly #sides: readonly Side[]

  private constructor(sides: readonly Side[]) {
    this.#sides = sides
  }

  static async open(reference: Target, ours: Target): Promise<Bench> {
    const side = async (target: Target): Promise<Side> => ({
      target,
      auditors: await Promise.all(target.ports.map((port) => Auditor.connect(port))),
    })
    return new Bench(await Promise.all([side(reference), side(ours)]))
  }

  async run(sequence: Sequence): Promise<Outcome> {
    const number = ++rootCount
    const [reference, ours] = await Promise.all(
      this.#sides.map(async ({ target, auditors }, side) =>
        linesOf(await new Conversation(target, `/d${number}-${side}`, auditors).run(sequence)),
      ),
    )
    if (reference === undefined || ours === undefined) throw new Error('a bench has two sides')
    return { sequence, reference, ours, difference: firstDifference(reference, ours) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sides.flatMap(({ auditors }) => auditors.map((auditor) => auditor.close())))
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
