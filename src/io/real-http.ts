import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { ZktuneError } from '../kernel/errors.ts'
import type { Http, HttpHandler, HttpListener, HttpOptions } from '../kernel/ports.ts'
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
    await listening(server, options)
    return {
      port: portOf(server),
      close: (onClosed) => {
        server.close(() => onClosed())
        server.closeAllConnections()
      },
    }
  }
}

function listening(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = errnoOf(error) === 'EADDRINUSE' ? 'PortInUse' : 'CannotListen'
      reject(new ZktuneError(code, { where: `${host}:${port}`, ...meaningOf(error), cause: error }))
    })
    server.listen({ host, port }, () => resolve())
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('an HTTP server that listens has a port')
  return address.port
}
