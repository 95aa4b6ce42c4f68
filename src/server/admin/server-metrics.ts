import { OpCode } from '../../protocol/op-code.ts'
import { WatchEventType } from '../../protocol/watch-event.ts'
import type { AdminFacts } from './admin-facts.ts'
import type { Metric } from './metric.ts'
import { counter, decimalGauge, gauge, summary, text } from './metric.ts'
import { SERVER_VERSION } from './server-version.ts'

/** Apache (master) counts requests by kind; several op codes may be one kind. */
const OPERATIONS: readonly (readonly [name: string, codes: readonly number[]])[] = [
  ['add_watch', [OpCode.addWatch]],
  ['check', [OpCode.check]],
  ['check_watches', [OpCode.checkWatches]],
  ['close_session', [OpCode.closeSession]],
  ['create', [OpCode.create, OpCode.create2, OpCode.createContainer, OpCode.createTTL]],
  ['create_session', [OpCode.createSession]],
  ['delete', [OpCode.delete, OpCode.deleteContainer]],
  ['exists', [OpCode.exists]],
  ['get_acl', [OpCode.getACL]],
  ['get_all_children_number', [OpCode.getAllChildrenNumber]],
  ['get_children', [OpCode.getChildren, OpCode.getChildren2]],
  ['get_data', [OpCode.getData]],
  ['get_ephemerals', [OpCode.getEphemerals]],
  ['multi', [OpCode.multi]],
  ['multi_read', [OpCode.multiRead]],
  ['ping', [OpCode.ping]],
  ['reconfig', [OpCode.reconfig]],
  ['remove_watches', [OpCode.removeWatches]],
  ['set_acl', [OpCode.setACL]],
  ['set_data', [OpCode.setData]],
  ['set_watches', [OpCode.setWatches, OpCode.setWatches2]],
  ['sync', [OpCode.sync]],
  ['who_am_i', [OpCode.whoAmI]],
]

const WATCHES_FIRED: readonly (readonly [name: string, type: number])[] = [
  ['node_created_watch_count', WatchEventType.nodeCreated],
  ['node_deleted_watch_count', WatchEventType.nodeDeleted],
  ['node_changed_watch_count', WatchEventType.nodeDataChanged],
  ['node_children_watch_count', WatchEventType.nodeChildrenChanged],
]

/** Everything that this server measures: `mntr`, `/commands/monitor` and `/metrics` are three forms of it. */
export function* serverMetrics(facts: AdminFacts): Iterable<Metric> {
  yield text('version', SERVER_VERSION)
  yield text('server_state', facts.sessions.service.mode)
  yield* gauges(facts)
  yield* counters(facts)
  yield summary('readlatency', facts.statistics.readLatency, 'advanced')
  yield summary('updatelatency', facts.statistics.updateLatency, 'advanced')
  for (const [name, type] of WATCHES_FIRED) {
    const fired = facts.statistics.watchesFired.get(type)
    if (fired !== undefined) yield summary(name, fired)
  }
  yield* facts.figures.metrics()
}

function* gauges(facts: AdminFacts): Iterable<Metric> {
  const { statistics, host } = facts
  const { service, pool, count, localSessions, connectionThrottle } = facts.sessions
  const { tree } = service
  const { last, min, max } = statistics.responseSizes
  // As Apache's Netty counts them: the name notwithstanding, TLS without a client's certificate is not among them.
  const inTheClear = facts.connections().filter(({ isSecure }) => !isSecure)
  const local = inTheClear.filter(({ address }) => isLoopback(address)).length
  yield gauge('ephemerals_count', tree.ephemeralCount)
  yield gauge('num_alive_connections', count)
  yield decimalGauge('avg_latency', statistics.latencyAverageMs)
  yield gauge('min_latency', statistics.latencyMinMs)
  yield gauge('max_latency', statistics.latencyMaxMs)
  yield gauge('outstanding_requests', pool.inUse)
  yield gauge('znode_count', tree.nodeCount)
  yield gauge('watch_count', tree.watches.count)
  yield gauge('global_sessions', tree.sessions.size)
  yield gauge('local_sessions', localSessions.size)
  yield gauge('non_mtls_remote_conn_count', inTheClear.length - local)
  yield gauge('non_mtls_local_conn_count', local)
  yield gauge('last_client_response_size', last)
  yield gauge('max_client_response_size', max)
  yield gauge('min_client_response_size', min)
  yield gauge('packets_sent', statistics.packetsSent)
  yield gauge('packets_received', statistics.packetsReceived)
  yield gauge('auth_failed_count', statistics.counters.authFailures)
  yield decimalGauge('connection_drop_probability', connectionThrottle.dropProbability)
  yield gauge('outstanding_tls_handshake', facts.handshakes)
  yield gauge('approximate_data_size', tree.approximateDataSizeBytes)
  yield gauge('uptime', facts.uptimeMs)
  const openFiles = host?.openFiles() ?? null
  const openFilesMax = host?.openFilesMax() ?? null
  if (openFiles !== null) yield gauge('open_file_descriptor_count', openFiles)
  if (openFilesMax !== null) yield gauge('max_file_descriptor_count', openFilesMax)
}

function* counters({ statistics }: AdminFacts): Iterable<Metric> {
  const counts = statistics.counters
  yield counter('connection_request_count', counts.connectionRequests)
  yield counter('connection_rejected', counts.connectionsRejected)
  yield counter('connection_drop_count', counts.connectionsDropped)
  yield counter('connection_revalidate_count', counts.revalidations)
  yield counter('cnxn_closed_without_zk_server_running', counts.unservedConnections)
  yield counter('sessionless_connections_expired', counts.sessionlessExpired)
  yield counter('unsuccessful_handshake', counts.failedHandshakes)
  yield counter('tls_handshake_exceeded', counts.exceededHandshakes)
  yield counter('large_requests_rejected', counts.largeRequests)
  yield counter('request_throttle_wait_count', counts.throttleWaits)
  yield counter('throttled_ops', counts.throttledOps)
  yield counter('stale_requests', counts.staleRequests)
  yield counter('stale_requests_dropped', counts.staleRequestsDropped)
  yield counter('bytes_received_count', counts.bytesReceived)
  yield counter('response_bytes', counts.responseBytes)
  let total = 0
  for (const [name, codes] of OPERATIONS) {
    let count = 0
    for (const code of codes) count += statistics.operationCount(code)
    total += count
    yield counter(`op_count_${name}`, count)
  }
  yield counter('op_count_total', total)
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
