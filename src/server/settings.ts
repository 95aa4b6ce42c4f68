/** One server's address as its `server.N` line gives it. */
export interface PeerAddress {
  readonly id: number
  readonly host: string
  /** Where this server listens for its peers. */
  readonly peerPort: number
  readonly isObserver: boolean
}

/** What one server does, checked and in one unit each; made from zoo.cfg by whoever starts the server. */
export interface ServerSettings {
  /** 1 to 254. A server without `server.N` lines has the id 1 and no peers. */
  readonly id: number
  /** All members, this server included; empty when standalone. */
  readonly members: readonly PeerAddress[]
  readonly clientHost: string
  readonly clientPort: number
  readonly clientPortListenBacklog: number | null
  readonly dataDir: string
  readonly dataLogDir: string
  readonly tickTimeMs: number
  readonly initLimitTicks: number
  readonly syncLimitTicks: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly maxClientCnxns: number
  readonly globalOutstandingLimit: number
  readonly snapCount: number
  readonly preAllocSizeBytes: number
  /** False: acceptances are written but not synced. Promises are synced always. */
  readonly forceSync: boolean
  readonly juteMaxBufferBytes: number
  /** Four letter words that are answered; `srvr` always is. `*` stands for all. */
  readonly fourLetterWords: readonly string[]
  readonly snapRetainCount: number
  /** The fresh-ensemble flag: this server's empty folder may vote. */
  readonly isInitial: boolean
}
