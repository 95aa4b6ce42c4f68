/** The network between the servers of a local ensemble: what a profile and the flags say of it, and what follows for each pair. */
import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseDurationMs } from '../kernel/quantity.ts'
import type { QuantityRange } from '../kernel/quantity.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { refuseFlags } from './engine-flags.ts'
import type { EngineKind } from './engine.ts'
import type { PlannedLink } from './plan.ts'
import type { Setting } from '../zoocfg/findings.ts'

/** What a cluster profile says of the links between its servers. */
export interface LinksPart {
  /** One way, for each pair that has none of its own. */
  readonly delayMs: number
  /** By pair of ids, `1-2`, the lower one first; with where it is said. */
  readonly pairs: ReadonlyMap<string, { readonly delayMs: number; readonly where: string }>
  readonly jitterMs: number
  readonly lossPercent: number
}

/** As typed: each for all links, over what a profile says. */
export interface LinkFlags {
  readonly linkDelay?: string | undefined
  readonly linkJitter?: string | undefined
  readonly linkLoss?: string | undefined
}

/** Null each: not given. */
export interface CheckedLinkFlags {
  readonly delayMs: number | null
  readonly jitterMs: number | null
  readonly lossPercent: number | null
  /** The flags that are given. */
  readonly names: readonly string[]
}

const DELAY_MAX_MS = 10_000
/** Of more than that hardly anything arrives by TCP. */
const LOSS_MAX_PERCENT = 50
const PAIR_KEY = /^delay\.([1-9]\d*)-([1-9]\d*)$/
const SECTION_MEND =
  'The keys are delay (one way, such as 20ms), delay.1-2 of one pair, jitter and loss (such as 0.1%).'

/** `delay=20ms`, `delay.1-2=5ms`, `jitter=1ms`, `loss=0.1%`; null without the section. */
export function readLinksSection(section: ReadonlyMap<string, Setting> | undefined, faults: Fault[]): LinksPart | null {
  if (section === undefined) return null
  const pairs = new Map<string, { readonly delayMs: number; readonly where: string }>()
  const read = { delay: 0, jitter: 0, loss: 0 }
  for (const { key, value, where } of section.values()) {
    const [, one = '', other = ''] = PAIR_KEY.exec(key) ?? []
    if (one !== other) {
      const pair = [Number(one), Number(other)].sort((a, b) => a - b).join('-')
      const delayMs = gather(faults, () => parseDelayMs(value, where))
      if (delayMs !== null) pairs.set(pair, { delayMs, where })
    } else if (key === 'delay' || key === 'jitter') {
      read[key] = gather(faults, () => parseDelayMs(value, where)) ?? 0
    } else if (key === 'loss') {
      read.loss = gather(faults, () => parseLossPercent(value, { where })) ?? 0
    } else {
      faults.push({ code: 'UnknownName', where, what: `[links] has no key "${key}"`, mend: SECTION_MEND })
    }
  }
  return { delayMs: read.delay, pairs, jitterMs: read.jitter, lossPercent: read.loss }
}

export function readLinkFlags(engine: EngineKind, flags: LinkFlags, faults: Fault[]): CheckedLinkFlags {
  const given: Readonly<Record<string, string | undefined>> = {
    '--link-delay': flags.linkDelay,
    '--link-jitter': flags.linkJitter,
    '--link-loss': flags.linkLoss,
  }
  const names = Object.keys(given).filter((name) => given[name] !== undefined)
  refuseFlags(engine, given, faults)
  const read = <T>(name: string, parse: (text: string) => T): T | null => {
    const text = given[name]
    return text === undefined ? null : gather(faults, () => parse(text))
  }
  return {
    delayMs: read('--link-delay', (text) => parseDelayMs(text, '--link-delay')),
    jitterMs: read('--link-jitter', (text) => parseDelayMs(text, '--link-jitter')),
    lossPercent: read('--link-loss', (text) => parseLossPercent(text, { where: '--link-loss' })),
    names,
  }
}

/**
 * Every pair of servers that is not as near as processes of one machine.
 *
 * @param servers their ids are 1 to so many
 */
export function plannedLinks(
  part: LinksPart | null,
  flags: CheckedLinkFlags,
  servers: number,
  faults: Fault[],
): readonly PlannedLink[] {
  for (const [pair, { where }] of part?.pairs ?? []) {
    if (pair.split('-').every((id) => Number(id) <= servers)) continue
    const mend = 'Delete the line, or give the ensemble more servers.'
    faults.push({ code: 'BadConfigValue', where, what: `the ensemble has ${servers} servers`, mend })
  }
  if (flags.names.length > 0 && servers === 1) {
    const mend = 'Leave it out, or ask for a cluster profile with more servers.'
    faults.push({ code: 'UsageConflict', where: flags.names.join(', '), what: 'one server has no links', mend })
  }
  const links: PlannedLink[] = []
  const jitterMs = flags.jitterMs ?? part?.jitterMs ?? 0
  const lossPercent = flags.lossPercent ?? part?.lossPercent ?? 0
  for (let a = 1; a <= servers; a++) {
    for (let b = a + 1; b <= servers; b++) {
      const delayMs = flags.delayMs ?? part?.pairs.get(`${a}-${b}`)?.delayMs ?? part?.delayMs ?? 0
      if (delayMs > 0 || jitterMs > 0 || lossPercent > 0) links.push({ a, b, delayMs, jitterMs, lossPercent })
    }
  }
  return links
}

function parseDelayMs(text: string, where: string): number {
  return parseDurationMs(text, { where, min: 0, max: DELAY_MAX_MS })
}

/** `0.1%`; a bare `0` needs no sign. */
function parseLossPercent(text: string, { where }: QuantityRange): number {
  const percent = /^(?:\d+(?:\.\d+)?%|0)$/.test(text) ? Number.parseFloat(text) : Number.NaN
  if (percent <= LOSS_MAX_PERCENT) return percent
  const what = `"${text}" is not a share of what is sent, up to ${LOSS_MAX_PERCENT}%`
  throw new ZktuneError('BadConfigValue', { where, what, mend: 'Write 0.1%, for one in a thousand.' })
}
