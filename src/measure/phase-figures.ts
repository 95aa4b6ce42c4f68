/** From what generators recorded of a phase to its figures: merged over generators, cut, and merged over boots. */
import { LatencyHistogram } from '../stats/latency-histogram.ts'
import { steadyState, type SteadyLimits, type SteadyState } from '../stats/steady-state.ts'
import { OPERATION_KINDS, type Arrivals, type OperationKind } from '../profile/plan.ts'
import type { BootPhase, GeneratorCost, OperationResult, PhaseResult, SendingResult, Series } from './bench-result.ts'
import { clientLimit } from './client-limit.ts'
import { isRead, isRequest, isWrite, PARTS, REQUESTS } from './read-or-write.ts'
import type { RecordedPhase } from './generator-message.ts'
import type { RecordedOperation } from './phase-recorder.ts'

const THROUGHPUT_LIMITS: SteadyLimits = { trend: 0.1, variation: 0.3 }
const LATENCY_LIMITS: SteadyLimits = { trend: 0.25, variation: 0.5 }
const LATE_US = 1_000

/** One kind of operation, over whatever is merged. */
class Tally {
  readonly response = new LatencyHistogram()
  readonly service = new LatencyHistogram()
  readonly errors = new Map<string, number>()
  /** Answered with success within the time that counts: what a rate is made of. */
  inTime = 0

  addOperation({ response, service, errors }: RecordedOperation, isInTime: boolean): void {
    this.response.addSparse(response)
    if (service !== null) this.service.addSparse(service)
    for (const [name, count] of Object.entries(errors)) this.addError(name, count)
    if (isInTime) this.inTime += countOf(response.pairs)
  }

  add(other: Tally): void {
    this.response.add(other.response)
    this.service.add(other.service)
    for (const [name, count] of other.errors) this.addError(name, count)
    this.inTime += other.inTime
  }

  addError(name: string, count: number): void {
    if (count > 0) this.errors.set(name, (this.errors.get(name) ?? 0) + count)
  }

  result(seconds: number, isOpen: boolean): OperationResult {
    return {
      operations: this.response.count,
      errors: Object.fromEntries(this.errors),
      opsPerSecond: seconds === 0 ? 0 : this.inTime / seconds,
      latencyUs: this.response.summary(),
      serviceUs: isOpen ? this.service.summary() : null,
    }
  }
}

/** A phase as it was on one boot, or merged over several. */
export class PhaseFigures {
  readonly name: string
  readonly ratePerSecond: number | null
  readonly arrivals: Arrivals | null
  readonly #tallies = new Map<OperationKind, Tally>()
  /** Errors that belong to no kind: what was never sent has none. */
  readonly #unanswered = new Tally()
  readonly #lateness = new LatencyHistogram()
  #sending = { sent: 0, unsent: 0, heldBack: 0 }
  #seconds = 0
  #cutSeconds = 0
  #steady = true
  #unsteadyBecause: string | null = null
  #clientLimited: string | null = null

  private constructor(name: string, ratePerSecond: number | null, arrivals: Arrivals | null) {
    this.name = name
    this.ratePerSecond = ratePerSecond
    this.arrivals = arrivals
  }

