import type { LatencySummary } from '../../../../src/stats/latency-histogram.ts'
import { Script, type ConstantLoad, type Delays } from './script.ts'

const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, max: 1 } as const

/** Three significant digits. */
const HDR_SHARE = 0.001
/** The server looks once a millisecond at what is due, the generator wakes to a tenth; both round up. */
const TIMERS_MS = 2

export interface Told {
  readonly load: ConstantLoad
  readonly delays: Delays
  readonly latencyUs: LatencySummary
  /** How late the server, and the generator, were by their own account, at most: a busy machine is no wrong percentile. */
  readonly lateMs: number
}

/**
 * Holds reported percentiles against those of the arithmetic. They may not be lower but by the precision of the histogram and
 * one request, which the moment of the first one moves into the stall or out of it; nor higher but by that, the timers, and
 * as late as both sides say that they were.
 *
 * @returns what does not agree, in words; empty: all does
 */
export function disagreements({ load, delays, latencyUs, lateMs }: Told): readonly string[] {
  const script = new Script(delays)
  // Which session is slow depends on the order in which they have connected.
  const possible = Array.from({ length: delays.slowOneIn }, (_, turn) => script.latenciesMs(load, turn))
  const gapMs = 1_000 / load.ratePerSecond
  const count = load.ratePerSecond * load.seconds
  const faults = latencyUs.count === count ? [] : [`${latencyUs.count} requests, not ${count}`]
  for (const [name, share] of Object.entries(SHARES) as [keyof typeof SHARES, number][]) {
    const toldMs = (latencyUs[name] ?? Number.NaN) / 1_000
    const exactMs = possible.map((each) => each[Math.ceil(share * count - 1e-9) - 1] as number)
    const lowMs = Math.min(...exactMs) * (1 - HDR_SHARE) - gapMs
    const highMs = Math.max(...exactMs) * (1 + HDR_SHARE) + gapMs + TIMERS_MS + lateMs
    if (latencyUs[name] === null && (1 - share) * count < 10) continue
    if (!(toldMs >= lowMs && toldMs <= highMs)) faults.push(`${name} is ${toldMs} ms, not ${lowMs} to ${highMs}`)
  }
  return faults
}
