/**
 * The settings that the servers of an ensemble share and that the built-in engine acts on, checked and in one unit: one
 * file of `settings/` for each group, which says what its knobs are and how Apache reads them.
 */
import type { Findings, Setting } from './findings.ts'
import { SettingReader } from './setting-reader.ts'
import { readAdminSettings } from './settings/admin-settings.ts'
import type { AdminSettings } from './settings/admin-settings.ts'
import { readClusterSettings } from './settings/cluster-settings.ts'
import type { ClusterSettings } from './settings/cluster-settings.ts'
import { readLimitSettings } from './settings/limit-settings.ts'
import type { LimitSettings } from './settings/limit-settings.ts'
import { readPeerSettings } from './settings/peer-settings.ts'
import type { PeerSettings } from './settings/peer-settings.ts'
import { readSecuritySettings } from './settings/security-settings.ts'
import type { SecuritySettings } from './settings/security-settings.ts'
import { readSessionSettings } from './settings/session-settings.ts'
import type { SessionSettings } from './settings/session-settings.ts'
import { readStorageSettings } from './settings/storage-settings.ts'
import type { StorageSettings } from './settings/storage-settings.ts'
import { readTelemetrySettings } from './settings/telemetry-settings.ts'
import type { TelemetrySettings } from './settings/telemetry-settings.ts'
import { readThrottleSettings } from './settings/throttle-settings.ts'
import type { ThrottleSettings } from './settings/throttle-settings.ts'
import { readTlsSettings } from './settings/tls-settings.ts'
import type { TlsSettings } from './settings/tls-settings.ts'
import { readTreeSettings } from './settings/tree-settings.ts'
import type { TreeSettings } from './settings/tree-settings.ts'

export interface EngineSettings {
  readonly cluster: ClusterSettings
  readonly peers: PeerSettings
  readonly sessions: SessionSettings
  readonly limits: LimitSettings
  readonly throttle: ThrottleSettings
  readonly security: SecuritySettings
  readonly storage: StorageSettings
  readonly tree: TreeSettings
  readonly admin: AdminSettings
  readonly tls: TlsSettings
  readonly telemetry: TelemetrySettings
}

/** @param settings by key; of duplicates the one that counts */
export function readEngineSettings(settings: ReadonlyMap<string, Setting>, findings: Findings): EngineSettings {
  const from = new SettingReader(settings, findings)
  const cluster = readClusterSettings(from)
  return {
    cluster,
    peers: readPeerSettings(from),
    sessions: readSessionSettings(from, cluster.tickTimeMs),
    limits: readLimitSettings(from),
    throttle: readThrottleSettings(from),
    security: readSecuritySettings(from),
    storage: readStorageSettings(from),
    tree: readTreeSettings(from),
    admin: readAdminSettings(from, findings),
    tls: readTlsSettings(from, findings),
    telemetry: readTelemetrySettings(from),
  }
}
