import type { ClientRequest } from '../client/client-request.ts'
import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import type { OperationKind } from '../profile/plan.ts'
import { CreateMode } from '../protocol/create-mode.ts'
import { readMultiHeader } from '../protocol/multi.ts'
import { OpCode } from '../protocol/op-code.ts'
import { writeSyncRequest } from '../protocol/sync.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { OwnZnode } from './key-set.ts'
import type { LoadDoor, LoadSource, WatchingLane } from './load-source.ts'
import type { Move } from './operation-mix.ts'
import type { RecipeKind } from './recipes/recipe-book.ts'
import type { RecipePlayer } from './recipes/recipe-player.ts'
import { Visit } from './visit.ts'
import { WatchedZnode } from './watched-znode.ts'

/** Who sends a request and hears what became of it. */
export interface RequestOwner {
  /** It is over, and counts. */
  onAnswered(request: LoadRequest, error: number, nowMs: number): void
  /** A part of it that counts for itself: the write, or one of the notifications, of a `watch`; the round of a recipe. */
  onPart(kind: OperationKind, error: number, nowMs: number, dueMs: number, sentMs: number): void
  /** It is over, and its parts have been told. @param error of the last of them that failed */
  onOver(request: LoadRequest, error: number, nowMs: number): void
}

const OP_CODES: Readonly<Record<OperationKind, number>> = {
  get: OpCode.getData,
  set: OpCode.setData,
  exists: OpCode.exists,
  children: OpCode.getChildren,
  create: OpCode.create,
  delete: OpCode.delete,
  ephemeral: OpCode.create,
  sequential: OpCode.create,
  multi: OpCode.multi,
  sync: OpCode.getData,
  // These are several requests, each of which has its own.
  connect: 0,
  close: 0,
  watch: 0,
  lock: 0,
  election: 0,
  queue: 0,
  barrier: 0,
  storm: 0,
  reconnect: 0,
  admin: 0,
}

const RECIPES: Readonly<Record<RecipeKind, true>> = {
  lock: true,
  election: true,
  queue: true,
  barrier: true,
  storm: true,
}

/** The three kinds of znode that a request makes for itself. */
type OwnKind = 'create' | 'ephemeral' | 'sequential'

const OWN_FLAGS: Readonly<Record<OwnKind, number>> = {
  create: CreateMode.persistent,
  ephemeral: CreateMode.ephemeral,
  sequential: CreateMode.persistentSequential,
}

interface Own extends OwnZnode {
  readonly kind: OwnKind
  /** What to delete; null while there is nothing. */
  madePath: string | null
}

/**
 * One request in flight, over and over: made once, it draws an operation, is sent, is answered, and draws the next. No
 * promise, closure or buffer per operation, but for those that open sessions or wait for watches.
 *
 * What makes something takes turns with what removes it, on a znode of the request's own, so that the tree neither
 * grows nor empties during a run.
 */
export class LoadRequest implements ClientRequest {
  type: number = OpCode.getData
  kind: OperationKind = 'get'
  /** When it was to be sent; in a closed loop the same as `sentMs`. */
  dueMs = 0
  sentMs = 0
  /** Whose session it goes through. */
  readonly lane: Lane
  readonly #source: LoadSource
  readonly #index: number
  #owner: RequestOwner | null = null
  /** The key, or the folder, that it asks for. */
  #key = 0
  #value = 0
  /** The one under way, when it makes or removes one. */
  #own: Own | null = null
  readonly #owns: Own[] = []
  #visit: Visit | null = null
  #watched: WatchedZnode | null = null
  readonly #players: Partial<Record<RecipeKind, RecipePlayer>> = {}

  constructor(lane: Lane, source: LoadSource, index: number) {
    this.lane = lane
    this.#source = source
    this.#index = index
  }

  /** Draws an operation and sends it. */
  send(owner: RequestOwner, dueMs: number, nowMs: number): void {
    this.#owner = owner
    this.dueMs = dueMs
    this.sentMs = nowMs
    const move = this.#source.mix.draw(this.#source.prng)
    if (move === 'visit') this.#sendVisit()
    else if (move === 'watch') this.#sendWatch(owner)
    else if (isRecipe(move)) this.#sendRecipe(move, owner)
    else this.#sendOne(move)
  }

