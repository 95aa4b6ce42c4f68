import type { ClientRequest } from '../client/client-request.ts'
import type { ByteWriter } from '../kernel/bytes.ts'
import type { Prng } from '../kernel/prng.ts'
import type { OperationKind } from '../profile/plan.ts'
import { OpCode } from '../protocol/op-code.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { ChurnRecords, KeySet } from './key-set.ts'
import type { OperationMix } from './operation-mix.ts'

/** The callback side of a client session. */
export interface LoadDoor {
  /** `onReply` comes exactly once, never before this call has returned. */
  submit(request: ClientRequest): void
}

/** What all requests of a generator draw from. */
export interface LoadSource {
  readonly mix: OperationMix
  readonly keys: KeySet
  readonly prng: Prng
  /** Monotonic milliseconds with a fraction. */
  readonly nowMs: () => number
}

/** Who sends a request and hears of its reply. */
export interface RequestOwner {
  onAnswered(request: LoadRequest, error: number, nowMs: number): void
}

const OP_CODES: Readonly<Record<OperationKind, number>> = {
  get: OpCode.getData,
  set: OpCode.setData,
  exists: OpCode.exists,
  children: OpCode.getChildren,
  create: OpCode.create,
  delete: OpCode.delete,
}

/**
 * One request in flight, over and over: made once, it draws an operation, is sent, is answered, and draws the next. No
 * promise, closure or buffer per operation.
 *
 * Create and delete take turns on a znode of the request's own, whatever their two weights, so that the tree neither
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
  #churn: ChurnRecords | null = null
  /** The key, or the folder, that it asks for. */
  #key = 0
  #value = 0
  #hasOwn = false

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
    this.#draw()
    this.lane.door.submit(this)
  }

  writeTo(out: ByteWriter): void {
    const { keys } = this.#source
    switch (this.kind) {
      case 'get':
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
      case 'create':
        out.raw(this.#ownRecords().create)
        return
      case 'delete':
        out.raw(this.#ownRecords().delete)
    }
  }

  onReply(error: number): void {
    if (this.kind === 'create') this.#hasOwn = error === WireError.ok || error === WireError.nodeExists
    else if (this.kind === 'delete') this.#hasOwn = error !== WireError.ok && error !== WireError.noNode
    this.#owner?.onAnswered(this, error, this.#source.nowMs())
  }

  #draw(): void {
    const { mix, keys, prng } = this.#source
    const move = mix.draw(prng)
    this.kind = move === 'churn' ? (this.#hasOwn ? 'delete' : 'create') : move
    this.type = OP_CODES[this.kind]
    if (move === 'churn') return
    this.#key = prng.below(move === 'children' ? keys.folderCount : keys.keyCount)
    this.#value++
  }

  #ownRecords(): ChurnRecords {
    this.#churn ??= this.#source.keys.churnOf(this.lane.session, this.#index)
    return this.#churn
  }
}

/** A session with the requests that go through it; those that are not under way lie here, the last one back on top. */
export class Lane {
  readonly door: LoadDoor
  /** Its number among all sessions of the run. */
  readonly session: number
  readonly #source: LoadSource
  readonly #free: LoadRequest[] = []
  #madeCount = 0

  constructor(door: LoadDoor, session: number, source: LoadSource) {
    this.door = door
    this.session = session
    this.#source = source
  }

  take(): LoadRequest {
    return this.#free.pop() ?? new LoadRequest(this, this.#source, this.#madeCount++)
  }

  giveBack(request: LoadRequest): void {
    this.#free.push(request)
  }
}
