import { sessionIdOf } from '../../kernel/session-id.ts'
import type { AdminFacts } from './admin-facts.ts'
import type { CommandResult, Fields } from './command-result.ts'
import { briefConnection, fullConnection } from './connection-json.ts'
import { hostText, zxidText } from './connection-lines.ts'
import type { JavaJson } from './java-json.ts'
import { Decimal } from './java-json.ts'
import { flatMetrics } from './metric.ts'
import { isReadOnly } from './server-mode.ts'
import { environment } from './server-environment.ts'
import { serverMetrics } from './server-metrics.ts'
import { SERVER_VERSION } from './server-version.ts'
import { watchedPaths, watchersByPath, watchSummary } from './watched-paths.ts'
import { leader, votingView, zabState } from './quorum-commands.ts'

export interface AdminCommand {
  /** The first one is the primary name, which the answer repeats. */
  readonly names: readonly [string, ...string[]]
  readonly needsService: boolean
  run(facts: AdminFacts, query: URLSearchParams): CommandResult
}

/** Sorted by primary name. Those of Apache's master that change a server (snapshot, restore, shed) are not here. */
export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  command(['configuration', 'conf', 'config'], configuration),
  command(['connection_stat_reset', 'crst'], resetConnections),
  command(['connections', 'cons'], (facts) => connections(facts, fullConnection)),
  command(['dirs'], (facts) => ({ datadir_size: facts.dataDirSize, logdir_size: facts.logDirSize })),
  command(['dump'], dump),
  anytime(['environment', 'env', 'envi'], (facts) => Object.fromEntries(environment(facts))),
  anytime(['get_trace_mask', 'gtmk'], (facts) => ({ tracemask: facts.traceMask })),
  command(['hash'], hash),
  command(['initial_configuration', 'icfg'], () => ({ initial_configuration: null })),
  anytime(['is_read_only', 'isro'], (facts) => ({ read_only: isReadOnly(facts) })),
  command(['last_snapshot', 'lsnp'], lastSnapshot),
  command(['leader', 'lead'], leader),
  command(['monitor', 'mntr'], monitor),
  command(['observer_connection_stat_reset', 'orst'], resetObservers),
  command(['observers', 'obsr'], observers),
  anytime(['ruok'], () => ({})),
  command(['server_stats', 'srvr'], serverStats),
  anytime(['set_trace_mask', 'stmk'], setTraceMask),
  command(['stat_reset', 'srst'], resetStatistics),
  command(['stats', 'stat'], (facts) => ({ ...serverStats(facts), ...connections(facts, briefConnection) })),
  anytime(['system_properties', 'sysp'], systemProperties),
  command(['voting_view'], votingView),
  command(['watch_summary', 'wchs'], watches),
  command(['watches', 'wchc'], watchesBySession),
  command(['watches_by_path', 'wchp'], watchesByPath),
  command(['zabstate'], zabState),
]

function command(names: AdminCommand['names'], run: AdminCommand['run']): AdminCommand {
  return { names, needsService: true, run }
}

function anytime(names: AdminCommand['names'], run: AdminCommand['run']): AdminCommand {
  return { names, needsService: false, run }
}

function resetConnections(facts: AdminFacts): Fields {
  facts.resetConnections()
  return {}
}

function resetStatistics(facts: AdminFacts): Fields {
  facts.resetStatistics()
  return {}
}

function configuration({ settings, snapshotFolder, logFolder }: AdminFacts): Fields {
  return {
    client_port: settings.clientPort,
    data_dir: snapshotFolder,
    data_log_dir: logFolder,
    tick_time: settings.cluster.tickTimeMs,
    max_client_cnxns: settings.limits.maxClientCnxns,
    min_session_timeout: settings.sessions.minSessionTimeoutMs,
    max_session_timeout: settings.sessions.maxSessionTimeoutMs,
    server_id: settings.id,
    client_port_listen_backlog: settings.limits.clientPortListenBacklog ?? -1,
  }
}

function connections(facts: AdminFacts, describe: typeof fullConnection): Fields {
  const time = { nowMs: facts.clock.nowMs(), wallMs: facts.clock.wallMs() }
  const all = facts.connections()
  return {
    connections: all.filter((one) => !one.isSecure).map((one) => describe(one, time)),
    secure_connections: all.filter((one) => one.isSecure).map((one) => describe(one, time)),
  }
}

function dump(facts: AdminFacts): Fields {
  const expiries = new Map<number, bigint[]>()
  for (const { atMs, sessions } of [...(facts.figures.expiries() ?? []), ...(facts.localExpiries() ?? [])]) {
    const ids = sessions.map(({ high, low }) => sessionIdOf(high, low))
    expiries.set(atMs, [...(expiries.get(atMs) ?? []), ...ids])
  }
  const owners = [...facts.sessions.service.tree.sessions].filter((session) => session.ephemerals.size > 0)
  return {
    expiry_time_to_session_ids: Object.fromEntries(expiries),
    session_id_to_ephemeral_paths: Object.fromEntries(
      owners.map(({ high, low, ephemerals }) => [String(sessionIdOf(high, low)), [...ephemerals]]),
    ),
  }
}