  writeTo(out: ByteWriter): void {
    const { keys } = this.#source
    switch (this.kind) {
      case 'get':
      case 'sync':
        keys.writeGet(out, this.#key)
        return
      case 'exists':
        keys.writeExists(out, this.#key)
        return
      case 'children':
        keys.writeChildren(out, this.#key)
        return
      case 'set':
        keys.writeSet(out, this.#key, this.#value)
        return
      case 'multi':
        keys.writeMulti(out, this.#key, this.#value)
        return
      case 'create':
      case 'ephemeral':
      case 'sequential':
        if (this.#own !== null) out.raw(this.#own.create)
        return
      case 'delete':
        keys.writeDelete(out, this.#own?.madePath ?? '')
        return
      case 'connect':
      case 'close':
      case 'watch':
      case 'lock':
      case 'election':
      case 'queue':
      case 'barrier':
      case 'storm':
      case 'reconnect':
      case 'admin':
      // never sent as one request
    }
  }

  onReply(error: number, _zxid: number, from: ByteReader): void {
    const nowMs = this.#source.nowMs()
    if (this.#own !== null) this.#noteOwn(this.#own, error, from)
    const isMulti = this.kind === 'multi' && error === WireError.ok
    this.#owner?.onAnswered(this, isMulti ? multiError(from) : error, nowMs)
  }

  /** Ends what it holds beside znodes. */
  async close(): Promise<void> {
    await Promise.all([this.#visit?.close(), ...Object.values(this.#players).map((player) => player.close())])
  }

  #sendOne(move: Exclude<Move, 'visit' | 'watch' | RecipeKind>): void {
    const { keys, prng } = this.#source
    if (move === 'churn' || move === 'ephemeral' || move === 'sequential') {
      const own = this.#ownOf(move === 'churn' ? 'create' : move)
      this.#own = own
      this.kind = own.madePath === null ? own.kind : 'delete'
    } else {
      this.#own = null
      this.kind = move
      this.#key = move === 'children' ? keys.pickFolder(prng) : keys.pickKey(prng)
      this.#value++
    }
    this.type = OP_CODES[this.kind]
    // A session's requests are answered in order: the reply to the get says that the sync is through as well.
    if (move === 'sync') this.lane.door.submit(this.lane.sync)
    this.lane.door.submit(this)
  }

  #sendVisit(): void {
    this.#visit ??= new Visit(this.#source)
    this.#own = null
    this.kind = this.#visit.isThere ? 'close' : 'connect'
    this.#visit.turn((error) => this.#owner?.onAnswered(this, error, this.#source.nowMs()))
  }

  #sendWatch(owner: RequestOwner): void {
    this.#watched ??= new WatchedZnode(this.lane, this.#source, `w${this.lane.session}-${this.#index}`)
    this.#own = null
    this.kind = 'watch'
    this.#watched.change({
      onPart: (kind, error, nowMs, sinceMs) => owner.onPart(kind, error, nowMs, sinceMs, sinceMs),
      onOver: (error) => owner.onOver(this, error, this.#source.nowMs()),
    })
  }

  #sendRecipe(kind: RecipeKind, owner: RequestOwner): void {
    const { nowMs, recipes } = this.#source
    this.#own = null
    this.kind = kind
    const { session } = this.lane
    const player = (this.#players[kind] ??= recipes.player(kind, `${session}-${this.#index}`, session))
    void player.play({
      onBegin: () => (this.dueMs = this.sentMs = nowMs()),
      count: (part, error, sinceMs) => owner.onPart(part, error, nowMs(), sinceMs, sinceMs),
      onDone: (error) => owner.onPart(kind, error, nowMs(), this.dueMs, this.sentMs),
      onOver: (error) => owner.onOver(this, error, nowMs()),
    })
  }

  /** What became of the znode of its own; what is not known is taken for what was asked. */
  #noteOwn(own: Own, error: number, from: ByteReader): void {
    if (this.kind === 'delete') {
      if (error === WireError.ok || error === WireError.noNode) own.madePath = null
    } else if (error === WireError.ok) {
      own.madePath = own.kind === 'sequential' ? from.string('create.path') : own.path
    } else if (error === WireError.nodeExists) {
      own.madePath = own.path
    }
  }

  #ownOf(kind: OwnKind): Own {
    const known = this.#owns.find((own) => own.kind === kind)
    if (known !== undefined) return known
    const name = `${kind.slice(0, 1)}${this.lane.session}-${this.#index}${kind === 'sequential' ? '-' : ''}`
    const own: Own = { ...this.#source.keys.ownZnode(name, OWN_FLAGS[kind]), kind, madePath: null }
    this.#owns.push(own)
    return own
  }
}

/** A session with the requests that go through it; those that are not under way lie here, the last one back on top. */
export class Lane implements WatchingLane {
  readonly door: LoadDoor
  /** Its number among all sessions of the run. */
  readonly session: number
  /** Nobody waits for its reply. */
  readonly sync: ClientRequest = {
    type: OpCode.sync,
    writeTo: (out) => writeSyncRequest(out, { path: '/' }),
    onReply: () => undefined,
  }
  readonly #source: LoadSource
  readonly #made: LoadRequest[] = []
  readonly #free: LoadRequest[] = []
  readonly #watches = new Map<string, (nowMs: number) => void>()

  constructor(door: LoadDoor, session: number, source: LoadSource) {
    this.door = door
    this.session = session
    this.#source = source
  }

  take(): LoadRequest {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const request = new LoadRequest(this, this.#source, this.#made.length)
    this.#made.push(request)
    return request
  }

  giveBack(request: LoadRequest): void {
    this.#free.push(request)
  }

  watch(path: string, onNotified: (nowMs: number) => void): void {
    this.#watches.set(path, onNotified)
  }

  unwatch(path: string): void {
    this.#watches.delete(path)
  }

  /** The session has been told that something at this path has changed. */
  onNotified(path: string): void {
    const onNotified = this.#watches.get(path)
    this.#watches.delete(path)
    onNotified?.(this.#source.nowMs())
  }

  async close(): Promise<void> {
    await Promise.all(this.#made.map((request) => request.close()))
  }
}

function isRecipe(move: Move): move is RecipeKind {
  return Object.hasOwn(RECIPES, move)
}

/** A multi that failed says so in its first result, not in the reply's header. */
function multiError(from: ByteReader): number {
  const { type, error } = readMultiHeader(from)
  return type === -1 ? error : WireError.ok
}
