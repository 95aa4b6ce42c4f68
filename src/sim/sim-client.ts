import type { ByteReader } from '../kernel/bytes.ts'
import type { Network } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import { ZooKeeperClient } from '../client/zookeeper-client.ts'
import { OPEN_ACL } from '../protocol/acl.ts'
import { readCreateResponse, writeCreateRequest, type CreateRequest } from '../protocol/create.ts'
import { CreateMode } from '../protocol/create-mode.ts'
import { readGetDataResponse, writeGetDataRequest } from '../protocol/get-data.ts'
import { readMultiResult } from '../protocol/multi-result.ts'
import { writeMultiRequest, type MultiOperation } from '../protocol/multi.ts'
import { OpCode } from '../protocol/op-code.ts'
import { readSetDataResponse, writeSetDataRequest } from '../protocol/set-data.ts'
import { writeSyncRequest } from '../protocol/sync.ts'
import type { Ledger } from './checkers/ledger.ts'
import { CONNECTION_LOSS, NO_NODE, SESSION_EXPIRED, type Change, type Write } from './checkers/operation.ts'
import type { SimClock } from './sim-clock.ts'
import type { SimProcess } from './sim-process.ts'

/** Few, so that clients meet on them. */
const KEYS = ['/k0', '/k1', '/k2'] as const
const EPHEMERAL_KEYS = ['/e/x0', '/e/x1'] as const
/** Where the sequential ones go; the ledger knows the name. */
const SEQUENCE_PREFIX = '/seq/n'
const PARENTS = ['/e', '/seq'] as const
const IN_FLIGHT_MAX = 4
/** How long a client stays away between two sessions. */
const REBIRTH_MS = 200

export interface SimClientOptions {
  readonly index: number
  readonly process: SimProcess
  readonly clock: SimClock
  readonly network: Network
  readonly prng: Prng
  readonly connectString: string
  readonly ledger: Ledger
  /** Content with a server that serves readers alone. */
  readonly readsOnly: boolean
  readonly sessionTimeoutMs: number
  /** Mean pause between two requests, in virtual milliseconds. */
  readonly pauseMs: number
  readonly onNote: (note: string) => void
}

/**
 * A client with a mind of its own, on a machine of its own: it reads and writes a few znodes through the real client,
 * several requests at a time, and tells the ledger all it sends and hears. When its session ends it begins another.
 */
export class SimClient {
  readonly process: SimProcess
  readonly #options: SimClientOptions
  readonly #prng: Prng
  #client: ZooKeeperClient | null = null
  /** Counts its sessions: each is another client to the ledger. */
  #life = 0
  #isStopped = false
  #connection = 0
  #order = 0
  #inFlight = 0
  /** What the last sync promises to the reads that follow. */
  #floorZxid = 0
  readonly #versions = new Map<string, number>()

  constructor(options: SimClientOptions) {
    this.#options = options
    this.#prng = options.prng
    this.process = options.process
  }

  get isConnected(): boolean {
    return this.#client?.state === 'connected'
  }

  get inFlightCount(): number {
    return this.#inFlight
  }

  /** The process's main function. */
  begin(): void {
    const { network, clock, prng, connectString, readsOnly, sessionTimeoutMs, ledger, onNote } = this.#options
    this.#life++
    this.#connection = 0
    this.#order = 0
    this.#inFlight = 0
    this.#floorZxid = 0
    this.#versions.clear()
    const life = this.#life
    const name = this.#name
    this.#client = new ZooKeeperClient({
      network,
      clock,
      entropy: prng,
      connectString,
      sessionTimeoutMs,
      readOnly: readsOnly,
      onState: (state) => {
        onNote(`${name} is ${state}${state === 'connected' ? ` to ${this.#client?.server}` : ''}`)
        if (state === 'connecting') {
          this.#connection++
          ledger.onDisconnected(name)
        }
        const isOver = state === 'expired' || state === 'closed' || state === 'authFailed'
        if (isOver && life === this.#life) clock.setTimer(REBIRTH_MS, () => this.begin())
      },
      onWatch: ({ path }) => {
        if (life === this.#life) ledger.onWatchEvent(name, path)
      },
    })
    this.#prepare()
    this.#goOn(life)
  }

  /** Sends nothing new. */
  stop(): void {
    this.#isStopped = true
  }

  get #name(): string {
    return `c${this.#options.index}.${this.#life}`
  }

  /** The znodes that all clients use: whoever comes first makes them. */
  #prepare(): void {
    for (const path of [...PARENTS, ...KEYS]) {
      this.#write(false, (value) => [{ kind: 'create', path, value, isEphemeral: false, isSequential: false }])
    }
  }

