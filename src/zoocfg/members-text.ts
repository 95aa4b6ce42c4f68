import type { Members } from './members.ts'
import type { HostPort, ServerLine } from './server-line.ts'

/** Where a client part names only a port. */
const ANY_HOST = '0.0.0.0'

/**
 * The members as `/zookeeper/config` shows them, a line each, without its last line, the version. Unlike in a zoo.cfg the
 * role is always written, once and behind all addresses, and a client part always has its host; one that the line does not
 * have (`clientPort` stands in a key of its own) is left out.
 *
 * Source: QuorumServer.toString, QuorumMaj.toString, QuorumHierarchical.toString (Apache ZooKeeper 3.8).
 */
export function membersText({ servers, groups, weights }: Members): string {
  const lines = servers.map((server) => `server.${server.id}=${lineText(server)}`)
  if (groups.size > 0) {
    for (const [group, ids] of groups) lines.push(`group.${group}=${ids.join(':')}`)
    for (const { id } of servers) lines.push(`weight.${id}=${weights.get(id) ?? 1}`)
  }
  return lines.join('\n')
}

function lineText({ endpoints, role, client, secureClient }: ServerLine): string {
  const addresses = endpoints.map(
    ({ host, quorumPort, electionPort }) => `${bracketed(host)}:${quorumPort}:${electionPort}`,
  )
  const clients = [client, secureClient].filter((part) => part !== null).map(clientText)
  return [`${addresses.join('|')}:${role}`, ...clients].join(';')
}

function clientText({ host, port }: HostPort): string {
  return `${bracketed(host ?? ANY_HOST)}:${port}`
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
