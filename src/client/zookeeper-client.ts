import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { halvesOf, sessionIdOf } from '../kernel/session-id.ts'
import { OPEN_ACL, type Acl } from '../protocol/acl.ts'
import { AddWatchMode, writeAddWatchRequest } from '../protocol/add-watch.ts'
import {
  readCreate2Response,
  readCreateResponse,
  writeCreateRequest,
  writeCreateTtlRequest,
} from '../protocol/create.ts'
import { writeDeleteRequest } from '../protocol/delete.ts'
import { readExistsResponse, writeExistsRequest } from '../protocol/exists.ts'
import { readGetAclResponse, writeGetAclRequest } from '../protocol/get-acl.ts'
import {
  readGetAllChildrenNumberResponse,
  writeGetAllChildrenNumberRequest,
} from '../protocol/get-all-children-number.ts'
import { readGetChildren2Response, readGetChildrenResponse, writeGetChildrenRequest } from '../protocol/get-children.ts'
import { readGetDataResponse, writeGetDataRequest } from '../protocol/get-data.ts'
import { readGetEphemeralsResponse, writeGetEphemeralsRequest } from '../protocol/get-ephemerals.ts'
import { writeMultiRequest, type MultiOperation } from '../protocol/multi.ts'
import { WatcherType, writeRemoveWatchesRequest } from '../protocol/remove-watches.ts'
import { readSetAclResponse, writeSetAclRequest } from '../protocol/set-acl.ts'
import { readSetDataResponse, writeSetDataRequest } from '../protocol/set-data.ts'
import { writeSyncRequest } from '../protocol/sync.ts'
import { readWhoAmIResponse, type ClientInfo } from '../protocol/who-am-i.ts'
import { WireError } from '../protocol/wire-error.ts'
import { callOut } from './call-out.ts'
import { checkPath } from './checked-path.ts'
import { Chroot } from './chroot.ts'
import { ANY_VERSION, bytesOf, createOperationOf } from './client-options.ts'
import type { ClientOptions, CreateOptions, Data, WatchOptions } from './client-options.ts'
import type { ClientRequest } from './client-request.ts'
import { ClientSession, type ClientState } from './client-session.ts'
import { endpointText, parseConnectString } from './connect-string.ts'
import { PromisedRequest, type Question } from './promised-request.ts'
import { StateWaiters } from './state-waiters.ts'
import { readTransactionResults, Transaction, type TransactionResult } from './transaction.ts'
import { WatchRegistry, type WatchCallback, type WatchList } from './watch-registry.ts'
import { TransactionError, ZooKeeperError } from './zookeeper-error.ts'
import { znodeStatOf, type ZnodeStat } from './znode-stat.ts'

const SESSION_TIMEOUT_MS_DEFAULT = 30_000
const PENDING_MAX_DEFAULT = 100_000
const FRAME_SIZE_MAX_DEFAULT = 64 * 1024 * 1024
const CLOSE_DEADLINE_MS_DEFAULT = 5_000

/**
 * A ZooKeeper client: one session over changing connections.
 *
 * Every method that asks a server returns a promise that rejects with a ZooKeeperError; CONNECTIONLOSS says that the
 * request may or may not have been executed, and nothing is ever sent twice. Requests are executed in the order of the
 * calls. Between connections they wait, at most about as long as the session lives.
 *
 * What must be lean goes through `submit`.
 */
export class ZooKeeperClient implements AsyncDisposable {
  readonly #connectString: string
  readonly #chroot: Chroot
  readonly #watches: WatchRegistry
  readonly #session: ClientSession
  readonly #stateWaiters: StateWaiters

