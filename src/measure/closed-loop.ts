import type { ClientRequest } from '../client/client-request.ts'
import type { ByteWriter } from '../kernel/bytes.ts'
import type { Prng } from '../kernel/prng.ts'
import type { OperationKind } from '../profile/plan.ts'
import { OpCode } from '../protocol/op-code.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { KeySet, ChurnRecords } from './key-set.ts'
import type { OperationMix } from './operation-mix.ts'
import { PhaseRecorder } from './phase-recorder.ts'

/** The callback side of a client session. */
export interface LoadDoor {
  /** `onReply` comes exactly once, never before this call has returned. */
  submit(request: ClientRequest): void
}

export interface ClosedLoopOptions {
  readonly doors: readonly LoadDoor[]
  /** Requests that each door has in flight at all times. */
  readonly inFlight: number
  readonly mix: OperationMix
  readonly keys: KeySet
  readonly prng: Prng
  /** Monotonic milliseconds with a fraction. */
  readonly nowMs: () => number
  /** Runs a callback after a pause; keeps a dead session from failing in a busy loop. */
  readonly later: (delayMs: number, callback: () => void) => void
}

/** A request refused without a server having seen it is tried again after this long. */
const REFUSED_PAUSE_MS = 20

/**
 * Closed load: each session keeps so many requests in flight and sends the next when one is answered. So a slow server
 * is asked less, and latency is that of a service, not that of a schedule.
 *
 * There is one slot for each request in flight, made once; a reply draws the slot's next operation and hands the same
 * object in again. No promise, closure or buffer per operation.
 */
export class ClosedLoop {
  readonly options: ClosedLoopOptions
  readonly #slots: readonly Slot[]
  #recorder = new PhaseRecorder()
  #busyCount = 0
  #isStopping = false
  #onIdle: (() => void) | null = null

  constructor(options: ClosedLoopOptions) {
    this.options = options
    this.#slots = options.doors.flatMap((door, session) =>
      Array.from(
        { length: options.inFlight },
        (_, index) => new Slot(this, door, options.keys.churnOf(session, index)),
      ),
    )
  }

  /** Of the phase under way. */
  get recorder(): PhaseRecorder {
    return this.#recorder
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  start(): void {
    const nowMs = this.options.nowMs()
    this.#busyCount = this.#slots.length
    for (const slot of this.#slots) slot.next(nowMs)
  }

  /**
   * Begins a phase: what is answered from now on counts for it. What is in flight at the border counts where it ends.
   *
   * @returns the recorder of the phase that this one ends
   */
  nextPhase(): PhaseRecorder {
    const ended = this.#recorder
    this.#recorder = new PhaseRecorder()
    return ended
  }

  /** Sends nothing more. @param onIdle called once when the last reply is there */
  stop(onIdle: () => void): void {
    this.#isStopping = true
    this.#onIdle = onIdle
    if (this.#busyCount === 0) this.#tellIdle()
  }

  /** A slot has ended after `stop`. */
  onSlotEnded(): void {
    this.#busyCount--
    if (this.#busyCount === 0) this.#tellIdle()
  }

  #tellIdle(): void {
    const onIdle = this.#onIdle
    this.#onIdle = null
    onIdle?.()
  }
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
 * One request in flight after the other. Create and delete take turns on a znode of the slot's own, whatever their two
 * weights, so that the tree neither grows nor empties during a run.
 */
class Slot implements ClientRequest {
  type: number = OpCode.getData
  readonly #loop: ClosedLoop
  readonly #door: LoadDoor
  readonly #churn: ChurnRecords
  #kind: OperationKind = 'get'
  /** The key, or the folder, that it asks for. */
  #key = 0
  #value = 0
  #hasOwn = false
  #sentAtMs = 0
  readonly #retry = (): void => this.next(this.#loop.options.nowMs())

  constructor(loop: ClosedLoop, door: LoadDoor, churn: ChurnRecords) {
    this.#loop = loop
    this.#door = door
    this.#churn = churn
  }

  /** Draws an operation and sends it. */
  next(nowMs: number): void {
    if (this.#loop.isStopping) {
      this.#loop.onSlotEnded()
      return
    }
    this.#draw()
    this.#sentAtMs = nowMs
    this.#door.submit(this)
  }

  writeTo(out: ByteWriter): void {
    const { keys } = this.#loop.options
    switch (this.#kind) {
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
        out.raw(this.#churn.create)
        return
      case 'delete':
        out.raw(this.#churn.delete)
    }
  }

  onReply(error: number): void {
    const nowMs = this.#loop.options.nowMs()
    this.#loop.recorder.record(this.#kind, error, (nowMs - this.#sentAtMs) * 1_000)
    if (this.#kind === 'create') this.#hasOwn = error === WireError.ok || error === WireError.nodeExists
    else if (this.#kind === 'delete') this.#hasOwn = error !== WireError.ok && error !== WireError.noNode
    if (isRefusal(error)) this.#loop.options.later(REFUSED_PAUSE_MS, this.#retry)
    else this.next(nowMs)
  }

  #draw(): void {
    const { mix, keys, prng } = this.#loop.options
    const move = mix.draw(prng)
    this.#kind = move === 'churn' ? (this.#hasOwn ? 'delete' : 'create') : move
    this.type = OP_CODES[this.#kind]
    if (move === 'churn') return
    this.#key = prng.below(move === 'children' ? keys.folderCount : keys.keyCount)
    this.#value++
  }
}

/** Errors that the client or a server gives at once and would give again at once. */
function isRefusal(error: number): boolean {
  return error === WireError.sessionExpired || error === WireError.authFailed || error === WireError.throttledOp
}
