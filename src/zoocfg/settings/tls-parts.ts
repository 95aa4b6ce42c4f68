/** What the settings of every port with TLS have in common: files, versions, suites. */
import { CIPHER_SUITES, cipherSuite } from '../cipher-suites.ts'
import type { CipherSuite } from '../cipher-suites.ts'
import type { Findings, Setting } from '../findings.ts'
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

/** The older first. */
export const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3']
/** Java knows these, and Java 17 no longer negotiates them. */
const DEAD_VERSIONS: readonly string[] = ['SSLv2Hello', 'SSLv3', 'TLSv1', 'TLSv1.1']

export function readStore(from: SettingReader, prefix: string): StoreSettings {
  return {
    location: textOf(from, `${prefix}.location`),
    where: from.where(`${prefix}.location`),
    password: from.get(`${prefix}.password`)?.value ?? '',
    passwordPath: textOf(from, `${prefix}.passwordPath`),
    type: textOf(from, `${prefix}.type`),
  }
}

/** @param words that stand for every version */
export function versionsIn(
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

/** @param key null: there is none, and the defaults count */
export function readCipherSuites(
  from: SettingReader,
  key: string | null,
  versions: readonly TlsVersion[],
): readonly CipherSuite[] {
  const setting = key === null ? null : from.get(key)
  const usable = ({ version }: CipherSuite): boolean => versions.includes(version)
  if (setting === null) return CIPHER_SUITES.filter((suite) => suite.isDefault && usable(suite))
  const names = listOf(setting.value)
  const suites = names.flatMap((name) => cipherSuite(name) ?? [])
  const unknown = names.find((name) => cipherSuite(name) === null)
  if (unknown !== undefined) {
    const mend = "Use Java's names, such as TLS_AES_256_GCM_SHA384 or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256."
    from.fault(setting, `${key} names "${unknown}", which the built-in engine does not have`, mend)
  } else if (!suites.some(usable)) {
    const mend = `Add one of ${versions.join(' or ')}, or delete the line.`
    from.fault(setting, `${key} has no suite of ${versions.join(' or ')}`, mend)
  }
  return suites.filter(usable)
}

/** `Boolean.parseBoolean`: anything but true is false. */
export function isOn(from: SettingReader, key: string, fallback: boolean): boolean {
  const setting = from.get(key)
  return setting === null ? fallback : setting.value.toLowerCase() === 'true'
}

export function textOf(from: SettingReader, key: string): string | null {
  return from.get(key)?.value || null
}

function listOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
