import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import type { TlsServerOptions } from '../kernel/ports.ts'
import type { CipherSuite } from '../zoocfg/cipher-suites.ts'
import type { StoreSettings, TlsVersion } from '../zoocfg/settings/tls-parts.ts'
import { readKeyStore, readTrustStore } from './key-store.ts'

/** As long as Netty gives a handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** TLS on one port, with the files that zoo.cfg names. */
export interface ServerTls extends Pick<
  TlsServerOptions,
  'clientAuth' | 'verifiesClientAddress' | 'mode' | 'detectionTimeoutMs' | 'handshakesMax'
> {
  /** What the keys of the two stores begin with: `ssl`. */
  readonly prefix: string
  readonly keyStore: StoreSettings
  readonly trustStore: StoreSettings
  readonly versions: readonly TlsVersion[]
  readonly cipherSuites: readonly CipherSuite[]
}

/**
 * Reads the files.
 *
 * @param faults gets what is wrong with them
 * @returns null when the key store cannot be used, which is then among the faults
 */
export function readServerTls(tls: ServerTls, faults: Fault[]): TlsServerOptions | null {
  const { prefix, keyStore, trustStore, versions, cipherSuites } = tls
  const identity = gather(faults, () => readKeyStore(keyStore, `${prefix}.keyStore`))
  // Without a trust store Java takes the roots that come with it; so does Node.
  const authorityPem =
    trustStore.location === null ? null : gather(faults, () => readTrustStore(trustStore, `${prefix}.trustStore`))
  if (identity === null) return null
  // A version without a suite would get OpenSSL's own ones, that nobody asked for.
  const usable = versions.filter((version) => cipherSuites.some((suite) => suite.version === version))
  return {
    identity,
    authorityPem,
    minVersion: usable[0] ?? 'TLSv1.2',
    maxVersion: usable.at(-1) ?? 'TLSv1.3',
    ciphers: cipherSuites.map(({ openssl }) => openssl),
    clientAuth: tls.clientAuth,
    verifiesClientAddress: tls.verifiesClientAddress,
    mode: tls.mode,
    detectionTimeoutMs: tls.detectionTimeoutMs,
    handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    handshakesMax: tls.handshakesMax,
  }
}
