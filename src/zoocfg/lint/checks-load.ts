/** Rules on how much a server takes on: limits, threads, memory, descriptors. */
import { onKey, onNumber } from './check.ts'
import type { Checks } from './check.ts'

const DESCRIPTORS_OF_ITS_OWN = 200
const DESCRIPTORS_PER_PEER = 2
const HEAP_SHARE_MAX = 0.75
/** A tree in memory takes about this many times its snapshot. */
const HEAP_PER_SNAPSHOT = 3

export const LOAD_CHECKS: Checks = {
  'outstanding-limit-extreme': onNumber('globalOutstandingLimit', (value) => value < 100 || value > 100_000),
  'max-client-cnxns-unlimited': onKey('maxClientCnxns', (server) =>
    server.number('maxClientCnxns') === 0 && (server.number('maxCnxns') ?? 0) === 0
      ? 'the connections of one client are not limited, nor are all together'
      : null,
  ),
  'descriptors-too-few': onKey('maxCnxns', (server) => {
    const limit = server.files.host?.openFiles ?? null
    const connections = server.number('maxCnxns') ?? 0
    const needed = connections + DESCRIPTORS_PER_PEER * server.members.servers.length + DESCRIPTORS_OF_ITS_OWN
    return limit !== null && connections > 0 && needed > limit
      ? `maxCnxns is ${connections}, and only ${limit} files may be open`
      : null
  }),
  'threads-above-cores': function* (server) {
    const cores = server.files.host?.cores ?? null
    if (cores === null) return
    for (const [key, factor] of [
      ['nio.numWorkerThreads', 4],
      ['commitProcessor.numWorkerThreads', 2],
    ] as const) {
      const threads = server.written(key) === null ? null : server.number(key)
      if (threads !== null && threads > factor * cores) {
        yield server.at(key, `${key} is ${threads}, and there are ${cores} cores`)
      }
    }
  },
  'read-batch-large': onNumber('commitProcessor.maxReadBatchSize', (value) => value > 1_000),
  'large-request-limit-without-threshold': onKey('largeRequestMaxBytes', (server) =>
    server.line('largeRequestMaxBytes') !== null && server.number('largeRequestThreshold') === -1
      ? 'largeRequestMaxBytes is set and largeRequestThreshold is not'
      : null,
  ),
  'connection-throttle-weights-without-tokens': function* (server) {
    if ((server.number('connection_throttle_tokens') ?? 0) !== 0) return
    const line = server.lines.find(
      ({ key }) => key.startsWith('connection_throttle_') && key !== 'connection_throttle_tokens',
    )
    if (line !== undefined) yield server.at(line.key, `${line.key} is set and connection_throttle_tokens is not`)
  },
  'tcp-keepalive-with-netty': onKey('clientTcpKeepAlive', (server) =>
    server.isTrue('clientTcpKeepAlive') && (server.written('serverCnxnFactory') ?? '').includes('Netty')
      ? 'clientTcpKeepAlive is true with Netty'
      : null,
  ),
  'whole-heap-vs-ram': function* (server) {
    const heap = server.jvm?.heapMaxBytes ?? null
    const memory = server.files.host?.memoryBytes ?? null
    const snapshot = server.dataDir?.snapshotSizeBytes ?? null
    const site = { entry: null, key: null, file: server.jvm?.file ?? server.files.file }
    if (heap !== null && memory !== null && heap > HEAP_SHARE_MAX * memory) {
      yield { ...site, what: `-Xmx is ${mebibytes(heap)}, of a memory of ${mebibytes(memory)}` }
    }
    if (heap !== null && snapshot !== null && heap < HEAP_PER_SNAPSHOT * snapshot) {
      yield { ...site, what: `-Xmx is ${mebibytes(heap)}, and the newest snapshot has ${mebibytes(snapshot)}` }
    }
  },
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
