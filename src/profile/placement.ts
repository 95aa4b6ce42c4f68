const FOLDERS = 'the run makes folders of its own; --data-dir and --log-dir put them on a real device'
const PORTS = 'the run listens on free ports of this machine'
const CERTIFICATES = 'the run makes throw-away keys and certificates of its own'
const ADMINISTRATORS = 'the servers of a run speak to each other, and to administrators of this machine, without TLS'
const ENSEMBLE = 'the run starts an ensemble of its own on this machine'

const REASONS = new Map<string, string>([
  ['dataDir', FOLDERS],
  ['dataLogDir', FOLDERS],
  ['clientPort', PORTS],
  ['clientPortAddress', PORTS],
  ['secureClientPort', PORTS],
  ['secureClientPortAddress', PORTS],
  ['client.portUnification', 'the clients of a run all speak TLS, or none does'],
  ...['ssl', 'ssl.quorum', 'metricsProvider.ssl'].flatMap((prefix) =>
    ['keyStore', 'trustStore'].flatMap((store) =>
      ['location', 'password', 'passwordPath', 'type'].map((part) => {
        return [`${prefix}.${store}.${part}`, prefix === 'ssl' ? CERTIFICATES : ADMINISTRATORS] as const
      }),
    ),
  ),
  ...['forceHttps', 'portUnification', 'needClientAuth'].map((part) => [`admin.${part}`, ADMINISTRATORS] as const),
  ...['httpsPort', 'ssl.need.client.auth', 'ssl.want.client.auth', 'ssl.enabledProtocols', 'ssl.ciphersuites'].map(
    (part) => [`metricsProvider.${part}`, ADMINISTRATORS] as const,
  ),
  ['dynamicConfigFile', 'the run opens no file that a zoo.cfg names, so the servers come from the cluster profile'],
  ['standaloneEnabled', ENSEMBLE],
  ['peerType', ENSEMBLE],
])

/** Why a run puts its own value in the place of a setting that says where a server lives; null for all others. */
export function placementReason(key: string): string | null {
  return REASONS.get(key) ?? (key.startsWith('server.') ? ENSEMBLE : null)
}

/** Whether a profile may not have the key, for it belongs to one server rather than to all. */
export function isPlacement(key: string): boolean {
  return placementReason(key) !== null
}
