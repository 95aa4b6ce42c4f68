import { ZktuneError } from '../kernel/errors.ts'
import { validatePath } from '../protocol/path.ts'

/**
 * `host1:2181,host2:2181/app`: where the servers are, and the znode that the client sees as its root.
 * An IPv6 address stands in brackets: `[::1]:2181`. A port left out is 2181.
 */
export interface ConnectString {
  readonly hosts: readonly Endpoint[]
  /** Starts with `/`; empty when the client sees the whole tree. */
  readonly chroot: string
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

const PORT_DEFAULT = 2181

/** @throws ZktuneError BadConfigValue, naming the part that is wrong */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/')
  const hostsText = slash === -1 ? text : text.slice(0, slash)
  const chroot = slash === -1 ? '' : text.slice(slash)
  const hosts = hostsText
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseEndpoint(part, text))
  if (hosts.length === 0) throw badConnectString(text, 'names no server')
  if (chroot === '' || chroot === '/') return { hosts, chroot: '' }
  const fault = validatePath(chroot)
  if (fault !== null) throw badConnectString(text, `has a root "${chroot}" that ${fault}`)
  return { hosts, chroot }
}

export function endpointText(endpoint: Endpoint): string {
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`
}

function parseEndpoint(part: string, text: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(part)
  const host = match?.[1] ?? match?.[2]
  if (match === null || host === undefined) throw badConnectString(text, `has "${part}", which is not host:port`)
  const port = match[3] === undefined ? PORT_DEFAULT : Number(match[3])
  if (port < 1 || port > 65_535) throw badConnectString(text, `has the port ${port}`)
  return { host, port }
}

function badConnectString(text: string, fault: string): ZktuneError {
  return new ZktuneError('BadConfigValue', {
    where: `connect string "${text}"`,
    what: `it ${fault}`,
    mend: 'Write host:port, several joined by commas, with an optional root: 127.0.0.1:2181,127.0.0.1:2182/app.',
  })
}
