/**
 * The world as every room below `server` meets it: clock, disk, network, chance. `io/` has the real ones, `sim/` the
 * simulated ones, and the code between them is the same. Callbacks rather than promises, for this is the hot path; a
 * callback never runs before the call that took it has returned.
 */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Monotonic milliseconds with a fraction, from an arbitrary start. */
  nowMs(): number
  /** Milliseconds of wall time since 1970, whole. */
  wallMs(): number
  setTimer(delayMs: number, onFire: () => void): Timer
  /** After the input that is already here has been read: what arrives in one turn can leave in one write. */
  afterTurn(callback: () => void): void
}

/** Fills with unpredictable bytes: session ids and passwords. */
export interface Entropy {
  fill(bytes: Uint8Array): void
}

export interface OpenFile {
  /** Writes all of `bytes` at `position`; not durable until a `sync` that starts later has finished. */
  write(bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void
  /** fdatasync: data and the metadata needed to read it back. */
  sync(onDone: (error: Error | null) => void): void
  /** `write` of what is due, then `sync`, in one step. */
  writeAndSync(bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void
  /** The same, now: blocks the event loop for a whole flush. For starting up and for tests of single steps. */
  writeAndSyncNow(bytes: Uint8Array, position: number): void
  /** Sets the length; bytes beyond the old one read as zero. Blocks. */
  resizeNow(sizeBytes: number): void
  /** Blocks. Waits for no write under way: the caller has none. */
  closeNow(): void
}

/**
 * Files, by full path. The calls that block are for starting, rolling over and ending. A failure throws, or reaches the
 * callback as, a ZktuneError (`DiskFailed`) that names the path.
 *
 * A new, renamed or removed file counts only after `syncFolder` of its folder; the simulated disk forgets it otherwise.
 */
export interface Disk {
  /** Names in a folder, sorted; empty when the folder is missing. */
  list(folder: string): string[]
  exists(path: string): boolean
  /** With its missing parents, all durable when it returns. */
  makeFolder(folder: string): void
  sizeBytes(path: string): number
  /** The whole file, or `length` bytes from `position` (fewer at its end). */
  read(path: string, position?: number, length?: number): Buffer
  /** Opens for writing, made when missing. */
  open(path: string): OpenFile
  rename(from: string, to: string): void
  remove(path: string): void
  syncFolder(folder: string): void
}

export interface ConnectionHandler {
  /** @param bytes lent: written over when the call has returned */
  onData(bytes: Buffer): void
  /** After `write` returned false: what was buffered has left. */
  onDrain(): void
  /** Once, whoever closed it. @param error null when it ended cleanly */
  onClose(error: Error | null): void
}

export interface Connection {
  /** Who handles what arrives. Set in the callback that announced the connection, before it returns. */
  handler: ConnectionHandler
  readonly remoteHost: string
  readonly remotePort: number
  /** What TLS has agreed on; null for a connection in the clear. */
  readonly tls: TlsSession | null
  /** The bytes belong to the connection until `bufferedBytes` is 0. @returns false when the caller should wait for `onDrain` */
  write(bytes: Uint8Array): boolean
  /** Bytes accepted by `write` that the operating system has not taken yet. */
  readonly bufferedBytes: number
  /** Stops and resumes `onData`: backpressure to the sender by its TCP window. */
  pause(): void
  resume(): void
  /** Sends what is buffered, then closes. */
  end(): void
  /** Closes at once and forgets what is buffered. */
  destroy(): void
}

export interface TlsSession {
  readonly protocol: TlsVersion
  /** As IANA names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** The certificate that the other side has proved to hold, as DER; null when it showed none. */
  readonly peerCertificate: Uint8Array | null
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** A private key with the certificates that go with it. */
export interface TlsIdentity {
  /** PKCS#8 or the key's own form, as PEM; not encrypted. */
  readonly keyPem: string
  /** The own certificate first, then those that lead from it to a root, as PEM. */
  readonly chainPem: string
}

/** What either side of a TLS connection has and asks for. */
export interface TlsParameters {
  /** Whom the other side's certificate must lead to, as PEM; null takes the roots that come with the platform. */
  readonly authorityPem: string | null
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** In OpenSSL's spelling, the best first; null takes the platform's own list. */
  readonly ciphers: readonly string[] | null
}

/**
 * - `tls`: nothing but TLS is spoken
 * - `either`: the first bytes decide
 */
export type TlsMode = 'tls' | 'either'

export interface TlsServerOptions extends TlsParameters {
  readonly identity: TlsIdentity
  /** `want`: a client may come without a certificate, but not with one that is not trusted. */
  readonly clientAuth: 'need' | 'want' | 'none'
  /** A client's certificate must name the address that the client comes from. */
  readonly verifiesClientAddress: boolean
  readonly mode: TlsMode
  /** `either` alone: who has sent nothing after this long speaks in the clear. */
  readonly detectionTimeoutMs: number
  readonly handshakeTimeoutMs: number
  /** Handshakes under way; one more client is closed at once. */
  readonly handshakesMax: number
}

export interface TlsClientOptions extends TlsParameters {
  /** Null: this client shows no certificate. */
  readonly identity: TlsIdentity | null
  /** Whether the server's certificate must name the host that is connected to. */
  readonly verifiesHost: boolean
}

/** A connection that a listener with TLS closed before it was announced. */
export interface TlsRefusal {
  readonly kind: 'plaintext' | 'handshake' | 'certificate' | 'timeout' | 'limit' | 'gone'
  readonly remoteHost: string
  /** As the end of a sentence that begins with the client. */
  readonly reason: string
}

export interface Listener {
  readonly port: number
  /** TLS handshakes under way. */
  readonly handshakes: number
  /** What new connections get from here on. Only for a listener that was given TLS. */
  setTls(options: TlsServerOptions): void
  /** Stops accepting; open connections live on. */
  close(onClosed: () => void): void
}

export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Null takes the operating system's own. */
  readonly backlog: number | null
  /** Whether the system probes connections that are silent for long; absent: no. */
  readonly keepsAlive?: boolean
  /** Absent: in the clear. A connection is announced when its handshake is through. */
  readonly tls?: TlsServerOptions
  /** Hears of connections that came to nothing. */
  readonly onTlsRefusal?: (refusal: TlsRefusal) => void
}

export interface ConnectTo {
  readonly host: string
  readonly port: number
  /** Until the connection stands, its TLS handshake included. */
  readonly timeoutMs: number
  /** Whether the system probes the connection when it is silent for long; absent: no. */
  readonly keepsAlive?: boolean
  /** Absent: in the clear. */
  readonly tls?: TlsClientOptions
}

export interface Network {
  /** @param onListening gets the listener, or the ZktuneError (`PortInUse`, `CannotListen`) */
  listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => void,
    onListening: (result: Listener | Error) => void,
  ): void
  /**
   * @param onConnected gets the connection, or the ZktuneError (`CannotConnect`)
   * @returns a handle that gives up on connecting: nobody is called back then; harmless afterwards
   */
  connect(to: ConnectTo, onConnected: (result: Connection | Error) => void): { cancel(): void }
}

/** The machine and the process, as far as administrators ask for them. */
export interface Host {
  /** What stays as it is while the process runs, in the order in which `envi` lists it, under the names it has there. */
  readonly properties: ReadonlyMap<string, string>
  /** Of the process's heap: what it holds free, all that it holds, and all that it may ever hold. */
  memory(): { readonly freeBytes: number; readonly totalBytes: number; readonly maxBytes: number }
  /** Null where the system does not tell. */
  openFiles(): number | null
  openFilesMax(): number | null
}

export type HttpHandler = (request: Request) => Response | Promise<Response>

export interface HttpOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** A connection on which nothing moves for so long is closed. */
  readonly idleTimeoutMs: number
  /** Absent: HTTP alone. */
  readonly tls?: TlsServerOptions
  /** Hears of connections that came to nothing. */
  readonly onTlsRefusal?: (refusal: TlsRefusal) => void
}

export interface HttpListener {
  readonly port: number
  /** Ends open connections, too. */
  close(onClosed: () => void): void
}

/** Serves requests in the form of the Fetch standard: promises, for none of this is the hot path. */
export interface Http {
  /** @throws ZktuneError PortInUse, CannotListen */
  serve(options: HttpOptions, handler: HttpHandler): Promise<HttpListener>
}
