import { didYouMean } from '../kernel/did-you-mean.ts'
import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount, parseDurationMs, parseSizeBytes } from '../kernel/quantity.ts'
import type { QuantityRange } from '../kernel/quantity.ts'
import type { Origin } from './plan.ts'
import { ENGINES, refuseUnlessCan } from './engine.ts'
import type { EngineKind } from './engine.ts'
import { WORKLOAD_LIMITS } from './profile.ts'

/** A value and where it came from. */
export interface Sourced<T> {
  readonly value: T
  readonly origin: Origin
}

/** The single flags of a run as typed; absent ones leave the value to the layers below. */
export interface PlanFlags {
  readonly duration?: string | undefined
  readonly warmup?: string | undefined
  readonly sessions?: string | undefined
  readonly inFlight?: string | undefined
  readonly size?: string | undefined
  readonly seed?: string | undefined
  readonly dataDir?: string | undefined
  readonly logDir?: string | undefined
  readonly engine?: string | undefined
  readonly zookeeperHome?: string | undefined
  readonly heap?: string | undefined
}

/** The checked flags; null where a profile has the value unless a flag gives it. */
export interface CheckedFlags {
  readonly durationMs: Sourced<number>
  readonly warmupMs: Sourced<number>
  readonly sessions: Sourced<number> | null
  readonly inFlight: Sourced<number> | null
  readonly valueSizeBytes: Sourced<number> | null
  readonly seed: Sourced<number> | null
  readonly dataParent: Sourced<string | null>
  readonly logParent: Sourced<string | null>
  readonly engine: Sourced<EngineKind>
  readonly zookeeperHome: string | null
  readonly heapBytes: number | null
}

const DEFAULT_DURATION_MS = 10_000
const DEFAULT_WARMUP_MS = 3_000
const DAY_MS = 86_400_000
/** A server does not start on less; more than that is no machine of today. */
const HEAP_LIMITS = { min: 32 * 2 ** 20, max: 2 ** 42 }

export function readFlags(flags: PlanFlags, faults: Fault[]): CheckedFlags {
  const quantity = (
    flag: string,
    text: string | undefined,
    parse: (text: string, range: QuantityRange) => number,
    limits: { readonly min: number; readonly max: number },
  ): Sourced<number> | null => {
    if (text === undefined) return null
    const value = gather(faults, () => parse(text, { where: flag, ...limits }))
    return value === null ? null : { value, origin: flag }
  }
  const engine = readEngine(flags.engine, faults)
  const ofApache: Readonly<Record<string, string | undefined>> = {
    '--zookeeper-home': flags.zookeeperHome,
    '--heap': flags.heap,
  }
  for (const [flag, value] of Object.entries(ofApache)) {
    if (value !== undefined) refuseUnlessCan(engine.value, 'java', flag, faults)
  }
  const durationLimits = { min: 100, max: DAY_MS }
  const { sessions, inFlight, valueSizeBytes } = WORKLOAD_LIMITS
  return {
    durationMs:
      quantity('--duration', flags.duration, parseDurationMs, durationLimits) ?? byDefault(DEFAULT_DURATION_MS),
    warmupMs:
      quantity('--warmup', flags.warmup, parseDurationMs, { min: 0, max: DAY_MS }) ?? byDefault(DEFAULT_WARMUP_MS),
    sessions: quantity('--sessions', flags.sessions, parseCount, sessions),
    inFlight: quantity('--in-flight', flags.inFlight, parseCount, inFlight),
    valueSizeBytes: quantity('--size', flags.size, parseSizeBytes, valueSizeBytes),
    seed: readSeed(flags.seed, faults),
    dataParent: readFolder('--data-dir', flags.dataDir, faults),
    logParent: readFolder('--log-dir', flags.logDir, faults),
    engine,
    zookeeperHome: readFolder('--zookeeper-home', flags.zookeeperHome, faults).value,
    heapBytes: quantity('--heap', flags.heap, parseSizeBytes, HEAP_LIMITS)?.value ?? null,
  }
}

function byDefault<T>(value: T): Sourced<T> {
  return { value, origin: 'default' }
}

function readEngine(text: string | undefined, faults: Fault[]): Sourced<EngineKind> {
  if (text === undefined) return byDefault('builtin')
  const engine = ENGINES.find((known) => known === text)
  if (engine !== undefined) return { value: engine, origin: '--engine' }
  faults.push({
    code: 'UnknownName',
    where: '--engine',
    what: `there is no engine "${text}"`,
    mend: `The engines are ${ENGINES.join(', ')}.${didYouMean(text, ENGINES)}`,
  })
  return byDefault('builtin')
}

function readSeed(text: string | undefined, faults: Fault[]): Sourced<number> | null {
  if (text === undefined) return null
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(seed)) return { value: seed, origin: '--seed' }
  const what = `"${text}" is not a seed`
  const mend = `Write a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`
  faults.push({ code: 'BadConfigValue', where: '--seed', what, mend })
  return null
}

function readFolder(flag: string, path: string | undefined, faults: Fault[]): Sourced<string | null> {
  if (path === undefined) return byDefault(null)
  if (path === '') {
    faults.push({ code: 'BadConfigValue', where: flag, what: 'the folder has no name', mend: 'Name a folder.' })
  }
  return { value: path, origin: flag }
}
