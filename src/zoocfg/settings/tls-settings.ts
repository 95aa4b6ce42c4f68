import { CIPHER_SUITES, cipherSuite } from '../cipher-suites.ts'
import type { CipherSuite } from '../cipher-suites.ts'
import type { Findings, Setting } from '../findings.ts'
import { javaDecodedInt } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** A file with keys or certificates, as zoo.cfg names it. */
export interface StoreSettings {
  /** A relative path is relative to where the server is started. */
  readonly location: string | null
  /** The line that names it, for errors. */
  readonly where: string | null
  /** Empty: none. A secret. */
  readonly password: string
  /** A file whose first line is the password; it wins over `password`. */
  readonly passwordPath: string | null
  /** As written; null takes the type from the file's name. */
  readonly type: string | null
}

export type ClientAuth = 'need' | 'want' | 'none'
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

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

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3']
/** Java knows these, and Java 17 no longer negotiates them. */
const DEAD_VERSIONS: readonly string[] = ['SSLv2Hello', 'SSLv3', 'TLSv1', 'TLSv1.1']
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
    cipherSuites: readCipherSuites(from, versions),
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

function readStore(from: SettingReader, prefix: string): StoreSettings {
  return {
    location: textOf(from, `${prefix}.location`),
    where: from.where(`${prefix}.location`),
    password: from.get(`${prefix}.password`)?.value ?? '',
    passwordPath: textOf(from, `${prefix}.passwordPath`),
    type: textOf(from, `${prefix}.type`),
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

/** @param words that stand for every version */
function versionsIn(
  from: SettingReader,
  setting: Setting,
  findings: Findings,
  words: readonly string[],
): readonly TlsVersion[] {
  const names = listOf(setting.value)
  const known = [...VERSIONS, ...DEAD_VERSIONS, ...words]
  const unknown = names.find((name) => !known.includes(name))
  const versions = VERSIONS.filter((version) => names.includes(version) || words.some((word) => names.includes(word)))
  if (unknown !== undefined || versions.length === 0) {
    const what =
      unknown === undefined
        ? `${setting.key} is "${setting.value}", and leaves no version of TLS that is still in use`
        : `${setting.key} names "${unknown}"`
    from.fault(setting, what, 'Write TLSv1.2, TLSv1.3 or TLSv1.2,TLSv1.3.')
    return VERSIONS
  }
  const dead = names.filter((name) => DEAD_VERSIONS.includes(name))
  if (dead.length > 0) {
    findings.remarks.push({
      kind: 'bad-value',
      key: setting.key,
      where: setting.where,
      what: `${setting.key} names ${dead.join(', ')}, which no connection gets, here as with Java 17`,
      mend: `Write ${setting.key}=${versions.join(',')}.`,
    })
  }
  return versions
}

function readCipherSuites(from: SettingReader, versions: readonly TlsVersion[]): readonly CipherSuite[] {
  const setting = from.get('ssl.ciphersuites')
  const usable = ({ version }: CipherSuite): boolean => versions.includes(version)
  if (setting === null) return CIPHER_SUITES.filter((suite) => suite.isDefault && usable(suite))
  const names = listOf(setting.value)
  const suites = names.flatMap((name) => cipherSuite(name) ?? [])
  const unknown = names.find((name) => cipherSuite(name) === null)
  if (unknown !== undefined) {
    const mend = "Use Java's names, such as TLS_AES_256_GCM_SHA384 or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256."
    from.fault(setting, `ssl.ciphersuites names "${unknown}", which the built-in engine does not have`, mend)
  } else if (!suites.some(usable)) {
    const mend = `Add one of ${versions.join(' or ')}, or delete the line.`
    from.fault(setting, `ssl.ciphersuites has no suite of ${versions.join(' or ')}`, mend)
  }
  return suites.filter(usable)
}

/** `Boolean.parseBoolean`: anything but true is false. */
function isOn(from: SettingReader, key: string, fallback: boolean): boolean {
  const setting = from.get(key)
  return setting === null ? fallback : setting.value.toLowerCase() === 'true'
}

function textOf(from: SettingReader, key: string): string | null {
  return from.get(key)?.value || null
}

function listOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
