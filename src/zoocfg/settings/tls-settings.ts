import type { CipherSuite } from '../cipher-suites.ts'
import type { Findings, Setting } from '../findings.ts'
import { javaDecodedInt } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'
import { isOn, readCipherSuites, readStore, textOf, versionsIn, VERSIONS } from './tls-parts.ts'
import type { ClientAuth, StoreSettings, TlsVersion } from './tls-parts.ts'

/** TLS between clients and one server, as far as zoo.cfg alone tells; its files are read by whoever starts the server. */
export interface TlsSettings {
  readonly keyStore: StoreSettings
  readonly trustStore: StoreSettings
  readonly clientAuth: ClientAuth
  /** At least one, unless there is a fault; the older first. */
  readonly versions: readonly TlsVersion[]
  /** The best first. */
  readonly cipherSuites: readonly CipherSuite[]
  /** Gates `verifiesClientAddress`, and does nothing else on a server. */
  readonly verifiesClientAddress: boolean
  /** Certificates are to be checked for revocation, by lists or by asking. */
  readonly checksRevocation: Setting | null
  /** clientPort takes TLS too: the first bytes decide. */
  readonly unifiesPorts: boolean
  readonly detectionTimeoutMs: number
  /** Handshakes under way. */
  readonly handshakesMax: number
  /** Watch the files, and take new ones for new connections. */
  readonly reloadsCertificates: boolean
  /** The subject that is super; null: none is. */
  readonly superSubject: string | null
}

const DETECTION_TIMEOUT_MS = 5_000
/** More than any client storm needs, and a bound all the same; Apache has none unless one is set. */
const HANDSHAKES_MAX = 10_000

export function readTlsSettings(from: SettingReader, findings: Findings): TlsSettings {
  const versions = readVersions(from, findings)
  const limit = from.lenientNumber('netty.server.outstandingHandshake.limit', { fallback: -1 }, javaDecodedInt)
  const timeoutMs = from.lenientNumber(
    'ssl.handshakeDetectionTimeoutMillis',
    { fallback: DETECTION_TIMEOUT_MS },
    javaDecodedInt,
  )
  return {
    keyStore: readStore(from, 'ssl.keyStore'),
    trustStore: readStore(from, 'ssl.trustStore'),
    clientAuth: readClientAuth(from),
    versions,
    cipherSuites: readCipherSuites(from, 'ssl.ciphersuites', versions),
    verifiesClientAddress:
      isOn(from, 'ssl.hostnameVerification', true) && isOn(from, 'ssl.clientHostnameVerification', false),
    checksRevocation:
      ['ssl.crl', 'ssl.ocsp'].map((key) => (isOn(from, key, false) ? from.get(key) : null)).find(Boolean) ?? null,
    unifiesPorts: isOn(from, 'client.portUnification', false),
    detectionTimeoutMs: timeoutMs < 1 ? DETECTION_TIMEOUT_MS : timeoutMs,
    handshakesMax: limit > 0 ? limit : HANDSHAKES_MAX,
    reloadsCertificates: isOn(from, 'client.certReload', false),
    superSubject: textOf(from, 'X509AuthenticationProvider.superUser'),
  }
}

function readClientAuth(from: SettingReader): ClientAuth {
  const setting = from.get('ssl.clientAuth')
  const word = (setting?.value ?? '').toLowerCase()
  if (setting === null || word === '') return 'need'
  if (word === 'need' || word === 'want' || word === 'none') return word
  from.fault(setting, `ssl.clientAuth is "${setting.value}"`, 'Write need (the default), want or none.')
  return 'need'
}

/** Without a word in zoo.cfg both; with `ssl.protocol` alone that one, as with Apache. */
function readVersions(from: SettingReader, findings: Findings): readonly TlsVersion[] {
  const protocol = from.get('ssl.protocol')
  const enabled = from.get('ssl.enabledProtocols')
  const byProtocol = protocol === null ? VERSIONS : versionsIn(from, protocol, findings, ['TLS'])
  return enabled === null ? byProtocol : versionsIn(from, enabled, findings, [])
}
