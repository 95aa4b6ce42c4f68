import { didYouMean } from '../kernel/did-you-mean.ts'
import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount, parseDurationMs, parseSizeBytes } from '../kernel/quantity.ts'
import type { QuantityRange } from '../kernel/quantity.ts'
import { ENGINES } from './engine.ts'
import { refuseFlags } from './engine-flags.ts'
import type { EngineKind, PlannedRemote } from './engine.ts'
import { readLinkFlags, type CheckedLinkFlags, type LinkFlags } from './links.ts'
import { readRemote, type RemoteFlags } from './remote-flags.ts'
import { ARRIVALS, type Arrivals, type Origin, type PlannedLoad, type ValueSizes } from './plan.ts'
import { WORKLOAD_LIMITS } from './profile.ts'
import { parseValueSizes } from './value-sizes.ts'

/** A value and where it came from. */
export interface Sourced<T> {
  readonly value: T
  readonly origin: Origin
}

/** The single flags of a run as typed; absent ones leave the value to the layers below. */
export interface PlanFlags extends RemoteFlags, LinkFlags {
  readonly duration?: string | undefined
  readonly warmup?: string | undefined
  readonly sessions?: string | undefined
  readonly inFlight?: string | undefined
  readonly size?: string | undefined
  readonly rate?: string | undefined
  readonly arrivals?: string | undefined
  readonly closed?: boolean | undefined
  readonly findRate?: string | undefined
  readonly sweep?: string | undefined
  readonly repeat?: string | undefined
  readonly thorough?: boolean | undefined
  readonly generators?: string | undefined
  readonly seed?: string | undefined
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
  readonly valueSizes: Sourced<readonly ValueSizes[]> | null
  readonly load: Sourced<PlannedLoad>
  readonly repeats: Sourced<number>
  readonly generators: Sourced<number>
  readonly seed: Sourced<number> | null
  readonly dataParent: Sourced<string | null>
  readonly logParent: Sourced<string | null>
  readonly engine: Sourced<EngineKind>
  readonly zookeeperHome: string | null
  readonly heapBytes: number | null
  readonly links: CheckedLinkFlags
  /** Null: another engine. */
  readonly remote: PlannedRemote | null
}

/** Shares of the capacity at which the latency is measured: half, busy, and nearly full. */
const CAPACITY_PERCENTS: readonly number[] = [50, 70, 90]
/** With boot and warm-up the default run stays below half a minute. */
const DEFAULT_DURATION_MS = 20_000
const ONE_PHASE_DURATION_MS = 10_000
/** Some fifteen tries. */
const FIND_RATE_DURATION_MS = 40_000
/** Of each concurrency. */
const SWEPT_DURATION_MS = 3_000
const DEFAULT_WARMUP_MS = 2_000
const THOROUGH = { repeats: 5, durationMs: 60_000, warmupMs: 5_000 } as const
const RATE_MAX = 10_000_000
const REPEATS_MAX = 1_000
const GENERATORS_MAX = 64
const DAY_MS = 86_400_000
/** A server does not start on less; more than that is no machine of today. */
const HEAP_LIMITS = { min: 32 * 2 ** 20, max: 2 ** 42 }

export function readFlags(flags: PlanFlags, faults: Fault[]): CheckedFlags {
  const quantity = <T = number>(
    flag: string,
    text: string | undefined,
    parse: (text: string, range: QuantityRange) => T,
    limits: { readonly min: number; readonly max: number },
  ): Sourced<T> | null => {
    if (text === undefined) return null
    const value = gather(faults, () => parse(text, { where: flag, ...limits }))
    return value === null ? null : { value, origin: flag }
  }
  const engine = readEngine(flags.engine, faults)
  refuseFlags(engine.value, { '--zookeeper-home': flags.zookeeperHome, '--heap': flags.heap }, faults)
  const durationLimits = { min: 100, max: DAY_MS }
  const { sessions, inFlight, valueSizeBytes } = WORKLOAD_LIMITS
  const load = readLoad(flags, faults)
  const thorough = <T>(value: T): Sourced<T> | null =>
    flags.thorough === true ? { value, origin: '--thorough' } : null
  const usualDurationMs = usualDurationMsOf(load.value)
  return {
    load,
    repeats:
      quantity('--repeat', flags.repeat, parseCount, { min: 1, max: REPEATS_MAX }) ??
      thorough(THOROUGH.repeats) ??
      byDefault(1),
    generators: quantity('--generators', flags.generators, parseCount, { min: 1, max: GENERATORS_MAX }) ?? byDefault(1),
    durationMs:
      quantity('--duration', flags.duration, parseDurationMs, durationLimits) ??
      thorough(THOROUGH.durationMs) ??
      byDefault(usualDurationMs),
    warmupMs:
      quantity('--warmup', flags.warmup, parseDurationMs, { min: 0, max: DAY_MS }) ??
      thorough(THOROUGH.warmupMs) ??
      byDefault(DEFAULT_WARMUP_MS),
    sessions: quantity('--sessions', flags.sessions, parseCount, sessions),
    inFlight: quantity('--in-flight', flags.inFlight, parseCount, inFlight),
    valueSizes: quantity('--size', flags.size, parseValueSizes, valueSizeBytes),
    seed: readSeed(flags.seed, faults),
    dataParent: readFolder('--data-dir', flags.dataDir, faults),
    logParent: readFolder('--log-dir', flags.logDir, faults),
    engine,
    zookeeperHome: readFolder('--zookeeper-home', flags.zookeeperHome, faults).value,
    links: readLinkFlags(engine.value, flags, faults),
    remote: readRemote(engine.value, flags, faults),
    heapBytes: quantity('--heap', flags.heap, parseSizeBytes, HEAP_LIMITS)?.value ?? null,
  }
}

