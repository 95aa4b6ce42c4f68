import type { TlsServerOptions } from '../kernel/ports.ts'
import type { EngineSettings } from '../zoocfg/engine-settings.ts'
import type { QuorumRule } from '../zoocfg/quorum-rule.ts'
import type { ClusterSettings } from '../zoocfg/settings/cluster-settings.ts'

/** One server's address as its `server.N` line gives it. */
export interface PeerAddress {
  readonly id: number
  readonly host: string
  /** Where this server listens for its peers. */
  readonly peerPort: number
  readonly isObserver: boolean
  /** Further addresses of its server line, where `multiAddress.enabled` lets them count; absent: none. */
  readonly otherAddresses?: readonly HostAndPort[]
  /** Where this one server reaches it instead, as through a tunnel; absent: at the addresses of its line. */
  readonly reachedAt?: HostAndPort
}

export interface HostAndPort {
  readonly host: string
  readonly peerPort: number
}

/** A server runs with limits, a standalone one too. */
export interface ServerClusterSettings extends Omit<ClusterSettings, 'quorum'> {
  /** Over the members that are no observers. */
  readonly quorum: QuorumRule
  readonly initLimitTicks: number
  readonly syncLimitTicks: number
}

/** TLS for clients, with what the files that zoo.cfg names hold. */
export interface SecureClientSettings {
  readonly host: string
  /** 0: any free port; null: no port of its own, so that it is for `tls.unifiesPorts` alone. */
  readonly port: number | null
  readonly tls: TlsServerOptions
}

/** TLS for administrators, with what the files that zoo.cfg names hold; null each: HTTP alone, or no port with TLS. */
export interface HttpTls {
  readonly admin: TlsServerOptions | null
  readonly metrics: TlsServerOptions | null
}

/**
 * What one server does, checked and in one unit each; made from zoo.cfg by whoever starts the server. The groups are
 * those of zoo.cfg; of `limits.globalOutstandingLimit` it is this server's share.
 */
export interface ServerSettings extends Omit<EngineSettings, 'cluster'> {
  /** 1 to 254. A server without `server.N` lines has the id 1 and no peers. */
  readonly id: number
  /** All members, this server included; empty when standalone. */
  readonly members: readonly PeerAddress[]
  /** The same as `/zookeeper/config` shows them, without the version; empty when standalone. */
  readonly membersText: string
  readonly clientHost: string
  /** 0: any free port; null: clients come by TLS only. */
  readonly clientPort: number | null
  /** Null: there is no TLS for clients. */
  readonly secureClient: SecureClientSettings | null
  readonly httpTls: HttpTls
  readonly dataDir: string
  readonly dataLogDir: string
  /** The fresh-ensemble flag: this server's empty folder may vote. */
  readonly isInitial: boolean
  readonly cluster: ServerClusterSettings
}
