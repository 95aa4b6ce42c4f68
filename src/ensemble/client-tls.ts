import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import type { TlsServerOptions } from '../kernel/ports.ts'
import type { ServerConfig } from '../zoocfg/server-config.ts'
import type { TlsSettings } from '../zoocfg/settings/tls-settings.ts'
import type { SecureClientSettings } from '../server/settings.ts'
import { readServerTls } from './server-tls.ts'

/**
 * TLS for the clients of a server, with the files that its zoo.cfg names.
 *
 * @returns null when zoo.cfg asks for no TLS
 * @throws FaultyInput with every fault of the settings and the files
 */
export function clientTlsOf(config: ServerConfig): SecureClientSettings | null {
  const { tls } = config.settings
  const isUnified = tls.unifiesPorts && config.clientPort !== null
  if (config.secureClientPort === null && !isUnified) return null
  return { host: config.secureClientHost ?? '0.0.0.0', port: config.secureClientPort, tls: tlsOptionsOf(tls) }
}

/** @throws FaultyInput as `clientTlsOf` does */
export function tlsOptionsOf(tls: TlsSettings): TlsServerOptions {
  const faults: Fault[] = []
  const options = readServerTls({ ...tls, prefix: 'ssl', mode: 'tls' }, faults)
  if (tls.checksRevocation !== null) {
    const { key, where } = tls.checksRevocation
    faults.push({
      code: 'NotSupported',
      where,
      what: `${key} asks for revoked certificates to be refused, and the built-in engine cannot tell which are`,
      mend: `Delete the line and use short-lived certificates, or let Apache ZooKeeper run this server.`,
    })
  }
  throwFaults(faults)
  if (options === null) throw new TypeError('a key store that was read without a fault has an identity')
  return options
}