function hash(facts: AdminFacts): Fields {
  return { digests: facts.figures.digests().map(({ zxid, digest }) => ({ zxid, digest, digest_version: 1 })) }
}

function lastSnapshot(facts: AdminFacts): Fields {
  const last = facts.figures.lastSnapshot()
  const seconds = last?.wallMs === null || last === null ? -1 : Math.floor(last.wallMs / 1000)
  // Without 0x, unlike everywhere else.
  return { zxid: zxidText(last?.zxid ?? -1).slice(2), timestamp: seconds }
}

function monitor(facts: AdminFacts): Fields {
  const fields: Record<string, JavaJson> = {}
  for (const { name, value, isDecimal } of flatMetrics(serverMetrics(facts))) {
    fields[name] = isDecimal && typeof value === 'number' ? new Decimal(value) : value
  }
  return fields
}

/** Those that follow this server: none, unless it leads. What their requests were is not kept apart by who forwarded them. */
function observers(facts: AdminFacts): Fields {
  const following = facts.figures.learners().filter(({ isObserver }) => isObserver)
  return {
    synced_observers: following.filter(({ isSynced }) => isSynced).length,
    observers: following.map((observer) => ({
      remote_socket_address: `/${hostText(observer.remoteHost)}:${observer.remotePort}`,
      sid: observer.id,
      established: observer.sinceWallMs,
      queued_packets_size: observer.queuedBytes,
      packets_received: observer.packetsReceived,
      packets_sent: observer.packetsSent,
    })),
  }
}

function resetObservers(facts: AdminFacts): Fields {
  facts.figures.resetObservers()
  return {}
}

function serverStats(facts: AdminFacts): Fields {
  const { statistics, figures } = facts
  const { service, pool, count } = facts.sessions
  const { last, min, max } = statistics.responseSizes
  const buffers = { last_buffer_size: last, min_buffer_size: min, max_buffer_size: max }
  const proposals = figures.proposalSizes()
  const metrics = new Map([...flatMetrics(serverMetrics(facts))].map(({ name, value }) => [name, value]))
  return {
    version: SERVER_VERSION,
    read_only: isReadOnly(facts),
    server_stats: {
      packets_sent: statistics.packetsSent,
      packets_received: statistics.packetsReceived,
      fsync_threshold_exceed_count: metrics.get('fsync_threshold_exceed_count') ?? 0,
      client_response_stats: buffers,
      data_dir_size: facts.dataDirSize,
      log_dir_size: facts.logDirSize,
      server_state: service.mode,
      last_processed_zxid: service.tree.lastZxid,
      outstanding_requests: pool.inUse,
      avg_latency: new Decimal(statistics.latencyAverageMs),
      max_latency: statistics.latencyMaxMs,
      min_latency: statistics.latencyMinMs,
      num_alive_client_connections: count,
      uptime: facts.uptimeMs,
      auth_failed_count: statistics.counters.authFailures,
      non_mtlsremote_conn_count: metrics.get('non_mtls_remote_conn_count') ?? 0,
      non_mtlslocal_conn_count: metrics.get('non_mtls_local_conn_count') ?? 0,
      provider_null: false,
    },
    client_response: buffers,
    ...(proposals === null
      ? {}
      : {
          proposal_stats: {
            last_buffer_size: proposals.last,
            min_buffer_size: proposals.min,
            max_buffer_size: proposals.max,
          },
        }),
    node_count: service.tree.nodeCount,
  }
}

function setTraceMask(facts: AdminFacts, query: URLSearchParams): CommandResult {
  const text = query.get('traceMask') ?? ''
  if (!/^[+-]?\d{1,19}$/.test(text)) return { error: 'setTraceMask requires long traceMask argument' }
  facts.traceMask = BigInt.asIntN(64, BigInt(text.replace(/^\+/, '')))
  return { tracemask: facts.traceMask }
}

/** Where Java has system properties this server has the environment that it tells of anyway, and nothing secret. */
function systemProperties(facts: AdminFacts): Fields {
  return Object.fromEntries([...environment(facts)].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function watches(facts: AdminFacts): Fields {
  const { connections: watching, paths, watches: total } = watchSummary(facts)
  return { num_connections: watching, num_paths: paths, num_total_watches: total }
}

function watchesBySession(facts: AdminFacts): Fields {
  const bySession = [...watchedPaths(facts)].map(([{ sessionHigh, sessionLow }, paths]) => {
    return [String(sessionIdOf(sessionHigh, sessionLow)), [...paths]]
  })
  return { session_id_to_watched_paths: Object.fromEntries(bySession) as Fields }
}

function watchesByPath(facts: AdminFacts): Fields {
  const byPath = [...watchersByPath(facts)].map(([path, watchers]) => {
    return [path, watchers.map(({ sessionHigh, sessionLow }) => sessionIdOf(sessionHigh, sessionLow))]
  })
  return { path_to_session_ids: Object.fromEntries(byPath) as Fields }
}
