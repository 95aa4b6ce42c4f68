import { strict as assert } from 'node:assert'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import type {
  Clock,
  Connection,
  ConnectionHandler,
  Disk,
  Host,
  Listener,
  Network,
  Timer,
  TlsSession,
} from '../../src/kernel/ports.ts'
import { Prng } from '../../src/kernel/prng.ts'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import { readConnectResponse, writeConnectRequest, type ConnectResponse } from '../../src/protocol/connect.ts'
import { writeCreateRequest } from '../../src/protocol/create.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { readReplyHeader, type ReplyHeader } from '../../src/protocol/reply-header.ts'
import type { AuditLog } from '../../src/server/audit-log.ts'
import { ClientListener } from '../../src/server/clients/client-listener.ts'
import { ClientSessions } from '../../src/server/clients/client-sessions.ts'
import { AdminFacts } from '../../src/server/admin/admin-facts.ts'
import type { Expiry, LearnerFigures, ReplicationFigures } from '../../src/server/admin/admin-facts.ts'
import type { DigestEntry } from '../../src/server/admin/digest-log.ts'
import { FourLetterWords } from '../../src/server/admin/four-letter-words.ts'
import type { Metric } from '../../src/server/admin/metric.ts'
import type {
  AttachRequest,
  Audience,
  ReplicatedService,
  ServerMode,
} from '../../src/server/replication/replicated-service.ts'
import type { PeerAddress, ServerSettings } from '../../src/server/settings.ts'
import { lend } from '../../src/sim/lend.ts'
import { patchCommandTime } from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { readEngineSettings } from '../../src/zoocfg/engine-settings.ts'

/** A clock that stands until it is told to move. */
export class FakeClock implements Clock {
  #nowMs = 0
  #turn: (() => void)[] = []
  readonly #timers = new Set<{ atMs: number; onFire: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  setTimer(delayMs: number, onFire: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, onFire }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  afterTurn(callback: () => void): void {
    this.#turn.push(callback)
  }

  endTurn(): void {
    while (this.#turn.length > 0) {
      const callbacks = this.#turn
      this.#turn = []
      for (const callback of callbacks) callback()
    }
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#nowMs = due.atMs
      due.onFire()
      this.endTurn()
    }
    this.#nowMs = untilMs
  }
}

/** The server's end of a client's socket. */
export class FakeConnection implements Connection {
  handler: ConnectionHandler = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined }
  readonly remoteHost: string
  readonly remotePort = 40_000
  readonly tls: TlsSession | null
  bufferedBytes = 0
  isPaused = false
  /** Null while it is open. */
  closed: 'ended' | 'destroyed' | null = null
  /** One element a `write`. */
  readonly written: Buffer[] = []
  /** While true the socket takes no more: writes return false. */
  isFull = false

  constructor(remoteHost = '127.0.0.1', tls: TlsSession | null = null) {
    this.remoteHost = remoteHost
    this.tls = tls
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes))
    if (this.isFull) this.bufferedBytes += bytes.length
    return !this.isFull
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  end(): void {
    this.#close('ended')
  }

  destroy(): void {
    this.#close('destroyed')
  }

  drain(): void {
    this.isFull = false
    this.bufferedBytes = 0
    this.handler.onDrain()
  }

  #close(how: 'ended' | 'destroyed'): void {
    if (this.closed !== null) return
    this.closed = how
    this.handler.onClose(null)
  }
}

/** Replication by decree: what is submitted waits until the test applies it. */
export class FakeService implements ReplicatedService {
  readonly tree = new DataTree()
  isServing = true
  isReadOnly = false
  mode: ServerMode = 'standalone'
  readonly submitted: Buffer[] = []
  readonly syncs: number[] = []
  readonly attaches: AttachRequest[] = []
  readonly touched: number[] = []
  #lastRequestNumber = 1_000
  #timeMs = 1_700_000_000_000

  get audience(): Audience {
    if (this.isReadOnly) return 'readers'
    return this.isServing ? 'everybody' : 'nobody'
  }

  nextRequestNumber(): number {
    return ++this.#lastRequestNumber
  }

  submit(command: Buffer): void {
    this.submitted.push(command)
  }

  sync(requestNumber: number): void {
    this.syncs.push(requestNumber)
  }

  attach(request: AttachRequest): void {
    this.attaches.push(request)
  }

  touch(_sessionHigh: number, sessionLow: number): void {
    this.touched.push(sessionLow)
  }

