import { CertificateAuthority } from '../src/ensemble/certificate-authority.ts'
import type { TlsClientOptions, TlsServerOptions } from '../src/kernel/ports.ts'

/** Made once a file of tests: a key takes some 70 ms. */
export const authority = await CertificateAuthority.make('test authority')
/** One that nobody trusts. */
export const stranger = await CertificateAuthority.make('stranger')
export const serverIdentity = await authority.issue({ commonName: 'server', use: 'server' })
export const clientIdentity = await authority.issue({ commonName: 'client', use: 'client' })

/** A server that wants a certificate of its clients. */
export function tlsServer(options: Partial<TlsServerOptions> = {}): TlsServerOptions {
  return {
    identity: serverIdentity,
    authorityPem: authority.certificatePem,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: null,
    clientAuth: 'need',
    verifiesClientAddress: false,
    mode: 'tls',
    detectionTimeoutMs: 5_000,
    handshakeTimeoutMs: 10_000,
    handshakesMax: 100,
    ...options,
  }
}

/** A client that has one. */
export function tlsClient(options: Partial<TlsClientOptions> = {}): TlsClientOptions {
  return {
    identity: clientIdentity,
    authorityPem: authority.certificatePem,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: null,
    verifiesHost: true,
    ...options,
  }
}
