import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import type { TlsServerOptions } from '../kernel/ports.ts'
import type { HttpTls } from '../server/settings.ts'
import type { AdminSettings } from '../zoocfg/settings/admin-settings.ts'
import type { HttpTlsSettings } from '../zoocfg/settings/http-tls-settings.ts'
import { readServerTls } from './server-tls.ts'

const DETECTION_TIMEOUT_MS = 5_000
/** Administrators are few. */
const HANDSHAKES_MAX = 100

/**
 * TLS for the administrators of a server, with the files that its zoo.cfg names.
 *
 * @throws FaultyInput with every fault of the files
 */
export function httpTlsOf({ adminServer, metrics }: AdminSettings): HttpTls {
  const faults: Fault[] = []
  const read = (settings: HttpTlsSettings | null): TlsServerOptions | null => {
    if (settings === null) return null
    const limits = {
      verifiesClientAddress: false,
      detectionTimeoutMs: DETECTION_TIMEOUT_MS,
      handshakesMax: HANDSHAKES_MAX,
    }
    return readServerTls({ ...settings, ...limits }, faults)
  }
  const tls = { admin: read(adminServer?.tls ?? null), metrics: read(metrics?.https?.tls ?? null) }
  throwFaults(faults)
  return tls
}
