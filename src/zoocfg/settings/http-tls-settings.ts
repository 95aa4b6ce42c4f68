import type { CipherSuite } from '../cipher-suites.ts'
import type { Findings } from '../findings.ts'
import type { SettingReader } from '../setting-reader.ts'
import { isOn, readCipherSuites, readStore, versionsIn, VERSIONS } from './tls-parts.ts'
import type { ClientAuth, StoreSettings, TlsVersion } from './tls-parts.ts'

/** TLS on a port for administrators, as far as zoo.cfg alone tells; its files are read by whoever starts the server. */
export interface HttpTlsSettings {
  /** What the keys of the two stores begin with. */
  readonly prefix: 'ssl.quorum' | 'metricsProvider.ssl'
  readonly keyStore: StoreSettings
  readonly trustStore: StoreSettings
  readonly clientAuth: ClientAuth
  /** At least one, unless there is a fault; the older first. */
  readonly versions: readonly TlsVersion[]
  /** The best first. */
  readonly cipherSuites: readonly CipherSuite[]
  /** `either`: the port takes HTTP too, and the first bytes decide. */
  readonly mode: 'tls' | 'either'
}

/**
 * Of the AdminServer, which has no stores of its own: as in Apache it takes those for TLS between servers.
 *
 * @returns null when it speaks HTTP alone
 */
export function readAdminTls(from: SettingReader): HttpTlsSettings | null {
  const isForced = isOn(from, 'admin.forceHttps', false)
  if (!isForced && !isOn(from, 'admin.portUnification', false)) return null
  return {
    prefix: 'ssl.quorum',
    keyStore: readStore(from, 'ssl.quorum.keyStore'),
    trustStore: readStore(from, 'ssl.quorum.trustStore'),
    clientAuth: isOn(from, 'admin.needClientAuth', false) ? 'need' : 'none',
    versions: VERSIONS,
    cipherSuites: readCipherSuites(from, null, VERSIONS),
    mode: isForced ? 'tls' : 'either',
  }
}

/** Of Prometheus' endpoint, when it has a port with TLS. */
export function readMetricsTls(from: SettingReader, findings: Findings): HttpTlsSettings {
  const prefix = 'metricsProvider.ssl'
  const protocols = from.get(`${prefix}.enabledProtocols`)
  const versions = protocols === null ? VERSIONS : versionsIn(from, protocols, findings, [])
  return {
    prefix,
    keyStore: { ...readStore(from, `${prefix}.keyStore`), passwordPath: null },
    trustStore: { ...readStore(from, `${prefix}.trustStore`), passwordPath: null },
    clientAuth: metricsClientAuth(from, prefix),
    versions,
    cipherSuites: readCipherSuites(from, `${prefix}.ciphersuites`, versions),
    mode: 'tls',
  }
}

/** Both are on unless told otherwise, and the stricter one wins. */
function metricsClientAuth(from: SettingReader, prefix: string): ClientAuth {
  if (isOn(from, `${prefix}.need.client.auth`, true)) return 'need'
  return isOn(from, `${prefix}.want.client.auth`, true) ? 'want' : 'none'
}
