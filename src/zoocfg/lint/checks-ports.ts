/** Rules on where a server listens. */
import { javaLong } from '../java-number.ts'
import { onKey } from './check.ts'
import type { Checks } from './check.ts'
import { isLoopback } from './checks-members.ts'
import type { ServerView } from './server-view.ts'

const PROMETHEUS = 'PrometheusMetricsProvider'

export const PORT_CHECKS: Checks = {
  'client-address-without-port': onKey('clientPortAddress', (server) =>
    server.line('clientPortAddress') !== null && server.line('clientPort') === null
      ? 'clientPortAddress is set and clientPort is not'
      : null,
  ),
  'client-port-zero-pre-310': onKey('clientPort', (server) =>
    server.line('clientPortAddress') !== null && portOf(server, 'clientPort') === 0
      ? 'clientPort is 0 beside clientPortAddress'
      : null,
  ),
  'secure-address-without-port': onKey('secureClientPortAddress', (server) =>
    server.line('secureClientPortAddress') !== null && server.line('secureClientPort') === null
      ? 'secureClientPortAddress is set and secureClientPort is not'
      : null,
  ),
  'no-client-port-at-all': function* (server) {
    const hasPort = ['clientPort', 'secureClientPort'].some((key) => server.line(key) !== null)
    // Without myid any server line may be the own one.
    const lines = server.ownLine === null ? server.members.servers : [server.ownLine]
    if (hasPort || lines.some(({ client, secureClient }) => client !== null || secureClient !== null)) return
    yield server.at('clientPort', 'there is no client port')
  },
  'clientport-equals-secureport': onKey('secureClientPort', (server) => {
    const secure = portOf(server, 'secureClientPort')
    return secure !== null && secure > 0 && secure === portOf(server, 'clientPort')
      ? `clientPort and secureClientPort are both ${secure}`
      : null
  }),
  'port-clash-same-host': function* (server) {
    const taken = new Map<number, string>()
    for (const { key, port, memberOf } of listeners(server)) {
      const other = taken.get(port)
      const isTold = key === 'secureClientPort' && other === 'clientPort'
      if (other === undefined) taken.set(port, key)
      else if (!isTold && other !== key) {
        const what = `${key} uses port ${port}, which is ${other}'s`
        yield memberOf === null ? server.at(key, what) : server.atMember(memberOf, what)
      }
    }
  },
  'prometheus-port-required-310': onKey('metricsProvider.className', (server) =>
    isPrometheus(server) && ['httpPort', 'httpsPort'].every((name) => server.line(`metricsProvider.${name}`) === null)
      ? 'the Prometheus provider has neither httpPort nor httpsPort'
      : null,
  ),
  'prometheus-workers-ignored-310': function* (server) {
    for (const key of ['metricsProvider.numWorkerThreads', 'metricsProvider.maxQueueSize']) {
      if (server.line(key) !== null) yield server.at(key, `${key} is set`)
    }
  },
  'metrics-open-everywhere': onKey('metricsProvider.className', (server) =>
    isPrometheus(server) && server.line('metricsProvider.httpHost') === null
      ? 'metrics are served on every interface'
      : null,
  ),
  'admin-open-everywhere': onKey('admin.serverAddress', (server) =>
    server.isTrue('admin.enableServer') && isWildcard(server.written('admin.serverAddress'))
      ? `the admin server listens on every interface, port ${server.number('admin.serverPort') ?? 8_080}`
      : null,
  ),
  'admin-plain-http': onKey('admin.serverAddress', (server) => {
    const address = server.written('admin.serverAddress')
    const isReachable = server.isTrue('admin.enableServer') && !isLoopback(address ?? '0.0.0.0')
    return isReachable && !server.isTrue('admin.forceHttps') ? 'the admin server speaks plain HTTP' : null
  }),
  'backlog-above-somaxconn': onKey('clientPortListenBacklog', (server) => {
    const backlog = server.number('clientPortListenBacklog')
    const somaxconn = server.files.host?.somaxconn ?? null
    return backlog !== null && somaxconn !== null && backlog > somaxconn
      ? `clientPortListenBacklog is ${backlog}, and net.core.somaxconn ${somaxconn}`
      : null
  }),
}

interface ListenerKey {
  readonly key: string
  readonly port: number
  /** The server line that has it; null for a key of zoo.cfg. */
  readonly memberOf: string | null
}

/** Every port that this server itself listens on, as far as its files tell. */
function* listeners(server: ServerView): Iterable<ListenerKey> {
  const keys = ['clientPort', 'secureClientPort']
  const own = server.ownLine
  if (server.isDistributed) keys.push('observerMasterPort')
  if (server.isTrue('admin.enableServer')) keys.push('admin.serverPort')
  if (isPrometheus(server)) keys.push('metricsProvider.httpPort')
  for (const key of keys) {
    const port = server.written(key) === null ? server.defaultOf(key) : portOf(server, key)
    if (typeof port === 'number' && port > 0) yield { key, port, memberOf: null }
  }
  if (own === null || !server.isDistributed) return
  const memberOf = `server.${own.id}`
  for (const { quorumPort, electionPort } of own.endpoints) {
    yield { key: 'the quorum', port: quorumPort, memberOf }
    yield { key: 'the election', port: electionPort, memberOf }
  }
}

export function isPrometheus(server: ServerView): boolean {
  return (server.written('metricsProvider.className') ?? '').endsWith(PROMETHEUS)
}

export function isWildcard(address: string | null): boolean {
  return address === null || ['', '0.0.0.0', '::', '[::]'].includes(address)
}

function portOf(server: ServerView, key: string): number | null {
  return javaLong(server.written(key) ?? '')
}
