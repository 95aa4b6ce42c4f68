import type { BenchProgress } from '../measure/run-bench.ts'
import type { TrialRecord, TrialRequest } from '../tune/recommend/trial-log.ts'
import type { TuningStage } from '../tune/recommend/tuning.ts'
import type { Progress } from './progress.ts'

/** Where a tuning stands: a line for each trial that ended, and at a terminal one that moves. */
export class TuningProgress {
  readonly #progress: Progress
  readonly #metric: string
  #stage = 'the starting configuration'
  #expected: number | null = null
  #tookMs = 0
  #best: number | null = null
  /** That ended, here or in an earlier process. */
  trials = 0
  #replayed = 0
  #isOver = false

  /** @param metric of the objective */
  constructor(progress: Progress, metric: string) {
    this.#progress = progress
    this.#metric = metric
  }

  onStage(stage: TuningStage): void {
    switch (stage.kind) {
      case 'search':
        this.#stage = 'search'
        this.#expected = Math.max(stage.trialsMax, 1)
        if (stage.atMost > Math.round(stage.budget)) {
          this.#progress.note(
            `The budget pays for about ${Math.round(stage.budget)} trials. What confirms a finding is not cut short, ` +
              `so it may come to ${stage.atMost}; a larger --budget leaves more of it for the search.`,
          )
        }
        return
      case 'ablation':
        this.#stage = `what ${stage.keys.join(', ')} ${stage.keys.length === 1 ? 'does' : 'do'}`
        this.#expected = this.trials + stage.trials
        return
      case 'validation':
        this.#stage = 'on fresh ensembles, in turns with the start'
        this.#expected = this.trials + 2 * stage.pairs
    }
  }

  onRecord(record: TrialRecord, isReplayed: boolean): void {
    this.trials++
    this.#tookMs += record.tookMs
    const { outcome } = record
    const value = outcome.kind === 'measured' ? (outcome.metrics[this.#metric] ?? null) : null
    const isLatency = !this.#metric.endsWith('opsPerSecond')
    if (value !== null && (this.#best === null || (isLatency ? value < this.#best : value > this.#best)))
      this.#best = value
    if (isReplayed) {
      this.#replayed++
      return
    }
    if (this.#replayed > 0) this.#progress.note(`${this.#replayed} trials were made before.`)
    this.#replayed = 0
    this.#progress.note(`trial ${this.#counter(record.number)} ${record.purpose}: ${this.#outcomeText(record)}`)
  }

  onProgress({ number }: TrialRequest & { readonly number: number }, step: BenchProgress): void {
    // One line a trial is enough for a file.
    if (!this.#progress.isInteractive) return
    const best = this.#best === null ? '' : `, best ${this.#figure(this.#best)}`
    const left = this.#expected === null || this.trials === 0 ? null : Math.max(0, this.#expected - this.trials)
    const time = left === null ? '' : `, about ${minutes((left * this.#tookMs) / this.trials)} left of this stage`
    const phase = `trial ${this.#counter(number)}, ${this.#stage}${best}${time}: ${step.phase}`
    this.#progress.show({ phase, totalMs: step.totalMs, opsPerSecond: step.opsPerSecond })
  }

  /** The search is over: no trial, and no count of them. */
  onAfterwards(step: BenchProgress): void {
    if (!this.#isOver) this.#progress.note('The search is over; limits and capacity of what it found are measured.')
    this.#isOver = true
    if (this.#progress.isInteractive) this.#progress.show(step)
  }

  #counter(number: number): string {
    return this.#expected === null ? String(number) : `${number} of about ${Math.max(number, this.#expected)}`
  }

  #outcomeText({ outcome }: TrialRecord): string {
    switch (outcome.kind) {
      case 'measured': {
        const value = outcome.metrics[this.#metric]
        return `${value === undefined ? 'too few samples' : this.#figure(value)}${outcome.steady ? '' : ' (not steady)'}`
      }
      case 'failed':
        return `failed (${outcome.why}): ${outcome.what}`
      case 'stopped':
        return `given up: ${outcome.what}`
    }
  }

  #figure(value: number): string {
    if (this.#metric.endsWith('opsPerSecond')) return `${Math.round(value).toLocaleString('en-US')} ops/s`
    return `${(value / 1000).toPrecision(3)} ms`
  }
}

function minutes(ms: number): string {
  return ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`
}
