import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ZktuneError } from '../kernel/errors.ts'
import type { TlsClientOptions, TlsIdentity, TlsVersion } from '../kernel/ports.ts'
import { meaningOf } from './system-error.ts'

/** How a client speaks TLS. Each text is PEM, or the path of a file that holds it. */
export interface ClientTlsOptions {
  /** The authorities that servers' certificates must lead to. Default: those that come with Node. */
  readonly ca?: string
  /** The client's own certificate, then its chain, for servers that want one. */
  readonly cert?: string
  /** Its private key. Default: the one that stands in `cert`. */
  readonly key?: string
  /** Opens an encrypted key. */
  readonly passphrase?: string
  /** Whether a server's certificate must name the host that is connected to. Default true. */
  readonly verifyHost?: boolean
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion
  /** Default TLSv1.3. */
  readonly maxVersion?: TlsVersion
  /** In OpenSSL's spelling, the best first. Default: Node's own list. */
  readonly ciphers?: readonly string[]
}

/** What whoever asks calls the options: errors name them so. */
export type ClientTlsNames = Readonly<Record<'ca' | 'cert' | 'key' | 'passphrase', string>>

const OPTION_NAMES: ClientTlsNames = {
  ca: 'tls.ca',
  cert: 'tls.cert',
  key: 'tls.key',
  passphrase: 'tls.passphrase',
}

/** @throws ZktuneError BadConfigValue or DiskFailed, without a key or a password in it */
export function readClientTls(options: ClientTlsOptions, names: ClientTlsNames = OPTION_NAMES): TlsClientOptions {
  return {
    authorityPem: options.ca === undefined ? null : pemOf(options.ca, names.ca, 'CERTIFICATE'),
    identity: readIdentity(options, names),
    minVersion: options.minVersion ?? 'TLSv1.2',
    maxVersion: options.maxVersion ?? 'TLSv1.3',
    ciphers: options.ciphers ?? null,
    verifiesHost: options.verifyHost ?? true,
  }
}

function readIdentity({ cert, key = cert, passphrase }: ClientTlsOptions, names: ClientTlsNames): TlsIdentity | null {
  if (key === undefined) return null
  if (cert === undefined) throw bad(names.key, 'there is a key, but no certificate', `Give ${names.cert} too.`)
  const chainPem = pemOf(cert, names.cert, 'CERTIFICATE')
  const pem = pemOf(key, names.key, 'PRIVATE KEY')
  try {
    const opened = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase })
    return { keyPem: opened.export({ type: 'pkcs8', format: 'pem' }).toString(), chainPem }
  } catch (cause) {
    const mend = `Give ${names.passphrase} when the key is encrypted, and the key itself as PEM.`
    throw bad(names.key, 'the private key cannot be read', mend, cause)
  }
}

/** @param kind the end of the label that the text must hold */
function pemOf(given: string, option: string, kind: string): string {
  const isPath = !given.includes('-----BEGIN')
  const text = isPath ? textOf(given, option) : given
  if (new RegExp(`-----BEGIN [A-Z0-9 ]*${kind}-----`).test(text)) return text
  const where = isPath ? `${option} (${given})` : option
  throw bad(
    where,
    `it holds no ${kind.toLowerCase()} as PEM`,
    'Give PEM (BEGIN …), or the path of a file that holds it.',
  )
}

function textOf(path: string, option: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (cause) {
    const { what, mend } = meaningOf(cause)
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new ZktuneError(isMissing ? 'BadConfigValue' : 'DiskFailed', {
      where: `${option} (${path})`,
      what,
      mend,
      cause,
    })
  }
}

function bad(where: string, what: string, mend: string, cause?: unknown): ZktuneError {
  return new ZktuneError('BadConfigValue', { where, what, mend, ...(cause === undefined ? {} : { cause }) })
}
