import type { Http, HttpHandler, HttpListener, HttpOptions, TlsRefusal, TlsServerOptions } from '../../kernel/ports.ts'
import type { GatewaySettings } from '../../zoocfg/settings/admin-settings.ts'
import type { AdminFacts } from './admin-facts.ts'
import type { Gateway } from './gateway/gateway.ts'

export interface HttpSideOptions {
  readonly facts: AdminFacts
  readonly http: Http
  readonly onNote: (note: string) => void
}

/** The Fetch half of a Hono application. */
interface App {
  fetch(request: Request): Response | Promise<Response>
}

/** A client of an HTTP port who stays silent for so long is closed; the AdminServer has a setting for it. */
const IDLE_TIMEOUT_MS = 30_000
/** The gateway asks for no password, and what it does it does as a client of this machine. */
const GATEWAY_HOST = '127.0.0.1'

/**
 * The HTTP ports of one server that are on: AdminServer, Prometheus, REST gateway. What answers is loaded with the first
 * request to a port, so that a port nobody asks costs next to nothing. A port that cannot be had is told to the log, and
 * the server goes on without it.
 */
export class HttpSide {
  readonly #options: HttpSideOptions
  readonly #listeners: HttpListener[] = []
  #gateway: Gateway | null = null
  #isStarted = false
  #isStopped = false

  constructor(options: HttpSideOptions) {
    this.#options = options
  }

  /** Twice is the same as once. */
  start(): void {
    if (this.#isStarted || this.#isStopped) return
    this.#isStarted = true
    const { facts } = this.#options
    const { admin, httpTls } = facts.settings
    const { adminServer, metrics, gateway } = admin
    if (adminServer !== null) {
      const load = async (): Promise<App> => {
        const { commandApp } = await import('./command-app.ts')
        return commandApp(facts, adminServer.commandPath)
      }
      this.#open('the AdminServer', adminServer, httpTls.admin, load)
    }
    if (metrics !== null) {
      const load = async (): Promise<App> => {
        const { metricsApp } = await import('./metrics-app.ts')
        return metricsApp(facts, metrics.hasProcessFigures)
      }
      const { host, port, https } = metrics
      const open = (own: number, tls: TlsServerOptions | null): void => {
        this.#open('the metrics endpoint', { host, port: own, idleTimeoutMs: IDLE_TIMEOUT_MS }, tls, load)
      }
      if (port !== null) open(port, null)
      if (https !== null) open(https.port, httpTls.metrics)
    }
    if (gateway !== null) void this.#openGateway(gateway)
  }

  stop(onStopped: () => void): void {
    this.#isStopped = true
    this.#gateway?.stop()
    this.#gateway = null
    const listener = this.#listeners.pop()
    if (listener === undefined) onStopped()
    else listener.close(() => this.stop(onStopped))
  }

  async #openGateway(settings: GatewaySettings): Promise<void> {
    const { Gateway } = await import('./gateway/gateway.ts')
    if (this.#isStopped) return
    const gateway = new Gateway(this.#options.facts, settings)
    this.#gateway = gateway
    gateway.start()
    const where = { host: GATEWAY_HOST, port: settings.port, idleTimeoutMs: IDLE_TIMEOUT_MS }
    this.#open('the REST gateway', where, null, () => gateway.app())
  }

  #open(
    what: string,
    { host, port, idleTimeoutMs }: Pick<HttpOptions, 'host' | 'port' | 'idleTimeoutMs'>,
    tls: TlsServerOptions | null,
    load: () => Promise<App>,
  ): void {
    const { http, onNote, facts } = this.#options
    const { tlsRefusals } = facts.sessions
    const secure = tls === null ? {} : { tls, onTlsRefusal: (refusal: TlsRefusal) => tlsRefusals.onRefusal(refusal) }
    const opened = http.serve({ host, port, idleTimeoutMs, ...secure }, lazily(load)).then((listener) => {
      if (this.#isStopped) return listener.close(() => undefined)
      this.#listeners.push(listener)
      const schemes = tls === null ? 'http' : tls.mode === 'tls' ? 'https' : 'http and https'
      onNote(`${what} listens on ${schemes}://${host}:${listener.port}`)
    })
    opened.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      onNote(`${what} cannot listen, and the server goes on without: ${reason}`)
    })
  }
}

function lazily(load: () => Promise<App>): HttpHandler {
  let app: Promise<App> | null = null
  return async (request) => {
    app ??= load()
    return (await app).fetch(request)
  }
}
