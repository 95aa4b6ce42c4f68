import type { Findings } from '../findings.ts'
import { javaInt, javaSwitch } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'
import { readAdminTls, readMetricsTls } from './http-tls-settings.ts'
import type { HttpTlsSettings } from './http-tls-settings.ts'

/** What a server tells those who watch over it. */
export interface AdminSettings {
  /** Four letter words that are answered; `srvr` always is. `*` stands for all. */
  readonly fourLetterWords: readonly string[]
  /** Null: no AdminServer. */
  readonly adminServer: AdminServerSettings | null
  /** Null: no Prometheus endpoint. */
  readonly metrics: MetricsSettings | null
  /** Null: no REST gateway. */
  readonly gateway: GatewaySettings | null
}

export interface AdminServerSettings {
  readonly host: string
  readonly port: number
  readonly idleTimeoutMs: number
  /** Where the commands begin: a slash and no slash at the end. */
  readonly commandPath: string
  /** Null: HTTP alone. */
  readonly tls: HttpTlsSettings | null
}

export interface MetricsSettings {
  readonly host: string
  /** Of HTTP; null: there is none. */
  readonly port: number | null
  /** Null: there is none. */
  readonly https: { readonly port: number; readonly tls: HttpTlsSettings } | null
  /** Also figures of the process itself: memory, file descriptors, event loop. */
  readonly hasProcessFigures: boolean
}

export interface GatewaySettings {
  readonly port: number
  /** For so long a client may read earlier states; 0 is none but the newest. */
  readonly historyWindowMs: number
}

/** What needs no password is for this machine alone unless an address is given. Apache binds to every address. */
const LOOPBACK = '127.0.0.1'
const ADMIN_PORT = 8080
const IDLE_TIMEOUT_MS = 30_000
const HISTORY_WINDOW_MS = 60_000
const PORT_MAX = 65_535
const PROMETHEUS = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider'

export function readAdminSettings(from: SettingReader, findings: Findings): AdminSettings {
  const isReadOnlyModeOn = javaSwitch(from.get('readonlymode.enabled')?.value ?? '') ?? false
  return {
    fourLetterWords: readWords(from.get('4lw.commands.whitelist')?.value ?? 'srvr', isReadOnlyModeOn),
    adminServer: readAdminServer(from),
    metrics: readMetrics(from, findings),
    gateway: readGateway(from),
  }
}

/** A server that may serve read-only is asked by its clients whether it does, so `isro` is answered. */
function readWords(list: string, isReadOnlyModeOn: boolean): readonly string[] {
  const words = list.split(',').map((word) => word.trim())
  if (words.includes('*')) return ['*']
  const always = isReadOnlyModeOn ? ['srvr', 'isro'] : ['srvr']
  return [...new Set([...always, ...words.filter((word) => word !== '')])]
}

function readAdminServer(from: SettingReader): AdminServerSettings | null {
  if (!readSwitch(from, 'admin.enableServer', false)) return null
  const path = (from.get('admin.commandURL')?.value ?? '/commands').replace(/\/+$/, '')
  return {
    host: from.get('admin.serverAddress')?.value ?? LOOPBACK,
    port: from.lenientNumber('admin.serverPort', { fallback: ADMIN_PORT, min: 1 }, portOf),
    idleTimeoutMs: from.lenientNumber('admin.idleTimeout', { fallback: IDLE_TIMEOUT_MS, min: 1 }, javaInt),
    commandPath: path.startsWith('/') ? path : `/${path}`,
    tls: readAdminTls(from),
  }
}

/** The provider is named by a Java class; only the one with an endpoint of its own means anything here. */
function readMetrics(from: SettingReader, findings: Findings): MetricsSettings | null {
  const [port, securePort] = ['metricsProvider.httpPort', 'metricsProvider.httpsPort'].map((key) =>
    from.refusedInt(key, { fallback: 0, max: PORT_MAX }, ''),
  ) as [number, number]
  if (from.get('metricsProvider.className')?.value !== PROMETHEUS || (port <= 0 && securePort <= 0)) return null
  return {
    host: from.get('metricsProvider.httpHost')?.value ?? LOOPBACK,
    port: port <= 0 ? null : port,
    https: securePort <= 0 ? null : { port: securePort, tls: readMetricsTls(from, findings) },
    hasProcessFigures: readSwitch(from, 'metricsProvider.exportJvmInfo', true),
  }
}

function readGateway(from: SettingReader): GatewaySettings | null {
  const port = from.refusedInt('zktune.gatewayPort', { fallback: 0, min: 0, max: PORT_MAX }, '')
  const historyWindowMs = from.refusedInt(
    'zktune.historyWindowMs',
    { fallback: HISTORY_WINDOW_MS, min: 0 },
    'milliseconds',
  )
  return port === 0 ? null : { port, historyWindowMs }
}

/** As Java's Boolean.getBoolean: whatever is not `true` is false. */
function readSwitch(from: SettingReader, key: string, fallback: boolean): boolean {
  const setting = from.get(key)
  return setting === null ? fallback : setting.value.trim().toLowerCase() === 'true'
}

function portOf(text: string): number | null {
  const port = javaInt(text)
  return port !== null && port <= PORT_MAX ? port : null
}
