/**
 * The knobs worth searching, in the order of the path that a request takes. The ranges are proposals, wide enough that the
 * best is inside on ordinary machines and narrow enough that a few dozen trials see something of them; a starting file
 * that lies outside widens them. What only makes sense together with a measurement of its own (tickTime, initLimit, session
 * bounds, connection limits, purging, heap) is derived, not searched.
 *
 * Limits that throw requests or clients away (throttled_op_wait_time, connection_throttle_*) are not here: they pay in an
 * overload, and a search under a load that the ensemble carries would only ever find them off.
 */
import type { SearchKnob } from './search-knob.ts'

// prettier-ignore
export const SEARCH_KNOBS: readonly SearchKnob[] = [
  // the log
  { key: 'flushDelay', tier: 'usual', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 1, high: 20, beyond: { text: '0', at: 'low', says: 'none' } }, trades: 'fewer syncs under load for a longer wait of a writer that is alone' },
  { key: 'maxWriteQueuePollTime', tier: 'usual', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 1, high: 20, beyond: { text: '0', at: 'low', says: 'none' } }, needs: { key: 'flushDelay', not: '0' }, trades: 'how soon a flush that nothing joins goes ahead' },
  { key: 'maxBatchSize', tier: 'usual', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 100, high: 10_000, beyond: { text: '0', at: 'high', says: 'no limit' } }, trades: 'larger flushes for throughput, smaller ones for the slowest writes' },
  { key: 'preAllocSize', tier: 'usual', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 4_096, high: 131_072 }, trades: 'rarer growth of the log file for disk that lies idle' },
  { key: 'txnLogSizeLimitInKb', tier: 'asked', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 131_072, high: 4_194_304, beyond: { text: '-1', at: 'high', says: 'no limit' } }, trades: 'smaller log files, which learners are caught up from sooner, for more changes of the file' },
  { key: 'forceSync', tier: 'unsafe', touches: ['writes'], range: { kind: 'words', words: ['yes', 'no'] }, trades: 'the time of each sync for the loss of acknowledged writes with the power' },
  { key: 'digest.enabled', tier: 'unsafe', touches: ['writes'], range: { kind: 'words', words: ['true', 'false'] }, trades: 'a little processor for not noticing that two servers have different trees' },
  { key: 'zktune.logSync', tier: 'asked', touches: ['writes'], range: { kind: 'words', words: ['async', 'inline'] }, trades: 'less time per sync on a fast disk for an event loop that stands still meanwhile; the built-in engine alone knows it' },
  // snapshots
  { key: 'snapCount', tier: 'usual', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 20_000, high: 1_000_000 }, trades: 'rarer snapshots for a longer log to replay at a start' },
  { key: 'snapSizeLimitInKb', tier: 'usual', touches: ['writes'], range: { kind: 'whole', scale: 'log', low: 262_144, high: 8_388_608, beyond: { text: '-1', at: 'high', says: 'never' } }, trades: 'the same by the size of the log' },
  { key: 'snapshot.compression.method', tier: 'usual', touches: ['writes'], range: { kind: 'words', words: ['', 'gz', 'snappy'] }, trades: 'less written to disk for time of the processor' },
  { key: 'snapshot.trust.empty', tier: 'unsafe', touches: ['writes'], range: { kind: 'words', words: ['false', 'true'] }, trades: 'a start after a lost snapshot for the danger of starting empty' },
  // between the servers
  { key: 'learner.asyncSending', tier: 'usual', touches: ['writes'], votersMin: 2, range: { kind: 'words', words: ['false', 'true'] }, trades: 'a link to a follower that never blocks for a queue in its place' },
  { key: 'leaderServes', tier: 'usual', touches: ['writes', 'reads'], votersMin: 4, range: { kind: 'words', words: ['yes', 'no'] }, trades: 'a leader that only leads for one server less to answer reads' },
  { key: 'commitLogCount', tier: 'asked', touches: ['writes'], votersMin: 2, range: { kind: 'whole', scale: 'log', low: 500, high: 100_000 }, trades: 'learners that catch up without a snapshot for memory' },
  // admission
  { key: 'globalOutstandingLimit', tier: 'usual', touches: ['writes', 'reads'], range: { kind: 'whole', scale: 'log', low: 200, high: 20_000 }, trades: 'throughput of clients with many requests under way for memory and waiting' },
  { key: 'request_throttle_max_requests', tier: 'usual', touches: ['writes', 'reads'], range: { kind: 'whole', scale: 'log', low: 500, high: 50_000, beyond: { text: '0', at: 'high', says: 'no limit' } }, trades: 'steady latency in an overload for requests that wait in line' },
  { key: 'clientPortListenBacklog', tier: 'usual', touches: ['connections'], range: { kind: 'whole', scale: 'log', low: 50, high: 4_096 }, trades: 'storms of reconnects that are taken for a longer line of them' },
  { key: 'localSessionsEnabled', tier: 'asked', touches: ['connections'], votersMin: 2, range: { kind: 'words', words: ['false', 'true'] }, trades: 'sessions that cost no write for sessions that cannot have ephemeral znodes' },
  { key: 'skipACL', tier: 'unsafe', touches: ['writes', 'reads'], range: { kind: 'words', words: ['no', 'yes'] }, trades: 'the time of a check for a tree that everybody may read and write' },
  // threads and pipeline
  { key: 'serverCnxnFactory', tier: 'asked', touches: ['writes', 'reads', 'connections'], range: { kind: 'words', words: ['org.apache.zookeeper.server.NIOServerCnxnFactory', 'org.apache.zookeeper.server.NettyServerCnxnFactory'] }, trades: 'one network library for another, which needs its jar' },
  { key: 'nio.numSelectorThreads', tier: 'usual', touches: ['writes', 'reads', 'connections'], range: { kind: 'whole', scale: 'linear', low: 1, high: { perCore: 0.5, atLeast: 2 } }, trades: 'many busy connections for threads that wait' },
  { key: 'nio.numWorkerThreads', tier: 'usual', touches: ['writes', 'reads', 'connections'], range: { kind: 'whole', scale: 'linear', low: 0, high: { perCore: 3, atLeast: 4 } }, trades: 'requests read and answered side by side for changes between threads' },
  { key: 'nio.directBufferBytes', tier: 'usual', touches: ['reads'], range: { kind: 'whole', scale: 'log', low: 16_384, high: 1_048_576, beyond: { text: '0', at: 'low', says: 'none' } }, trades: 'small answers gathered into one write for memory of each worker' },
  { key: 'commitProcessor.numWorkerThreads', tier: 'usual', touches: ['reads'], votersMin: 2, range: { kind: 'whole', scale: 'linear', low: 0, high: { perCore: 2, atLeast: 4 } }, trades: 'reads side by side for changes between threads' },
  { key: 'commitProcessor.maxReadBatchSize', tier: 'usual', touches: ['reads'], votersMin: 2, range: { kind: 'whole', scale: 'log', low: 1, high: 1_000, beyond: { text: '-1', at: 'low', says: 'by turns' } }, trades: 'reads first for commits that wait' },
  { key: 'commitProcessor.maxCommitBatchSize', tier: 'usual', touches: ['writes'], votersMin: 2, range: { kind: 'whole', scale: 'log', low: 1, high: 100 }, trades: 'commits first for reads that wait' },
  { key: 'maxResponseCacheSize', tier: 'usual', touches: ['reads'], range: { kind: 'whole', scale: 'log', low: 50, high: 10_000, beyond: { text: '0', at: 'low', says: 'no cache' } }, trades: 'answers about hot znodes for memory, and for time where none is hot' },
  { key: 'maxGetChildrenResponseCacheSize', tier: 'asked', touches: ['reads'], range: { kind: 'whole', scale: 'log', low: 50, high: 10_000, beyond: { text: '0', at: 'low', says: 'no cache' } }, trades: 'the same for lists of children' },
  { key: 'watchManagerName', tier: 'usual', touches: ['watches'], range: { kind: 'words', words: ['org.apache.zookeeper.server.watch.WatchManager', 'org.apache.zookeeper.server.watch.WatchManagerOptimized'] }, trades: 'less memory for very many watches for time on each' },
]