  /** Applies the oldest `count` submitted commands, as one batch. */
  apply(sessions: ClientSessions, count = this.submitted.length): void {
    for (const command of this.submitted.splice(0, count)) {
      patchCommandTime(command, this.#timeMs++)
      sessions.onApplied(this.tree.apply(command))
    }
    sessions.onBatchEnd()
  }
}

/** Server 3 with defaults, but for these lines of zoo.cfg. */
export function serverSettings(
  lines: Readonly<Record<string, string>> = {},
  members: readonly PeerAddress[] = [],
): ServerSettings {
  const all = { tickTime: '2000', initLimit: '10', syncLimit: '5', '4lw.commands.whitelist': '*', ...lines }
  const settings = new Map(Object.entries(all).map(([key, value]) => [key, { key, value, where: 'zoo.cfg' }]))
  const findings = { faults: [], remarks: [] }
  const read = readEngineSettings(settings, findings)
  assert.deepEqual(findings.faults, [])
  return {
    ...read,
    id: 3,
    members,
    membersText: '',
    clientHost: '127.0.0.1',
    clientPort: 0,
    secureClient: null,
    httpTls: { admin: null, metrics: null },
    dataDir: '/data',
    dataLogDir: '/log',
    cluster: { ...read.cluster, initLimitTicks: 10, syncLimitTicks: 5 },
    isInitial: true,
  }
}

/** Replication by hand, as administrators see it. */
export class FakeFigures implements ReplicationFigures {
  expiring: readonly Expiry[] | null = null
  leads = false
  following: LearnerFigures[] = []
  slowSyncs = 0
  snapshot: ReturnType<ReplicationFigures['lastSnapshot']> = { zxid: 0x70, wallMs: 1_700_000_000_000 }

  proposalSizes(): { readonly last: number; readonly min: number; readonly max: number } | null {
    return this.leads ? { last: 48, min: 36, max: 267 } : null
  }

  *metrics(): Iterable<Metric> {
    yield { kind: 'counter', name: 'fsync_threshold_exceed_count', value: this.slowSyncs }
    yield { kind: 'gauge', name: 'learners', value: 2, isDecimal: false }
  }

  expiries(): readonly Expiry[] | null {
    return this.expiring
  }

  digests(): readonly DigestEntry[] {
    return [
      { zxid: 0x80, digest: 4_294_967_295 },
      { zxid: 0x100, digest: 7 },
    ]
  }

  lastSnapshot(): { readonly zxid: number; readonly wallMs: number | null } | null {
    return this.snapshot
  }

  learners(): readonly LearnerFigures[] {
    return this.following
  }

  resetObservers(): void {
    this.following = this.following.map((one) => {
      return one.isObserver ? { ...one, packetsReceived: 0, packetsSent: 0 } : one
    })
  }

  leader(): number | null {
    return 3
  }

  reset(): void {
    // There is nothing that it counts.
  }
}

/** One folder for snapshots and log. */
class FakeFolders implements Pick<Disk, 'list' | 'sizeBytes'> {
  readonly #files = new Map([
    ['/state/snapshot.1', 1000],
    ['/state/snapshot.2', 234],
    ['/state/log.1-1-0', 67_108_864],
  ])

  list(folder: string): string[] {
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1))
  }

  sizeBytes(path: string): number {
    return this.#files.get(path) ?? 0
  }
}

const FAKE_HOST: Host = {
  properties: new Map([
    ['host.name', 'beetle'],
    ['os.name', 'Linux'],
  ]),
  memory: () => ({ freeBytes: 5 * 2 ** 20, totalBytes: 17 * 2 ** 20, maxBytes: 4096 * 2 ** 20 }),
  openFiles: () => 21,
  openFilesMax: () => 1024,
}

/** One server's client side with everything around it made by hand. */
export class FakeServer {
  readonly clock = new FakeClock()
  readonly service = new FakeService()
  readonly sessions: ClientSessions
  readonly admin: AdminFacts
  readonly figures = new FakeFigures()
  #accept: (connection: Connection) => void = () => undefined

  /** @param lines of zoo.cfg */
  constructor(
    lines: Readonly<Record<string, string>> = {},
    members: readonly PeerAddress[] = [],
    audit: AuditLog | null = null,
  ) {
    const all = serverSettings(lines, members)
    const prng = new Prng(7)
    this.sessions = new ClientSessions({
      service: this.service,
      settings: all,
      clock: this.clock,
      entropy: { fill: (bytes) => prng.fill(bytes) },
      audit,
    })
    this.admin = new AdminFacts({
      sessions: this.sessions,
      figures: this.figures,
      clock: this.clock,
      disk: new FakeFolders(),
      host: FAKE_HOST,
      snapshotFolder: '/state',
      logFolder: '/state',
      handshakes: () => 2,
    })
    const words = new FourLetterWords(this.admin)
    this.sessions.answerWordsWith((number, argument, asker) => words.answer(number, argument, asker))
    this.sessions.start()
    const network: Network = {
      listen: (_options, onConnection, onListening) => {
        this.#accept = onConnection
        onListening({
          port: 2181,
          handshakes: 0,
          setTls: () => undefined,
          close: (onClosed) => onClosed(),
        } satisfies Listener)
      },
      connect: () => ({ cancel: () => undefined }),
    }
    new ClientListener(all, this.sessions).listen(network, () => undefined)
  }

