import type { RunningServer } from '../ensemble/ensemble.ts'
import { cpuSecondsOf } from './process-costs.ts'

/** CPU time of each server over the phases that are measured. */
export class ServerCosts {
  readonly #servers: readonly RunningServer[]
  /** Null where it could not be read. */
  readonly #atStart = new Map<number, number | null>()
  /** Null once one reading failed: half a sum would mislead. */
  readonly #sums = new Map<number, number | null>()

  constructor(servers: readonly RunningServer[]) {
    this.#servers = servers
  }

  begin(): void {
    for (const { id, pid } of this.#servers) this.#atStart.set(id, pid === null ? null : cpuSecondsOf(pid))
  }

  end(): void {
    for (const { id, pid } of this.#servers) {
      const now = pid === null ? null : cpuSecondsOf(pid)
      const before = this.#atStart.get(id) ?? null
      const sum = this.#sums.get(id) ?? (this.#sums.has(id) ? null : 0)
      this.#sums.set(id, now === null || before === null || sum === null ? null : sum + now - before)
    }
  }

  /** @returns null when it could not be read, nothing was measured, or another process serves now under that id */
  cpuSecondsOf(id: number, pid: number | null): number | null {
    const wasHere = this.#servers.some((server) => server.id === id && server.pid === pid)
    return wasHere ? (this.#sums.get(id) ?? null) : null
  }
}