function usualDurationMsOf(load: PlannedLoad): number {
  if (load.kind === 'capacity') return DEFAULT_DURATION_MS
  if (load.kind === 'find-rate') return FIND_RATE_DURATION_MS
  return load.kind === 'sweep' ? SWEPT_DURATION_MS * load.values.length : ONE_PHASE_DURATION_MS
}

function readLoad(flags: PlanFlags, faults: Fault[]): Sourced<PlannedLoad> {
  const arrivals = readArrivals(flags.arrivals, faults)
  const wanted = [
    ...(flags.sweep === undefined ? [] : ['--sweep']),
    ...(flags.findRate === undefined ? [] : ['--find-rate']),
    ...(flags.rate === undefined ? [] : ['--rate']),
    ...(flags.closed === true ? ['--closed'] : []),
  ]
  if (wanted.length > 1 && (flags.sweep !== undefined || flags.findRate !== undefined)) {
    const what = `${wanted.join(' and ')} each say which load to put on`
    faults.push({ code: 'UsageConflict', where: wanted[0] ?? '', what, mend: 'Give one of them.' })
  }
  if (flags.sweep !== undefined) return { value: readSweep(flags.sweep, faults), origin: '--sweep' }
  if (flags.findRate !== undefined) {
    return { value: { kind: 'find-rate', objective: flags.findRate, arrivals }, origin: '--find-rate' }
  }
  if (flags.closed === true) {
    const other = flags.rate !== undefined ? '--rate' : flags.arrivals !== undefined ? '--arrivals' : null
    if (other !== null) {
      const what = `a closed loop sends when a reply comes, and ${other} says when to send`
      faults.push({ code: 'UsageConflict', where: '--closed', what, mend: 'Give one of the two.' })
    }
    return { value: { kind: 'closed' }, origin: '--closed' }
  }
  if (flags.rate === undefined) {
    const origin = flags.arrivals === undefined ? 'default' : '--arrivals'
    return { value: { kind: 'capacity', percents: CAPACITY_PERCENTS, arrivals }, origin }
  }
  const text = flags.rate.replace(/\/s$/, '')
  const ratePerSecond = gather(faults, () => parseCount(text, { where: '--rate', min: 1, max: RATE_MAX }))
  return { value: { kind: 'open', ratePerSecond: ratePerSecond ?? 1, arrivals }, origin: '--rate' }
}

/** `sessions=1,2,4,8` */
function readSweep(text: string, faults: Fault[]): PlannedLoad {
  const [name = '', list = ''] = text.split('=')
  const over = name === 'sessions' ? 'sessions' : name === 'in-flight' ? 'inFlight' : null
  if (over === null) {
    faults.push({
      code: 'BadConfigValue',
      where: '--sweep',
      what: `"${text}" does not say what to vary`,
      mend: 'Write --sweep sessions=1,2,4,8,16,32, or in-flight=….',
    })
    return { kind: 'sweep', over: 'sessions', values: [1] }
  }
  const limits = over === 'sessions' ? WORKLOAD_LIMITS.sessions : WORKLOAD_LIMITS.inFlight
  const values = list.split(',').map((each) => {
    return gather(faults, () => parseCount(each, { where: '--sweep', ...limits })) ?? 1
  })
  return { kind: 'sweep', over, values: [...new Set(values)].toSorted((one, other) => one - other) }
}

function readArrivals(text: string | undefined, faults: Fault[]): Arrivals {
  const arrivals = ARRIVALS.find((known) => known === (text ?? 'constant'))
  if (arrivals !== undefined) return arrivals
  faults.push({
    code: 'BadConfigValue',
    where: '--arrivals',
    what: `"${text}" is no way to space requests`,
    mend: `Write --arrivals and one of ${ARRIVALS.join(', ')}.${didYouMean(text ?? '', ARRIVALS)}`,
  })
  return 'constant'
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
