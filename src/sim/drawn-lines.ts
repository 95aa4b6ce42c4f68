import type { Prng } from '../kernel/prng.ts'

/** Lines of zoo.cfg by key. */
export type Lines = Readonly<Record<string, string>>

type Draw = (prng: Prng) => string

const among =
  (...values: readonly (string | number)[]): Draw =>
  (prng) =>
    String(prng.pick(values))

const between =
  (least: number, most: number): Draw =>
  (prng) =>
    String(prng.between(least, most))

/** When the log is flushed and begins anew, when snapshots are written, what peers that lag are sent. */
const STORAGE: Readonly<Record<string, Draw>> = {
  flushDelay: between(1, 40),
  maxWriteQueuePollTime: between(0, 15),
  maxBatchSize: between(0, 20),
  snapCount: among(2, 30, 200),
  snapSizeLimitInKb: between(4, 64),
  txnLogSizeLimitInKb: between(4, 64),
  preAllocSize: among(0, 4, 64),
  commitLogCount: among(500, 1_000),
  snapshotSizeFactor: among(-1, 0.1, 1),
  'snapshot.compression.method': among('gz'),
  'autopurge.snapRetainCount': between(3, 6),
  'autopurge.purgeInterval': among(0, 1),
  'zktune.logSync': among('inline'),
  'zktune.logWritesInFlight': between(1, 4),
  'snapshot.trust.empty': among('true'),
  forceSnapshotSync: among('true'),
  syncEnabled: among('false'),
  'leader.maxConcurrentSnapSyncs': among(1),
  'leader.maxConcurrentDiffSyncs': among(1),
  'messageTracker.Enabled': among('true'),
}

/** Low enough to be reached by four clients, high enough that all of them find a server. */
const THROTTLES: Readonly<Record<string, Draw>> = {
  globalOutstandingLimit: between(1, 20),
  maxCnxns: between(4, 8),
  request_throttle_max_requests: between(1, 6),
  request_throttle_stall_time: between(20, 200),
  request_throttle_drop_stale: among('true', 'false'),
  request_stale_latency_check: among('true', 'false'),
  request_stale_connection_check: among('true', 'false'),
  throttled_op_wait_time: between(50, 500),
  connection_throttle_tokens: between(2, 10),
  connection_throttle_fill_time: between(10, 100),
  connection_throttle_fill_count: between(1, 3),
  connection_throttle_weight_enabled: among('true', 'false'),
  largeRequestThreshold: between(60, 200),
  largeRequestMaxBytes: between(400, 2_000),
}

/** Each line stands in so many of the worlds whose group is drawn. */
const LINE_CHANCE = 0.25

export function drawStorageLines(prng: Prng): Lines {
  return drawSome(prng, STORAGE)
}

export function drawThrottleLines(prng: Prng): Lines {
  return drawSome(prng, THROTTLES)
}

/** As they would stand in the file, on one line of a trace. */
export function linesText(lines: Lines): string {
  const all = Object.entries(lines).map(([key, value]) => `${key}=${value}`)
  return all.length === 0 ? 'no settings' : all.join(' ')
}

function drawSome(prng: Prng, draws: Readonly<Record<string, Draw>>): Lines {
  const drawn: Record<string, string> = {}
  for (const [key, draw] of Object.entries(draws)) if (prng.chance(LINE_CHANCE)) drawn[key] = draw(prng)
  return drawn
}