  #goOn(life: number): void {
    const pauseMs = -Math.log(1 - this.#prng.float()) * this.#options.pauseMs
    this.#options.clock.setTimer(pauseMs, () => {
      if (this.#isStopped || life !== this.#life) return
      if (this.#inFlight < IN_FLIGHT_MAX) this.#ask()
      this.#goOn(life)
    })
  }

  #ask(): void {
    const draw = this.#prng.below(100)
    const key = this.#prng.pick(KEYS)
    if (draw < 35) this.#read(this.#prng.chance(0.8) ? key : this.#prng.pick(EPHEMERAL_KEYS))
    else if (draw < 60) this.#write(false, (value) => [{ kind: 'set', path: key, value, version: -1 }])
    else if (draw < 70) this.#write(false, (value) => [{ kind: 'set', path: key, value, version: this.#guess(key) }])
    else if (draw < 76) this.#createSequential()
    else if (draw < 86) this.#write(true, (value) => this.#drawChanges(value))
    else if (draw < 91) this.#createEphemeral()
    else if (draw < 99) this.#syncAndRead(key)
    else if (this.#prng.chance(0.3)) void this.#client?.close()
  }

  #createSequential(): void {
    const path = SEQUENCE_PREFIX
    this.#write(false, (value) => [{ kind: 'create', path, value, isEphemeral: false, isSequential: true }])
  }

  #createEphemeral(): void {
    const path = this.#prng.pick(EPHEMERAL_KEYS)
    this.#write(false, (value) => [{ kind: 'create', path, value, isEphemeral: true, isSequential: false }])
  }

  /** Each has a value, so that it is found in the log. */
  #drawChanges(value: string): Change[] {
    const [first, second] = this.#prng.shuffle([...KEYS]) as [string, string, string]
    const set: Change = { kind: 'set', path: first, value, version: -1 }
    switch (this.#prng.below(4)) {
      case 0:
        return [set, { kind: 'set', path: second, value, version: -1 }]
      case 1:
        return [{ kind: 'check', path: second, version: this.#guess(second) }, set]
      case 2:
        return [set, { kind: 'delete', path: this.#prng.pick(EPHEMERAL_KEYS), version: -1 }]
      default:
        return [
          { kind: 'delete', path: second, version: this.#guess(second) },
          { kind: 'create', path: second, value, isEphemeral: false, isSequential: false },
        ]
    }
  }

  /** The version last seen: right now and then. */
  #guess(path: string): number {
    return this.#versions.get(path) ?? 0
  }

  // --- one request each ---

  #write(isMulti: boolean, changesWith: (value: string) => readonly Change[]): void {
    const { ledger } = this.#options
    let write: Write | null = null
    const [first] = changesWith('')
    const type = isMulti ? OpCode.multi : first?.kind === 'create' ? OpCode.create : OpCode.setData
    const name = this.#name
    this.#submit({
      type,
      writeTo: (out) => {
        const order = this.#order++
        const id = `<${name}.${order}>`
        const changes = changesWith(id)
        write = {
          id,
          client: name,
          order,
          connection: this.#connection,
          changes,
          isMulti,
          floorZxid: ledger.ackedZxid,
        }
        ledger.onSent(write)
        const [only] = changes
        if (isMulti) writeMultiRequest(out, changes.map(operationOf))
        else if (only?.kind === 'create') writeCreateRequest(out, createRequestOf(only))
        else if (only?.kind === 'set') writeSetDataRequest(out, setRequestOf(only))
      },
      onReply: (error, zxid, from) => {
        if (write === null) return
        const answer = { error, version: null as number | null, path: null as string | null }
        if (type === OpCode.multi && error === 0) this.#readMulti(from, answer)
        else if (type === OpCode.create && error === 0) answer.path = readCreateResponse(from)
        else if (type === OpCode.setData && error === 0) answer.version = readSetDataResponse(from).version
        const [only] = write.changes
        if (answer.version !== null && only !== undefined) this.#versions.set(only.path, answer.version)
        ledger.onWriteAnswer(write, answer, zxid)
      },
    })
  }

  #readMulti(from: ByteReader, answer: { error: number; version: number | null; path: string | null }): void {
    for (let result = readMultiResult(from); result !== null; result = readMultiResult(from)) {
      if (result.kind === 'error' && answer.error === 0) answer.error = result.error
      if (result.kind === 'setData') answer.version = result.stat.version
      if (result.kind === 'create') answer.path = result.path
    }
  }

  #read(path: string): void {
    const { ledger } = this.#options
    const name = this.#name
    const watch = this.#prng.chance(0.3)
    let floorZxid = 0
    this.#submit({
      type: OpCode.getData,
      writeTo: (out) => {
        floorZxid = this.#floorZxid
        writeGetDataRequest(out, { path, watch })
      },
      onReply: (error, zxid, from) => {
        if (error === 0) {
          const { data, stat } = readGetDataResponse(from)
          this.#versions.set(path, stat.version)
          const value = data === null ? null : Buffer.from(data).toString()
          ledger.onReadAnswer(name, { path, error, value, version: stat.version, zxid }, floorZxid)
          if (watch) ledger.onWatchSet(name, path, zxid)
        } else if (error === NO_NODE) {
          ledger.onReadAnswer(name, { path, error, value: null, version: 0, zxid }, floorZxid)
        }
      },
    })
  }

  #syncAndRead(path: string): void {
    const { ledger } = this.#options
    const name = this.#name
    let promisedZxid = 0
    this.#submit({
      type: OpCode.sync,
      writeTo: (out) => {
        promisedZxid = ledger.ackedZxid
        writeSyncRequest(out, { path })
      },
      onReply: (error, zxid) => {
        if (error !== 0) return
        this.#floorZxid = Math.max(this.#floorZxid, promisedZxid)
        ledger.onOtherAnswer(name, zxid, 'sync')
        this.#read(path)
      },
    })
  }

  #submit(request: Parameters<ZooKeeperClient['submit']>[0]): void {
    const life = this.#life
    this.#inFlight++
    this.#client?.submit({
      type: request.type,
      writeTo: (out) => request.writeTo(out),
      onReply: (error, zxid, from) => {
        if (life !== this.#life) return
        this.#inFlight--
        const isLost = error === CONNECTION_LOSS || error === SESSION_EXPIRED || zxid === 0
        if (!isLost) request.onReply(error, zxid, from)
      },
    })
  }
}

function createRequestOf(change: Change & { kind: 'create' }): CreateRequest {
  const { path, value, isEphemeral, isSequential } = change
  const sequential = isSequential ? CreateMode.persistentSequential : CreateMode.persistent
  return { path, data: Buffer.from(value), acl: OPEN_ACL, flags: isEphemeral ? CreateMode.ephemeral : sequential }
}

function setRequestOf(change: Change & { kind: 'set' }) {
  return { path: change.path, data: Buffer.from(change.value), version: change.version }
}

function operationOf(change: Change): MultiOperation {
  switch (change.kind) {
    case 'create':
      return { kind: 'create', request: createRequestOf(change) }
    case 'set':
      return { kind: 'setData', request: setRequestOf(change) }
    case 'delete':
      return { kind: 'delete', request: { path: change.path, version: change.version } }
    case 'check':
      return { kind: 'check', request: { path: change.path, version: change.version } }
  }
}