  /** A socket that has just been accepted. */
  accept(address?: string, tls: TlsSession | null = null): FakeClient {
    const connection = new FakeConnection(address, tls)
    this.#accept(connection)
    return new FakeClient(this, connection)
  }

  /** A client with a session. */
  connect(options: Partial<Parameters<FakeClient['sendConnect']>[0]> = {}): FakeClient {
    const client = this.accept()
    client.sendConnect(options)
    this.apply()
    client.takeConnected()
    return client
  }

  apply(count?: number): void {
    this.service.apply(this.sessions, count)
    this.clock.endTurn()
  }
}

export interface FakeReply extends ReplyHeader {
  /** What stands behind the header. */
  readonly record: Buffer
}

/** The far end: builds requests, takes answers apart. */
export class FakeClient {
  readonly connection: FakeConnection
  sessionHigh = 0
  sessionLow = 0
  password: Uint8Array = Buffer.alloc(16)
  readonly #server: FakeServer
  #unread = Buffer.alloc(0)

  constructor(server: FakeServer, connection: FakeConnection) {
    this.#server = server
    this.connection = connection
  }

  sendConnect({
    lastZxidSeen = 0,
    timeoutMs = 10_000,
    high = 0,
    low = 0,
    password = this.password,
    old = false,
    readOnly = false,
  }): void {
    const out = new ByteWriter()
    writeConnectRequest(out, {
      protocolVersion: 0,
      lastZxidSeen,
      timeoutMs,
      sessionHigh: high,
      sessionLow: low,
      password,
      readOnly: old ? null : readOnly,
    })
    this.sendRaw(framed(out.take()))
  }

  /** Bytes as one chunk of the socket. */
  sendRaw(bytes: Uint8Array): void {
    lend(bytes, (lent) => this.connection.handler.onData(lent))
    this.#server.clock.endTurn()
  }

  send(...requests: Buffer[]): void {
    this.sendRaw(Buffer.concat(requests))
  }

  takeConnected(): ConnectResponse {
    const frame = this.#takeFrame()
    if (frame === null) throw new Error('no ConnectResponse has come')
    const response = readConnectResponse(new ByteReader(frame))
    this.sessionHigh = response.sessionHigh
    this.sessionLow = response.sessionLow
    this.password = Buffer.from(response.password ?? [])
    return response
  }

  /** All replies and events that have come, in order. */
  takeReplies(): FakeReply[] {
    const replies: FakeReply[] = []
    for (let frame = this.#takeFrame(); frame !== null; frame = this.#takeFrame()) {
      const reader = new ByteReader(frame)
      replies.push({ ...readReplyHeader(reader), record: reader.rest() })
    }
    return replies
  }

  /** The replies as `xid:error`, events as `event`. */
  takeOrder(): string[] {
    return this.takeReplies().map(({ xid, error }) => (xid === -1 ? 'event' : `${xid}:${error}`))
  }

  /** Everything that was written and not yet taken, as it is. */
  takeText(): string {
    const text = Buffer.concat([this.#unread, ...this.connection.written.splice(0)]).toString('latin1')
    this.#unread = Buffer.alloc(0)
    return text
  }

  #takeFrame(): Buffer | null {
    this.#unread = Buffer.concat([this.#unread, ...this.connection.written.splice(0)])
    if (this.#unread.length < 4) return null
    const end = 4 + this.#unread.readInt32BE(0)
    if (this.#unread.length < end) return null
    const frame = this.#unread.subarray(4, end)
    this.#unread = this.#unread.subarray(end)
    return frame
  }
}

export function framed(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(payload.length)
  return Buffer.concat([length, payload])
}

export function request(xid: number, type: number, write: (out: ByteWriter) => void = () => undefined): Buffer {
  const out = new ByteWriter().int32(xid).int32(type)
  write(out)
  return framed(out.take())
}

export function create(xid: number, path: string, flags = 0, data = ''): Buffer {
  return request(xid, OpCode.create, (out) =>
    writeCreateRequest(out, { path, data: Buffer.from(data), acl: OPEN_ACL, flags }),
  )
}

export function getData(xid: number, path: string, watch = false): Buffer {
  return request(xid, OpCode.getData, (out) => out.string(path).boolean(watch))
}

export function setData(xid: number, path: string, data = '', version = -1): Buffer {
  return request(xid, OpCode.setData, (out) => out.string(path).buffer(Buffer.from(data)).int32(version))
}

export function sync(xid: number, path: string | null = '/'): Buffer {
  return request(xid, OpCode.sync, (out) => out.string(path))
}

export function ping(): Buffer {
  return request(-2, OpCode.ping)
}

export function closeSession(xid: number): Buffer {
  return request(xid, OpCode.closeSession)
}
