import type { RunningServer } from '../ensemble/ensemble.ts'
import { memoryBytesOf, processTotals, type ProcessTotals } from './process-costs.ts'

/** What one server took over the phases that are measured. */
export interface ServerCost extends ProcessTotals {
  /** That it held at the end of the last of them. */
  readonly memoryBytes: number | null
}

const NOTHING_KNOWN: ServerCost = { cpuSeconds: null, bytesWritten: null, memoryBytes: null }

/** CPU time, memory and bytes written of each server over the phases that are measured. */
export class ServerCosts {
  readonly #servers: readonly RunningServer[]
  readonly #atStart = new Map<number, ProcessTotals>()
  readonly #sums = new Map<number, ServerCost>()

  constructor(servers: readonly RunningServer[]) {
    this.#servers = servers
  }

  begin(): void {
    for (const { id, pid } of this.#servers) this.#atStart.set(id, pid === null ? NOTHING_KNOWN : processTotals(pid))
  }

  end(): void {
    for (const { id, pid } of this.#servers) {
      const now = pid === null ? NOTHING_KNOWN : processTotals(pid)
      const before = this.#atStart.get(id) ?? NOTHING_KNOWN
      const sum = this.#sums.get(id) ?? { cpuSeconds: 0, bytesWritten: 0 }
      this.#sums.set(id, {
        cpuSeconds: grown(sum.cpuSeconds, now.cpuSeconds, before.cpuSeconds),
        bytesWritten: grown(sum.bytesWritten, now.bytesWritten, before.bytesWritten),
        memoryBytes: pid === null ? null : memoryBytesOf(pid),
      })
    }
  }

  /** All null when nothing was measured, or another process serves now under that id. */
  costOf(id: number, pid: number | null): ServerCost {
    const wasHere = this.#servers.some((server) => server.id === id && server.pid === pid)
    return wasHere ? (this.#sums.get(id) ?? NOTHING_KNOWN) : NOTHING_KNOWN
  }
}

/** Null once one reading failed: half a sum would mislead. */
function grown(sum: number | null, now: number | null, before: number | null): number | null {
  return sum === null || now === null || before === null ? null : sum + now - before
}
