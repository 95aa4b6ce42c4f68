import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as NetServer, Socket } from 'node:net'
import { ZktuneError } from '../kernel/errors.ts'
import type { Http, HttpHandler, HttpListener, HttpOptions, TlsRefusal, TlsServerOptions } from '../kernel/ports.ts'
import { errnoOf, meaningOf } from './system-error.ts'

/** The methods that a Request cannot have; they are answered here. */
const UNSPEAKABLE_METHODS = new Set(['TRACE', 'TRACK', 'CONNECT'])

type NodeListener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/**
 * HTTP by Node's own server. Nothing is loaded before a port is opened, and what turns Node's requests into those of the
 * Fetch standard only with the first request: a port that nobody asks costs a few milliseconds once.
 */
export class RealHttp implements Http {
  async serve(options: HttpOptions, handler: HttpHandler): Promise<HttpListener> {
    const { createServer } = await import('node:http')
    let ready: NodeListener | null = null
    const load = async (): Promise<NodeListener> => {
      const { getRequestListener } = await import('@hono/node-server')
      return (ready ??= getRequestListener(handler, { overrideGlobalObjects: false }))
    }
    const server = createServer((request, response) => {
      if (UNSPEAKABLE_METHODS.has(request.method ?? '')) {
        response.writeHead(405).end()
        return
      }
      const answered =
        ready === null ? load().then((listener) => listener(request, response)) : ready(request, response)
      Promise.resolve(answered).catch(() => response.destroy())
    })
    server.keepAliveTimeout = options.idleTimeoutMs
    server.timeout = options.idleTimeoutMs
    const { listener, drop } =
      options.tls === undefined
        ? { listener: server, drop: () => server.closeAllConnections() }
        : await behindDoor(server, options.tls, options.onTlsRefusal ?? null)
    await listening(listener, options)
    return {
      port: portOf(listener),
      close: (onClosed) => {
        listener.close(() => onClosed())
        drop()
      },
    }
  }
}

/**
 * Gives an HTTP server the connections that are through their handshake.
 *
 * @returns what listens in its place, and what ends every connection
 */
async function behindDoor(
  server: Server,
  tls: TlsServerOptions,
  onRefusal: ((refusal: TlsRefusal) => void) | null,
): Promise<{ readonly listener: NetServer; readonly drop: () => void }> {
  const [{ createServer }, { TlsDoor }] = await Promise.all([import('node:net'), import('./tls-door.ts')])
  const open = new Set<Socket>()
  const door = new TlsDoor(tls, (socket) => server.emit('connection', socket), onRefusal)
  const listener = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    door.accept(socket)
  })
  return {
    listener,
    drop: () => {
      for (const socket of open) socket.destroy()
    },
  }
}

function listening(server: NetServer, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = errnoOf(error) === 'EADDRINUSE' ? 'PortInUse' : 'CannotListen'
      reject(new ZktuneError(code, { where: `${host}:${port}`, ...meaningOf(error), cause: error }))
    })
    server.listen({ host, port }, () => resolve())
  })
}

function portOf(server: NetServer): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('an HTTP server that listens has a port')
  return address.port
}
