import { createServer, type Server } from 'node:net'
import { randomInt } from 'node:crypto'
import { ZktuneError } from '../kernel/errors.ts'

const HOST = '127.0.0.1'

/**
 * Free ports are drawn from below the range that systems give to outgoing connections (from 32768 on Linux, 49152 on
 * macOS): a port from that range could be taken by somebody's connection while its server restarts, and a peer that
 * tries to reach a dead server there can end up connected to itself.
 */
const LOWEST_PORT = 15_000
const HIGHEST_PORT = 32_000
const ATTEMPTS_PER_PORT = 200

/** Ports that nobody else on this machine can take while they are held. */
export interface HeldPorts extends AsyncDisposable {
  readonly ports: readonly number[]
  /** Lets go of all, so that the servers can take them; safe to call again. */
  release(): Promise<void>
}

/**
 * Holds free ports of 127.0.0.1 by listening on them. Ports of an ensemble must be known before its servers start and
 * kept over their restarts, so port 0 is no way.
 *
 * @throws ZktuneError PortInUse when no free ports are left
 */
export async function holdFreePorts(count: number): Promise<HeldPorts> {
  const held: Server[] = []
  for (let attempt = 0; held.length < count; attempt++) {
    if (attempt > count * ATTEMPTS_PER_PORT) {
      await closeAll(held)
      throw new ZktuneError('PortInUse', {
        where: HOST,
        what: `no ${count} free ports were found between ${LOWEST_PORT} and ${HIGHEST_PORT}`,
        mend: 'End some of the programs that listen there.',
      })
    }
    const server = await listenOn(randomInt(LOWEST_PORT, HIGHEST_PORT + 1))
    if (server !== null) held.push(server)
  }
  return heldPorts(held)
}

/**
 * Holds `count` ports from `first` on.
 *
 * @throws ZktuneError PortInUse that names the first one taken; none is held then
 */
export async function holdPortsFrom(first: number, count: number): Promise<HeldPorts> {
  const held: Server[] = []
  for (let port = first; port < first + count; port++) {
    const server = await listenOn(port)
    if (server === null) {
      await closeAll(held)
      throw new ZktuneError('PortInUse', {
        where: `${HOST}:${port}`,
        what: 'another program listens on this port',
        mend: `Choose another first port with ${count} free ones from it on, or leave it out to get free ones.`,
      })
    }
    held.push(server)
  }
  return heldPorts(held)
}

function heldPorts(held: readonly Server[]): HeldPorts {
  const ports = held.map(portOf)
  const release = (): Promise<void> => closeAll(held)
  return { ports, release, [Symbol.asyncDispose]: release }
}

/** @returns null when the port cannot be had */
function listenOn(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    if (port > 65_535) {
      resolve(null)
      return
    }
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => resolve(null))
    server.listen({ host: HOST, port, exclusive: true }, () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a held port has an address')
  return address.port
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
}
