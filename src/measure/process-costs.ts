import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readFileSync } from 'node:fs'
import type { CostMeter } from './generate.ts'
import type { RecordedCosts } from './generator-message.ts'

const SAMPLING_MS = 10
/** USER_HZ, the unit of proc(5): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** What this process takes: CPU time, and how late its event loop is. */
export class ProcessCosts implements CostMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: SAMPLING_MS })
  #before: NodeJS.CpuUsage = process.cpuUsage()

  start(): void {
    this.#before = process.cpuUsage()
    this.#delay.reset()
    this.#delay.enable()
  }

  stop(): RecordedCosts {
    this.#delay.disable()
    const { user, system } = process.cpuUsage(this.#before)
    // What Node records is the time from sample to sample: the step itself is no delay.
    const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - SAMPLING_MS)
    return {
      pid: process.pid,
      cpuSeconds: (user + system) / 1e6,
      eventLoopDelayMs: {
        p50: lateMs(this.#delay.percentile(50)),
        p99: lateMs(this.#delay.percentile(99)),
        max: lateMs(this.#delay.max),
      },
    }
  }
}

/** What another process has taken since its start; null, each for itself, where there is no /proc to tell it. */
export interface ProcessTotals {
  /** User and system time. */
  readonly cpuSeconds: number | null
  /** What it caused to be written to disks. */
  readonly bytesWritten: number | null
}

export function processTotals(pid: number): ProcessTotals {
  return { cpuSeconds: cpuSecondsOf(pid), bytesWritten: fieldOf(`/proc/${pid}/io`, 'write_bytes') }
}

/** User and system time of another process since its start, in seconds; null where there is no /proc to tell it. */
export function cpuSecondsOf(pid: number): number | null {
  const stat = textOf(`/proc/${pid}/stat`)
  return stat === null ? null : cpuSecondsIn(stat)
}

/** What another process holds in memory now, in bytes; null where there is no /proc to tell it. */
export function memoryBytesOf(pid: number): number | null {
  const kib = fieldOf(`/proc/${pid}/status`, 'VmRSS')
  return kib === null ? null : kib * 1_024
}

/** @param stat the text of /proc/<pid>/stat: `pid (name) state …`, where the name may hold blanks and brackets */
export function cpuSecondsIn(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // The fields 14 and 15, counted from 1 with pid and name: utime and stime.
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null
}

/** A line `name: number` of a file of proc(5). */
function fieldOf(path: string, name: string): number | null {
  const digits = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(textOf(path) ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
