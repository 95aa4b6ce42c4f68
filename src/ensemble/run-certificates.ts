import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsClientOptions, TlsIdentity } from '../kernel/ports.ts'
import { CertificateAuthority } from './certificate-authority.ts'

/** `mutual`: the servers ask for a certificate of their clients too. */
export type EnsembleTlsMode = 'server' | 'mutual'

/** How clients come to an ensemble by TLS. */
export interface EnsembleTls {
  /** For a client of ours. Holds a private key: not for a report. */
  readonly client: TlsClientOptions
  /** PEM files for a client of anybody's. */
  readonly files: {
    readonly ca: string
    /** Null: the servers ask for no certificate. */
    readonly cert: string | null
    readonly key: string | null
    /** Key and certificate in one file, as Java's clients take them. */
    readonly keyStore: string | null
  }
  /** What the servers of the run have: key and certificate in one file, and the authority. */
  readonly server: { readonly keyStore: string; readonly trustStore: string }
  /** Holds all of these files. */
  readonly folder: string
}

const FOLDER = 'tls'
const KEY_MODE = 0o600

/** Makes the keys and certificates of one run, in a folder of its own that nobody else may read. */
export async function makeRunCertificates(runFolder: string, mode: EnsembleTlsMode): Promise<EnsembleTls> {
  const authority = await CertificateAuthority.make('zktune throw-away authority')
  const server = await authority.issue({ commonName: 'localhost', use: 'server' })
  const client = mode === 'mutual' ? await authority.issue({ commonName: 'client', use: 'client' }) : null
  const folder = join(runFolder, FOLDER)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  const write = (name: string, ...parts: string[]): string => {
    const path = join(folder, name)
    writeFileSync(path, parts.join(''), { mode: KEY_MODE })
    return path
  }
  const ca = write('ca.pem', authority.certificatePem)
  return {
    client: clientOptions(authority.certificatePem, client),
    files: {
      ca,
      cert: client === null ? null : write('client-cert.pem', client.chainPem),
      key: client === null ? null : write('client-key.pem', client.keyPem),
      keyStore: client === null ? null : write('client.pem', client.keyPem, client.chainPem),
    },
    server: { keyStore: write('server.pem', server.keyPem, server.chainPem), trustStore: ca },
    folder,
  }
}

function clientOptions(authorityPem: string, identity: TlsIdentity | null): TlsClientOptions {
  return { authorityPem, identity, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: null, verifiesHost: true }
}