  /**
   * Begins to connect at once; `connected` waits for it.
   *
   * @throws ZktuneError BadConfigValue for a connect string that is none
   */
  constructor(options: ClientOptions) {
    const { hosts, chroot } = parseConnectString(options.connectString)
    const identity = options.session
    this.#connectString = options.connectString
    this.#chroot = new Chroot(chroot)
    this.#watches = new WatchRegistry(this.#chroot, (event) => options.onWatch?.(event))
    this.#session = new ClientSession({
      network: options.network,
      clock: options.clock,
      entropy: options.entropy,
      tls: options.tls ?? null,
      hosts,
      hostOrder: options.hostOrder ?? 'random',
      timeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS_DEFAULT,
      readOnly: options.readOnly ?? false,
      identity: identity === undefined ? null : { ...halvesOf(identity.id), password: identity.password },
      pendingMax: options.pendingMax ?? PENDING_MAX_DEFAULT,
      frameSizeMax: options.frameSizeMax ?? FRAME_SIZE_MAX_DEFAULT,
      watches: this.#watches,
      onState: (state) => {
        if (options.onState !== undefined) callOut(options.onState, state)
        this.#stateWaiters.onState(state)
      },
    })
    this.#stateWaiters = new StateWaiters(options.clock, this.#session.state)
  }

  get state(): ClientState {
    return this.#session.state
  }

  /** 0n before the first connection. */
  get sessionId(): bigint {
    return sessionIdOf(this.#session.identity.high, this.#session.identity.low)
  }

  /** With the id, all that another client needs to go on with the session: a secret. */
  get sessionPassword(): Uint8Array {
    return Uint8Array.from(this.#session.identity.password)
  }

  /** As negotiated; before the first connection as asked for. */
  get sessionTimeoutMs(): number {
    return this.#session.timeoutMs
  }

  /** The highest zxid that this session has seen. */
  get lastZxid(): number {
    return this.#session.lastZxid
  }

  /** `host:port` of the server that the session is connected to, or tries. */
  get server(): string | null {
    return this.#session.endpoint === null ? null : endpointText(this.#session.endpoint)
  }

  /** The version and the cipher suite of TLS on the last connection; null in the clear. */
  get tls(): { readonly protocol: string; readonly cipher: string } | null {
    const tls = this.#session.tls
    return tls === null ? null : { protocol: tls.protocol, cipher: tls.cipher }
  }

  /** Requests that wait for a connection or a reply. */
  get pendingCount(): number {
    return this.#session.pendingCount
  }

  /**
   * Waits until the session is connected. The client goes on trying when this gives up: close it to stop that.
   *
   * @param options.timeoutMs default: the session timeout
   * @throws ZktuneError CannotConnect, as a rejection, when the time is over; ZooKeeperError when the session cannot be
   *   had any more; the signal's reason
   */
  connected(options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number } = {}): Promise<void> {
    const timeoutMs = options.timeoutMs ?? this.#session.timeoutMs
    return this.#stateWaiters.connected(timeoutMs, options.signal ?? null, () => ({
      where: this.#connectString,
      lastFailure: this.#session.lastFailure,
    }))
  }

  /** The lean way in, see ClientRequest. Paths are the server's: `absolutePath` makes them. */
  submit(request: ClientRequest): void {
    this.#session.submit(request)
  }

  /** @returns the path as the server knows it, below the root of the connect string */
  absolutePath(path: string): string {
    return this.#chroot.absolute(path)
  }

  /** @returns the path of the new znode, with its sequence number if the mode asked for one */
  create(path: string, data: Data = '', options: CreateOptions = {}): Promise<string> {
    const { operation } = createOperationOf(options)
    const read = operation === 'create' ? readCreateResponse : (from: ByteReader) => readCreate2Response(from).path
    return this.#create(operation, path, data, options, (from) => this.#chroot.relative(read(from)))
  }

  /** As `create`, with the znode's Stat. */
  create2(
    path: string,
    data: Data = '',
    options: CreateOptions = {},
  ): Promise<{ readonly path: string; readonly stat: ZnodeStat }> {
    const { operation } = createOperationOf(options)
    return this.#create(operation === 'create' ? 'create2' : operation, path, data, options, (from) => {
      const created = readCreate2Response(from)
      return { path: this.#chroot.relative(created.path), stat: znodeStatOf(created.stat) }
    })
  }

  async delete(path: string, version = ANY_VERSION): Promise<void> {
    const write = (out: ByteWriter): void => writeDeleteRequest(out, { path: this.#chroot.absolute(path), version })
    await this.#ask({ operation: 'delete', path, write, read: nothing })
  }

  /** @returns null when there is no such znode; its watch then waits for one */
  exists(path: string, options: WatchOptions = {}): Promise<ZnodeStat | null> {
    const { absolute, watch } = this.#watched(path, options)
    return this.#ask<ZnodeStat | null>({
      operation: 'exists',
      path,
      write: (out) => writeExistsRequest(out, { path: absolute, watch }),
      read: (from) => {
        this.#register('data', absolute, options)
        return znodeStatOf(readExistsResponse(from))
      },
      readError: (error) => {
        if (error !== WireError.noNode) return undefined
        this.#register('exist', absolute, options)
        return { answer: null }
      },
    })
  }

  /** @returns the data as bytes of the caller's own */
  getData(
    path: string,
    options: WatchOptions = {},
  ): Promise<{ readonly data: Buffer | null; readonly stat: ZnodeStat }> {
    const { absolute, watch } = this.#watched(path, options)
    return this.#ask({
      operation: 'getData',
      path,
      write: (out) => writeGetDataRequest(out, { path: absolute, watch }),
      read: (from) => {
        const { data, stat } = readGetDataResponse(from)
        this.#register('data', absolute, options)
        return { data, stat: znodeStatOf(stat) }
      },
    })
  }

  /** @param version the change is refused with BADVERSION unless the data has this version */
  setData(path: string, data: Data, version = ANY_VERSION): Promise<ZnodeStat> {
    const request = { path: this.#chroot.absolute(path), data: bytesOf(data), version }
    const write = (out: ByteWriter): void => writeSetDataRequest(out, request)
    return this.#ask({ operation: 'setData', path, write, read: (from) => znodeStatOf(readSetDataResponse(from)) })
  }

  /** @returns names, not paths, in no order */
  getChildren(path: string, options: WatchOptions = {}): Promise<string[]> {
    const { absolute, watch } = this.#watched(path, options)
    return this.#ask({
      operation: 'getChildren',
      path,
      write: (out) => writeGetChildrenRequest(out, { path: absolute, watch }),
      read: (from) => {
        const children = readGetChildrenResponse(from)
        this.#register('child', absolute, options)
        return children
      },
    })
  }

  /** As `getChildren`, with the Stat of the znode itself. */
  getChildren2(
    path: string,
    options: WatchOptions = {},
  ): Promise<{ readonly children: readonly string[]; readonly stat: ZnodeStat }> {
    const { absolute, watch } = this.#watched(path, options)
    return this.#ask({
      operation: 'getChildren2',
      path,
      write: (out) => writeGetChildrenRequest(out, { path: absolute, watch }),
      read: (from) => {
        const { children, stat } = readGetChildren2Response(from)
        this.#register('child', absolute, options)
        return { children, stat: znodeStatOf(stat) }
      },
    })
  }

  /** What this session reads afterwards is at least as new as the moment of this call. */
  async sync(path = '/'): Promise<void> {
    const write = (out: ByteWriter): void => writeSyncRequest(out, { path: this.#chroot.absolute(path) })
    await this.#ask({ operation: 'sync', path, write, read: nothing })
  }

  getACL(path: string): Promise<{ readonly acl: readonly Acl[]; readonly stat: ZnodeStat }> {
    return this.#ask({
      operation: 'getACL',
      path,
      write: (out) => writeGetAclRequest(out, { path: this.#chroot.absolute(path) }),
      read: (from) => {
        const { acl, stat } = readGetAclResponse(from)
        return { acl, stat: znodeStatOf(stat) }
      },
    })
  }

  /** @param version of the ACL, `aversion` */
  setACL(path: string, acl: readonly Acl[], version = ANY_VERSION): Promise<ZnodeStat> {
    const write = (out: ByteWriter): void =>
      writeSetAclRequest(out, { path: this.#chroot.absolute(path), acl, version })
    return this.#ask({ operation: 'setACL', path, write, read: (from) => znodeStatOf(readSetAclResponse(from)) })
  }

  /** Changes of which all or none happen. */
  transaction(): Transaction {
    return new Transaction(this.#chroot, (operations) => this.#multi(operations))
  }

  /**
   * Adds an identity, on this connection and all later ones. One that is refused ends the session: `authFailed`.
   *
   * @param auth `user:password` for the scheme digest
   */
  addAuth(scheme: string, auth: Uint8Array | string): Promise<void> {
    const request = { scheme, auth: bytesOf(auth) }
    return new Promise((resolve, reject) => {
      this.#session.addAuth(request, (error) => {
        if (error === WireError.ok) resolve()
        else reject(new ZooKeeperError(error, 'auth', null))
      })
    })
  }

  /** The identities that the server knows of this connection. */
  whoAmI(): Promise<ClientInfo[]> {
    return this.#ask({ operation: 'whoAmI', path: null, write: () => undefined, read: readWhoAmIResponse })
  }

  /** A watch that stays when it fires. @param options.recursive hears of all znodes below, but not of child lists */
  async addWatch(path: string, callback: WatchCallback, options: { readonly recursive?: boolean } = {}): Promise<void> {
    const absolute = this.#chroot.absolute(path)
    const mode = options.recursive === true ? AddWatchMode.persistentRecursive : AddWatchMode.persistent
    await this.#ask({
      operation: 'addWatch',
      path,
      write: (out) => writeAddWatchRequest(out, { path: absolute, mode }),
      read: () => this.#watches.addPersistent(mode, absolute, callback),
    })
  }

  /** Gives up the watches on a path, with their callbacks. Rejects with NOWATCHER when there are none. */
  async removeWatches(path: string, kind: keyof typeof WatcherType = 'any'): Promise<void> {
    const absolute = this.#chroot.absolute(path)
    const type = WatcherType[kind]
    await this.#ask({
      operation: 'removeWatches',
      path,
      write: (out) => writeRemoveWatchesRequest(out, { path: absolute, type }),
      read: () => this.#watches.remove(type, absolute),
    })
  }

  /** The session's own ephemeral znodes whose path begins with the prefix, as text. */
  getEphemerals(prefix = '/'): Promise<string[]> {
    const prefixPath = this.#chroot.absolute(prefix)
    const write = (out: ByteWriter): void => writeGetEphemeralsRequest(out, { prefixPath })
    const read = (from: ByteReader): string[] =>
      readGetEphemeralsResponse(from).map((path) => this.#chroot.relative(path))
    // The prefix is text, and need not be a path.
    return this.#send({ operation: 'getEphemerals', path: prefix, write, read })
  }

  /** How many znodes are below one, at any depth. */
  getAllChildrenNumber(path: string): Promise<number> {
    const write = (out: ByteWriter): void =>
      writeGetAllChildrenNumberRequest(out, { path: this.#chroot.absolute(path) })
    return this.#ask({ operation: 'getAllChildrenNumber', path, write, read: readGetAllChildrenNumberResponse })
  }

  /**
   * Moves the session to the next server: drops the connection without a word, as a broken network would, and connects
   * anew; ephemeral znodes and watches stay. What is in flight rejects with CONNECTIONLOSS. `connected` waits for it.
   * Does nothing while there is no connection.
   *
   * @param options.afterMs pause before the first attempt; default none. Longer than the session lives, it expires
   */
  reconnect(options: { readonly afterMs?: number } = {}): void {
    this.#session.reconnect(options.afterMs ?? 0)
  }

  /**
   * Ends the session: its ephemeral znodes go, and what was asked before is answered first. Waits for the server's
   * reply, but no longer than the deadline; a session that the server did not hear the end of expires by itself.
   */
  close(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#session.close(options.deadlineMs ?? CLOSE_DEADLINE_MS_DEFAULT)
    return this.#stateWaiters.over()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #create<T>(
    operation: 'create' | 'create2' | 'createContainer' | 'createTTL',
    path: string,
    data: Data,
    options: CreateOptions,
    read: (from: ByteReader) => T,
  ): Promise<T> {
    checkPath(operation, path, options)
    const { flags } = createOperationOf(options)
    const acl = options.acl ?? OPEN_ACL
    const request = { path: this.#chroot.absolute(path), data: bytesOf(data), acl, flags, ttlMs: options.ttlMs ?? 0 }
    const write = (out: ByteWriter): void =>
      operation === 'createTTL' ? writeCreateTtlRequest(out, request) : writeCreateRequest(out, request)
    return this.#send({ operation, path, write, read })
  }

  async #multi(operations: readonly MultiOperation[]): Promise<TransactionResult[]> {
    const committed = await this.#send<TransactionResult[] | TransactionError>({
      operation: 'multi',
      path: null,
      write: (out) => writeMultiRequest(out, operations),
      read: (from) => readTransactionResults(from, operations, this.#chroot),
    })
    if (committed instanceof TransactionError) throw committed
    return committed
  }

  /** With the path checked; a fault is a rejection too. */
  async #ask<T>(question: Question<T>): Promise<T> {
    if (question.path !== null) checkPath(question.operation, question.path)
    return this.#send(question)
  }

  #send<T>(question: Question<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#session.submit(new PromisedRequest(question, resolve, reject))
    })
  }

  #watched(path: string, options: WatchOptions): { readonly absolute: string; readonly watch: boolean } {
    return { absolute: this.#chroot.absolute(path), watch: options.watch !== undefined }
  }

  #register(list: WatchList, absolute: string, options: WatchOptions): void {
    if (options.watch !== undefined) this.#watches.add(list, absolute, options.watch === true ? null : options.watch)
  }
}

function nothing(): void {}
