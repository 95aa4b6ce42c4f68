import type { Lines } from './lines.ts'
import { errorText } from './reply-text.ts'

/** How often which operation had which outcome, and which events came: what a run has looked at. */
export class Coverage {
  readonly #counts = new Map<string, Map<string, number>>()

  add(lines: Lines): void {
    for (const [connection, all] of lines) {
      for (const { text, reply } of all) {
        if (reply !== null) {
          this.#count(connection === 'audit' ? 'audit' : reply.op, errorText(reply.error))
          for (const error of reply.resultErrors) this.#count('multi, operation', errorText(error))
        } else if (text.startsWith('< event')) {
          this.#count('event', /event ([a-z ]+) /.exec(text)?.[1] ?? 'other')
        } else if (text.startsWith('< ')) {
          this.#count(
            'connection',
            text.startsWith('< session') ? (text.includes('timeout 0 ') ? 'refused' : 'open') : text.slice(2),
          )
        }
      }
    }
  }

  /** 0 when it never happened. */
  count(what: string, outcome: string): number {
    return this.#counts.get(what)?.get(outcome) ?? 0
  }

  text(): string {
    const rows = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return rows.map(([what, outcomes]) => `${what.padEnd(22)} ${outcomesText(outcomes)}`).join('\n')
  }

  #count(what: string, outcome: string): void {
    const outcomes = this.#counts.get(what) ?? new Map<string, number>()
    this.#counts.set(what, outcomes)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
}

function outcomesText(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ')
}
