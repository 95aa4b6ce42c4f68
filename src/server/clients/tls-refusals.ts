import type { TlsRefusal } from '../../kernel/ports.ts'
import type { ServerStatistics } from '../admin/server-statistics.ts'

type Kind = TlsRefusal['kind'] | 'TLS on the plain port'

/** Of each kind of refusal one line is written in this time, so that nobody can fill a disk by knocking. */
const LINE_EVERY_MS = 1_000

/** Counts the connections that TLS kept out, and tells the log of them. */
export class TlsRefusals {
  readonly #statistics: ServerStatistics
  readonly #nowMs: () => number
  readonly #onNote: (note: string) => void
  readonly #told = new Map<Kind, { atMs: number; untold: number }>()

  constructor(statistics: ServerStatistics, nowMs: () => number, onNote: (note: string) => void) {
    this.#statistics = statistics
    this.#nowMs = nowMs
    this.#onNote = onNote
  }

  onRefusal({ kind, remoteHost, reason }: TlsRefusal): void {
    if (kind === 'limit') this.#statistics.counters.exceededHandshakes++
    else this.#statistics.counters.failedHandshakes++
    this.#tell(kind, `closed the connection of a client at ${remoteHost}, which ${reason}`)
  }

  /** A client spoke TLS where none is spoken. */
  onTlsInTheClear(remoteHost: string): void {
    this.#statistics.counters.failedHandshakes++
    const where = 'on the port that speaks none; the port for it is secureClientPort'
    this.#tell('TLS on the plain port', `closed the connection of a client at ${remoteHost}, which began TLS ${where}`)
  }

  #tell(kind: Kind, line: string): void {
    const nowMs = this.#nowMs()
    const last = this.#told.get(kind)
    if (last !== undefined && nowMs - last.atMs < LINE_EVERY_MS) {
      last.untold++
      return
    }
    const untold = last?.untold ?? 0
    this.#told.set(kind, { atMs: nowMs, untold: 0 })
    this.#onNote(untold === 0 ? line : `${line} (and ${untold} more like it before)`)
  }
}
