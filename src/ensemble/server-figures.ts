/** What a server counts of its own work, by its answer to `mntr`. */

/** Since the server's start, or over a stretch of time; null: this release does not count it. */
export interface ServerFigures {
  readonly packetsReceived: number | null
  readonly packetsSent: number | null
  /** Requests that only read; their mean time inside the server, in milliseconds. */
  readonly reads: number | null
  readonly readMeanMs: number | null
  /** Requests that write, of clients of this server. */
  readonly writes: number | null
  readonly writeMeanMs: number | null
  /** Syncs of the transaction log. */
  readonly syncs: number | null
  readonly syncMeanMs: number | null
  readonly snapshots: number | null
  readonly elections: number | null
}

export type Counters = ReadonlyMap<string, string>

/** @param answer to `mntr`: lines of `zk_key<tab>value`; any other text gives nothing */
export function readCounters(answer: string): Counters {
  return new Map(
    answer.split('\n').flatMap((line) => {
      const [key, value] = line.split('\t')
      return key?.startsWith('zk_') === true && value !== undefined ? [[key.slice(3), value.trim()] as const] : []
    }),
  )
}

/** A counter as a number; null when it is not there or no number. */
export function numberOf(counters: Counters, key: string): number | null {
  const text = counters.get(key)
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

/** @param before what was counted already; empty: count from the server's start */
export function figuresOf(now: Counters, before: Counters = new Map()): ServerFigures {
  const grown = (key: string): number | null => {
    const value = numberOf(now, key)
    if (value === null) return null
    const since = value - (numberOf(before, key) ?? 0)
    // A server that was restarted, or whose counters were reset, begins at 0 again.
    return since < 0 ? value : since
  }
  const meanOf = (name: string): number | null => {
    const [sum, count] = [grown(`sum_${name}`), grown(`cnt_${name}`)]
    return sum === null || count === null || count === 0 ? null : sum / count
  }
  return {
    packetsReceived: grown('packets_received'),
    packetsSent: grown('packets_sent'),
    reads: grown('cnt_readlatency'),
    readMeanMs: meanOf('readlatency'),
    writes: grown('cnt_updatelatency'),
    writeMeanMs: meanOf('updatelatency'),
    syncs: grown('cnt_fsynctime'),
    syncMeanMs: meanOf('fsynctime'),
    snapshots: grown('cnt_snapshottime'),
    elections: grown('cnt_election_time'),
  }
}
