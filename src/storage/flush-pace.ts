/** When a log may wait with a flush to gather more writes: ZooKeeper's SyncRequestProcessor. */
export interface FlushPace {
  /** A flush waits until so long after the end of the one before it; 0: it never waits. */
  readonly delayMs: number
  /** It waits no longer when nothing has come for so long. */
  readonly pollMs: number
  /** Records, beside those of a segment's head, after which a group ends with the next commit; 0: never. */
  readonly batchMax: number
}

/** As fast as the disk goes, and everything that has come. */
export const NO_PACE: FlushPace = { delayMs: 0, pollMs: 0, batchMax: 0 }
