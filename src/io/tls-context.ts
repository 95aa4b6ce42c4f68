import { isIP } from 'node:net'
import tls, { type ConnectionOptions, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { TlsClientOptions, TlsIdentity, TlsParameters, TlsServerOptions, TlsSession } from '../kernel/ports.ts'

/** Making a context parses keys and certificates: once for all connections that share their options. */
const clientContexts = new WeakMap<TlsClientOptions, tls.SecureContext>()

export function tlsConnectOptions(options: TlsClientOptions, host: string): ConnectionOptions {
  let secureContext = clientContexts.get(options)
  if (secureContext === undefined) {
    secureContext = tls.createSecureContext(contextOptions(options, options.identity))
    clientContexts.set(options, secureContext)
  }
  return {
    secureContext,
    // The name goes out in the clear, for servers with a certificate a name; an address is no name (RFC 6066, 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(options.verifiesHost ? {} : { checkServerIdentity: () => undefined }),
  }
}

export function tlsServerContext(options: TlsServerOptions): SecureContextOptions {
  return { ...contextOptions(options, options.identity), honorCipherOrder: true }
}

/** @param socket after its handshake */
export function tlsSessionOf(socket: TLSSocket): TlsSession {
  return {
    protocol: socket.getProtocol() === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3',
    cipher: socket.getCipher().standardName,
    peerCertificate: socket.getPeerX509Certificate()?.raw ?? null,
  }
}

function contextOptions(parameters: TlsParameters, identity: TlsIdentity | null): SecureContextOptions {
  const { authorityPem, minVersion, maxVersion, ciphers } = parameters
  return {
    minVersion,
    maxVersion,
    ...(identity === null ? {} : { key: identity.keyPem, cert: identity.chainPem }),
    ...(authorityPem === null ? {} : { ca: authorityPem }),
    ...(ciphers === null ? {} : { ciphers: ciphers.join(':') }),
  }
}
