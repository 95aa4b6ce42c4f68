import { DecodeError, type ByteReader } from '../../kernel/bytes.ts'
import type { Clock, Timer } from '../../kernel/ports.ts'
import type { Prng } from '../../kernel/prng.ts'
import { OpCode } from '../../protocol/op-code.ts'
import type { PathStatsSettings } from '../../zoocfg/settings/telemetry-settings.ts'

/** Paths of one slot of time that are counted; further ones wait for the next slot. */
const PATHS_PER_SLOT_MAX = 10_000

interface Slot {
  readonly reads: Map<string, number>
  readonly writes: Map<string, number>
}

const READS: ReadonlySet<number> = new Set([
  OpCode.exists,
  OpCode.getData,
  OpCode.getACL,
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.getAllChildrenNumber,
])
const WRITES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.setData,
  OpCode.setACL,
])

export interface PathStatisticsOptions {
  readonly settings: PathStatsSettings
  readonly clock: Clock
  readonly prng: Prng
  /** One line for the log. */
  readonly onNote: (note: string) => void
}

/** The paths that clients ask for most, told to the log now and then (`pathStats.*`, RequestPathMetricsCollector). */
export class PathStatistics {
  readonly #options: PathStatisticsOptions
  /** The youngest last. */
  #slots: Slot[] = []
  #slotTimer: Timer | null = null
  #reportTimer: Timer | null = null

  constructor(options: PathStatisticsOptions) {
    this.#options = options
  }

  start(): void {
    const { settings } = this.#options
    this.#nextSlot()
    this.#reportAfter(settings.firstReportMs)
  }

  stop(): void {
    this.#slotTimer?.cancel()
    this.#reportTimer?.cancel()
  }

  /** @param from at the request record, which begins with the path */
  onRequest(type: number, from: ByteReader): void {
    const { settings, prng } = this.#options
    const isRead = READS.has(type)
    if ((!isRead && !WRITES.has(type)) || !prng.chance(settings.sampleRate)) return
    const slot = this.#slots.at(-1)
    const path = pathOf(from)
    if (slot === undefined || path === null) return
    const counts = isRead ? slot.reads : slot.writes
    const trimmed = atDepth(path, settings.depthMax)
    const count = counts.get(trimmed)
    if (count !== undefined || counts.size < PATHS_PER_SLOT_MAX) counts.set(trimmed, (count ?? 0) + 1)
  }

  #nextSlot(): void {
    const { settings, clock } = this.#options
    this.#slots.push({ reads: new Map(), writes: new Map() })
    if (this.#slots.length > settings.slotsMax) this.#slots.shift()
    this.#slotTimer = clock.setTimer(settings.slotMs, () => this.#nextSlot())
  }

  #reportAfter(delayMs: number): void {
    this.#reportTimer = this.#options.clock.setTimer(delayMs, () => {
      const reads = this.#top(({ reads: counts }) => counts)
      const writes = this.#top(({ writes: counts }) => counts)
      this.#options.onNote(`paths asked for most: read ${reads}; written ${writes}`)
      this.#reportAfter(this.#options.settings.reportEveryMs)
    })
  }

  #top(countsOf: (slot: Slot) => ReadonlyMap<string, number>): string {
    const totals = new Map<string, number>()
    for (const slot of this.#slots) {
      for (const [path, count] of countsOf(slot)) totals.set(path, (totals.get(path) ?? 0) + count)
    }
    const top = [...totals].sort(([, one], [, other]) => other - one).slice(0, this.#options.settings.topMax)
    return top.length === 0 ? 'none' : top.map(([path, count]) => `${path} ${count}`).join(', ')
  }
}

function pathOf(from: ByteReader): string | null {
  try {
    return from.string('path')
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

/** The first parts of a path: what lies deeper counts for them. */
function atDepth(path: string, depthMax: number): string {
  let end = 0
  for (let depth = 0; depth < depthMax; depth++) {
    end = path.indexOf('/', end + 1)
    if (end === -1) return path
  }
  return path.slice(0, end)
}
