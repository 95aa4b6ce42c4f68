/**
 * The value of a `server.N` line (QuorumPeer.QuorumServer):
 *
 *   line     address ('|' address)* [';' client [';' secureClient]]
 *   address  host ':' quorumPort ':' electionPort [':' ('participant' | 'observer')]
 *   client   port | host ':' port
 *   host     a name, an IPv4 address, or an IPv6 address in brackets
 */
import { javaInt } from './java-number.ts'

export type PeerRole = 'participant' | 'observer'

export interface PeerEndpoint {
  /** Without brackets. */
  readonly host: string
  /** Where a leader talks to its followers. */
  readonly quorumPort: number
  readonly electionPort: number
}

export interface HostPort {
  /** Without brackets; null when only a port is written, which means every interface. */
  readonly host: string | null
  readonly port: number
}

export interface ServerLine {
  readonly id: number
  /** At least one. */
  readonly endpoints: readonly [PeerEndpoint, ...PeerEndpoint[]]
  readonly role: PeerRole
  readonly client: HostPort | null
  readonly secureClient: HostPort | null
}

/** Why a line cannot be read: `what` and `mend` of an error. */
export interface LineProblem {
  readonly what: string
  readonly mend: string
}

const FORM = 'Write host:2888:3888, host:2888:3888:observer or host:2888:3888;2181.'

/** @returns the line, or what Apache refuses about it */
export function readServerLine(id: number, value: string): ServerLine | LineProblem {
  const [addresses = '', ...clients] = javaSplit(value, ';')
  if (clients.length > 2) return { what: `"${value}" has more than two client parts`, mend: FORM }
  const endpoints: PeerEndpoint[] = []
  let role: PeerRole | null = null
  for (const address of javaSplit(addresses, '|')) {
    const endpoint = readAddress(address)
    if ('what' in endpoint) return endpoint
    if (endpoint.role !== null && role !== null && endpoint.role !== role) {
      return { what: `"${value}" gives its addresses different roles`, mend: 'Give every address the same role.' }
    }
    role = role ?? endpoint.role
    endpoints.push({ host: endpoint.host, quorumPort: endpoint.quorumPort, electionPort: endpoint.electionPort })
  }
  const [first, ...others] = endpoints
  if (first === undefined) return { what: `"${value}" names no address`, mend: FORM }
  const [client, secureClient] = clients.map(readClient)
  if (client !== undefined && 'what' in client) return client
  if (secureClient !== undefined && 'what' in secureClient) return secureClient
  return {
    id,
    endpoints: [first, ...others],
    role: role ?? 'participant',
    client: client ?? null,
    secureClient: secureClient ?? null,
  }
}

/** The value that reads back as the same line. */
export function serverLineText(line: Omit<ServerLine, 'id'>): string {
  const role = line.role === 'observer' ? ':observer' : ''
  const addresses = line.endpoints.map(
    ({ host, quorumPort, electionPort }) => `${bracketed(host)}:${quorumPort}:${electionPort}${role}`,
  )
  const clients = [line.client, line.secureClient].filter((client) => client !== null)
  return [addresses.join('|'), ...clients.map(hostPortText)].join(';')
}

function hostPortText({ host, port }: HostPort): string {
  return host === null ? String(port) : `${bracketed(host)}:${port}`
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function readAddress(address: string): (PeerEndpoint & { readonly role: PeerRole | null }) | LineProblem {
  const parts = hostAndParts(address)
  if (parts === null || parts.length < 3 || parts.length > 4) {
    return { what: `"${address}" is not host:quorumPort:electionPort[:role]`, mend: FORM }
  }
  const [host = '', quorumText = '', electionText = '', roleText] = parts
  const quorumPort = readPort(quorumText)
  const electionPort = readPort(electionText)
  if (quorumPort === null || electionPort === null) {
    const wrong = quorumPort === null ? quorumText : electionText
    return { what: `"${wrong}" in "${address}" is not a port`, mend: 'Write a number from 0 to 65535 without blanks.' }
  }
  if (quorumPort === electionPort) {
    return { what: `"${address}" uses port ${quorumPort} twice`, mend: 'Give quorum and election ports of their own.' }
  }
  const role = roleText === undefined ? null : readRole(roleText)
  if (role === undefined) {
    return { what: `"${roleText}" in "${address}" is not a role`, mend: 'Write participant or observer.' }
  }
  return { host, quorumPort, electionPort, role }
}

function readClient(text: string): HostPort | LineProblem {
  const parts = hostAndParts(text)
  const portText = parts?.at(-1) ?? ''
  const port = readPort(portText)
  if (parts === null || parts.length > 2) return { what: `the client part "${text}" is not [host:]port`, mend: FORM }
  if (port === null) {
    return { what: `"${portText}" in the client part "${text}" is not a port`, mend: 'Write a number from 0 to 65535.' }
  }
  return { host: parts.length === 2 ? (parts[0] ?? null) : null, port }
}

/** @returns undefined for a word that is no role */
function readRole(text: string): PeerRole | undefined {
  const word = text.trim().toLowerCase()
  return word === 'participant' || word === 'observer' ? word : undefined
}

function readPort(text: string): number | null {
  const port = javaInt(text)
  return port === null || port < 0 || port > 65_535 ? null : port
}

/** The host without its brackets, then what stands between the colons after it; null for a broken bracket. */
function hostAndParts(text: string): readonly string[] | null {
  if (!text.startsWith('[')) return javaSplit(text, ':')
  const match = /^\[([^\]]+)\](?::(.*))?$/.exec(text)
  if (match === null) return null
  const [, host = '', rest] = match
  return rest === undefined ? [host] : [host, ...javaSplit(rest, ':')]
}

/** `String.split` of Java: empty parts at the end are dropped. */
function javaSplit(text: string, separator: string): readonly string[] {
  const parts = text.split(separator)
  while (parts.length > 1 && parts.at(-1) === '') parts.pop()
  return parts
}
