import { sparkline } from '../report/sparkline.ts'
import type { Terminal } from './terminal.ts'

/** Where a command stands, as the progress line shows it. */
export interface Step {
  /** `booting 3 servers`, `measuring`: what is being done, for people. */
  readonly phase: string
  /** Planned length of the phase in milliseconds; null when it ends when it ends. */
  readonly totalMs: number | null
  /** Completed operations a second just now; null while there is no load. */
  readonly opsPerSecond: number | null
}

/** 5 Hz at most: more is flicker, and redrawing must not compete with what is measured. */
const REDRAW_MS = 200

/** One bar of the sparkline, and how many there are of them: the last ten seconds. */
const BAR_MS = 500
const BARS_MAX = 20

const CLEAR_LINE = '\r\x1b[K'

export interface ProgressOptions {
  readonly terminal: Terminal
  /** Writes to stderr, as is. */
  readonly write: (text: string) => void
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
}

/** One line that is redrawn for a person at a terminal; one plain line a phase for everything else. */
export class Progress {
  readonly #terminal: Terminal
  readonly #write: (text: string) => void
  readonly #nowMs: () => number
  readonly #startMs: number
  #phaseStartMs: number
  #step: Step | null = null
  #timer: NodeJS.Timeout | null = null
  /** Throughput in operations a second, the oldest first, and when the next bar is due. */
  #bars: number[] = []
  #barDueMs = 0

  constructor(options: ProgressOptions) {
    this.#terminal = options.terminal
    this.#write = options.write
    this.#nowMs = options.nowMs
    this.#startMs = this.#nowMs()
    this.#phaseStartMs = this.#startMs
  }

  /** A person watches. */
  get isInteractive(): boolean {
    return this.#terminal.isInteractive
  }

  show(step: Step): void {
    const isNewPhase = step.phase !== this.#step?.phase
    if (isNewPhase) this.#phaseStartMs = this.#nowMs()
    this.#step = step
    if (!this.#terminal.isInteractive) {
      if (isNewPhase) this.#write(`${this.#phaseText(step)}\n`)
      return
    }
    if (isNewPhase) this.#draw()
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref()
  }

  /** A line that stays, above the moving one. */
  note(text: string): void {
    this.#write(this.#terminal.isInteractive && this.#timer !== null ? `${CLEAR_LINE}${text}\n` : `${text}\n`)
    if (this.#timer !== null) this.#draw()
  }

  /** Takes the moving line away. Idempotent; `show` starts it again. */
  end(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.#write(CLEAR_LINE)
  }

  #draw(): void {
    if (this.#step === null) return
    const nowMs = this.#nowMs()
    const total = seconds(nowMs - this.#startMs)
    const parts = [`${total} s`, this.#phaseText(this.#step, nowMs - this.#phaseStartMs)]
    if (this.#step.opsPerSecond !== null) {
      parts.push(`${Math.round(this.#step.opsPerSecond).toLocaleString('en')} ops/s`)
      if (this.#terminal.hasUnicode) parts.push(this.#sparkline(this.#step.opsPerSecond, nowMs))
    }
    this.#write(CLEAR_LINE + parts.join('  ').slice(0, this.#terminal.columns - 1))
  }

  #sparkline(opsPerSecond: number, nowMs: number): string {
    if (nowMs >= this.#barDueMs) {
      this.#barDueMs = nowMs + BAR_MS
      this.#bars = [...this.#bars, opsPerSecond].slice(-BARS_MAX)
    }
    return sparkline(this.#bars)
  }

  #phaseText(step: Step, elapsedMs?: number): string {
    if (step.totalMs === null) return step.phase
    if (elapsedMs === undefined) return `${step.phase} (${seconds(step.totalMs)} s)`
    return `${step.phase} (${seconds(Math.min(elapsedMs, step.totalMs))} of ${seconds(step.totalMs)} s)`
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