  /** @param recorded of one phase, one a generator; at least one */
  static ofBoot(recorded: readonly RecordedPhase[]): { readonly figures: PhaseFigures; readonly boot: BootPhase } {
    const [first] = recorded
    if (first === undefined) throw new RangeError('a phase was recorded by at least one generator')
    const isOpen = first.load.kind === 'open'
    const rate = isOpen ? sum(recorded, ({ load }) => (load.kind === 'open' ? load.ratePerSecond : 0)) : null
    const figures = new PhaseFigures(first.name, rate, first.load.kind === 'open' ? first.load.arrivals : null)
    const points = pointsOf(recorded)
    const judged = judge(points, first.intervalMs, isOpen)
    figures.#take(recorded, judged)
    const generators = recorded.map(costOf)
    figures.#clientLimited = clientLimit({
      generators,
      responseUs: figures.#all().response.summary(),
      lateness: figures.#lateness.summary(),
    })
    const series: Series = { intervalMs: first.intervalMs, cut: judged.cut, points: points.map(({ point }) => point) }
    return { figures, boot: { ...figures.result(), startMs: first.startMs, generators, series } }
  }

  /** @param boots the same phase on each of them, at least one */
  static merged(boots: readonly PhaseFigures[]): PhaseFigures {
    const [first] = boots
    if (first === undefined) throw new RangeError('there is nothing to merge')
    const merged = new PhaseFigures(first.name, first.ratePerSecond, first.arrivals)
    for (const each of boots) {
      for (const [kind, tally] of each.#tallies) merged.#tallyOf(kind).add(tally)
      merged.#unanswered.add(each.#unanswered)
      merged.#lateness.add(each.#lateness)
      merged.#sending.sent += each.#sending.sent
      merged.#sending.unsent += each.#sending.unsent
      merged.#sending.heldBack += each.#sending.heldBack
      merged.#seconds += each.#seconds
      merged.#cutSeconds += each.#cutSeconds
      merged.#steady &&= each.#steady
      merged.#unsteadyBecause ??= each.#unsteadyBecause
      merged.#clientLimited ??= each.#clientLimited
    }
    return merged
  }

  result(): PhaseResult {
    const isOpen = this.ratePerSecond !== null
    const kinds = OPERATION_KINDS.filter((kind) => this.#tallies.has(kind))
    const of = (some: readonly OperationKind[]): OperationResult | null =>
      some.length === 0 ? null : this.#all(some).result(this.#seconds, isOpen)
    const all = this.#all()
    all.add(this.#unanswered)
    for (const kind of PARTS) {
      for (const [name, count] of this.#tallies.get(kind)?.errors ?? []) all.addError(name, count)
    }
    return {
      name: this.name,
      kind: isOpen ? 'open' : 'closed',
      ratePerSecond: this.ratePerSecond,
      arrivals: this.arrivals,
      seconds: this.#seconds,
      cutSeconds: this.#cutSeconds,
      steady: this.#steady,
      unsteadyBecause: this.#unsteadyBecause,
      sending: isOpen ? this.#sendingResult() : null,
      clientLimited: this.#clientLimited,
      ...all.result(this.#seconds, isOpen),
      byOperation: Object.fromEntries(
        kinds.map((kind) => [kind, this.#tallyOf(kind).result(this.#seconds, isOpen)] as const),
      ),
      read: of(kinds.filter(isRead)),
      write: of(kinds.filter(isWrite)),
    }
  }

  #take(recorded: readonly RecordedPhase[], judged: SteadyState): void {
    const [{ intervalMs, seconds, intervalCount }] = recorded as [RecordedPhase]
    this.#cutSeconds = (judged.cut * intervalMs) / 1_000
    this.#seconds = Math.max(0, seconds - this.#cutSeconds)
    this.#steady = judged.isSteady
    this.#unsteadyBecause = judged.reason
    for (const { intervals, unansweredCount, sending, load } of recorded) {
      for (const { index, operations } of intervals) {
        const isTail = index >= intervalCount
        // What a closed loop still had in flight at its end belongs to no time; what was due within an open one does.
        if (index < judged.cut || (isTail && load.kind === 'closed')) continue
        for (const operation of operations) this.#tallyOf(operation.kind).addOperation(operation, !isTail)
      }
      this.#unanswered.addError('UNANSWERED', unansweredCount)
      if (sending === null) continue
      this.#unanswered.addError('UNSENT', sending.unsentCount)
      this.#sending.sent += sending.sentCount
      this.#sending.unsent += sending.unsentCount
      this.#sending.heldBack += sending.heldBackCount
      this.#lateness.addSparse(sending.lateness)
    }
  }

  #sendingResult(): SendingResult {
    return { ...this.#sending, late: this.#lateness.countAbove(LATE_US), latenessUs: this.#lateness.summary() }
  }

  #all(kinds: readonly OperationKind[] = REQUESTS): Tally {
    const all = new Tally()
    for (const kind of kinds) {
      const tally = this.#tallies.get(kind)
      if (tally !== undefined) all.add(tally)
    }
    return all
  }

  #tallyOf(kind: OperationKind): Tally {
    const tally = this.#tallies.get(kind) ?? new Tally()
    this.#tallies.set(kind, tally)
    return tally
  }
}

interface Point {
  readonly point: Series['points'][number]
  readonly medianUs: number | null
}

/** Every interval of the phase, as far as it went, all generators and kinds together. */
function pointsOf(recorded: readonly RecordedPhase[]): readonly Point[] {
  const [{ seconds, intervalMs, intervalCount }] = recorded as [RecordedPhase]
  // A last interval that was cut short says nothing beside whole ones.
  const count = Math.min(intervalCount, Math.floor((seconds * 1_000) / intervalMs + 1e-6))
  return Array.from({ length: count }, (_, index) => {
    const response = new LatencyHistogram()
    let errors = 0
    for (const { intervals } of recorded) {
      for (const operation of intervals.find((each) => each.index === index)?.operations ?? []) {
        if (isRequest(operation.kind)) response.addSparse(operation.response)
        errors += sum(Object.values(operation.errors), (each) => each)
      }
    }
    const { count: operations, p50, p99, max } = response.summary()
    return { point: { operations, errors, p50, p99, max }, medianUs: response.medianUs() }
  })
}

/**
 * A closed loop loses its beginning up to where the throughput settles, but nothing from the first error or standstill on: that is no warm-up.
 * An open loop loses nothing: the load before it has warmed the servers, and a slow beginning is what clients would have met.
 */
function judge(points: readonly Point[], intervalMs: number, isOpen: boolean): SteadyState {
  if (isOpen) {
    // An interval without an answer took at least as long as it lasted.
    const medians = points.map(({ medianUs }) => medianUs ?? intervalMs * 1_000)
    return steadyState(medians, LATENCY_LIMITS, 0)
  }
  const counts = points.map(({ point }) => point.operations)
  const trouble = points.findIndex(({ point }) => point.errors > 0 || point.operations === 0)
  return steadyState(counts, THROUGHPUT_LIMITS, trouble < 0 ? Infinity : trouble)
}

function costOf({ costs, seconds }: RecordedPhase): GeneratorCost {
  return { ...costs, cpuShare: seconds === 0 ? 0 : costs.cpuSeconds / seconds }
}

function countOf(pairs: readonly number[]): number {
  let count = 0
  for (let at = 1; at < pairs.length; at += 2) count += pairs[at] as number
  return count
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
