import type { ClientRequest } from '../client/client-request.ts'
import type { ByteWriter } from '../kernel/bytes.ts'
import type { OperationKind } from '../profile/plan.ts'
import { CreateMode } from '../protocol/create-mode.ts'
import { writeGetDataRequest } from '../protocol/get-data.ts'
import { OpCode } from '../protocol/op-code.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { OwnZnode } from './key-set.ts'
import type { LoadSource, WatchingLane } from './load-source.ts'

/** A notification that has not come this long after the write was acknowledged is lost: its session was, most likely. */
const NOTIFIED_MAX_MS = 5_000

export interface ChangeHooks {
  /** Once `set`, when the write was answered; once `watch` for each watcher, counted from that answer. */
  readonly onPart: (kind: OperationKind, error: number, nowMs: number, sinceMs: number) => void
  /** @param error of the last part that failed; 0 when none did */
  readonly onOver: (error: number) => void
}

/**
 * A znode that several sessions watch and one sets: what configuration and service discovery do. Each change sets the
 * watches anew, writes, and waits until all of them were told.
 *
 * Watchers hear from their own servers, some of them before the writer has its answer: that counts as no time at all.
 */
export class WatchedZnode {
  readonly #lane: WatchingLane
  readonly #source: LoadSource
  readonly #own: OwnZnode
  readonly #watchers: readonly WatchingLane[]
  #isMade = false
  #value = 0

  constructor(lane: WatchingLane, source: LoadSource, name: string) {
    this.#lane = lane
    this.#source = source
    this.#own = source.keys.ownZnode(name, CreateMode.persistent)
    const { lanes, watchers } = source
    const first = lanes.indexOf(lane)
    this.#watchers = Array.from({ length: Math.min(watchers, lanes.length) }, (_, index) => {
      return lanes[(first + index) % lanes.length] as WatchingLane
    })
  }

  change(hooks: ChangeHooks): void {
    if (this.#isMade) {
      this.#setWatches(hooks)
      return
    }
    const onReply = (error: number): void => {
      this.#isMade = error === WireError.ok || error === WireError.nodeExists
      // The others may be connected to servers that have not heard of it yet.
      for (const watcher of this.#watchers) watcher.door.submit(watcher.sync)
      if (this.#isMade) this.#setWatches(hooks)
      else this.#giveUp(error, hooks)
    }
    this.#lane.door.submit(requestOf(OpCode.create, (out) => out.raw(this.#own.create), onReply))
  }

  #setWatches(hooks: ChangeHooks): void {
    const { path } = this.#own
    const change = new Change(this.#source, hooks, this.#watchers, path)
    let waiting = this.#watchers.length
    let failure: number = WireError.ok
    for (const watcher of this.#watchers) {
      watcher.watch(path, (nowMs) => change.onNotified(nowMs))
      const onReply = (error: number): void => {
        if (error !== WireError.ok) failure = error
        if (--waiting > 0) return
        if (failure === WireError.ok) this.#write(change)
        else change.fail(failure)
      }
      const writeTo = (out: ByteWriter): void => writeGetDataRequest(out, { path, watch: true })
      watcher.door.submit(requestOf(OpCode.getData, writeTo, onReply))
    }
  }

  #write(change: Change): void {
    const sentMs = this.#source.nowMs()
    const writeTo = (out: ByteWriter): void => this.#source.keys.writeSetAt(out, this.#own.path, this.#value++)
    this.#lane.door.submit(requestOf(OpCode.setData, writeTo, (error) => change.onWritten(error, sentMs)))
  }

  #giveUp(error: number, hooks: ChangeHooks): void {
    const nowMs = this.#source.nowMs()
    hooks.onPart('set', error, nowMs, nowMs)
    hooks.onOver(error)
  }
}

/** One write and the notifications that it owes. */
class Change {
  readonly #source: LoadSource
  readonly #hooks: ChangeHooks
  readonly #watchers: readonly WatchingLane[]
  readonly #path: string
  #writtenMs: number | null = null
  /** Told before the write was answered. */
  #earlyCount = 0
  #toldCount = 0
  #isOver = false
  #deadline: { cancel(): void } | null = null

  constructor(source: LoadSource, hooks: ChangeHooks, watchers: readonly WatchingLane[], path: string) {
    this.#source = source
    this.#hooks = hooks
    this.#watchers = watchers
    this.#path = path
  }

  onWritten(error: number, sentMs: number): void {
    const nowMs = this.#source.nowMs()
    this.#hooks.onPart('set', error, nowMs, sentMs)
    if (error !== WireError.ok) {
      this.#end(error)
      return
    }
    this.#writtenMs = nowMs
    for (let count = 0; count < this.#earlyCount; count++) this.#hooks.onPart('watch', WireError.ok, nowMs, nowMs)
    this.#toldCount = this.#earlyCount
    if (this.#toldCount === this.#watchers.length) this.#end(WireError.ok)
    else this.#deadline = this.#source.setTimer(NOTIFIED_MAX_MS, () => this.#onLate())
  }

  onNotified(nowMs: number): void {
    if (this.#isOver) return
    if (this.#writtenMs === null) {
      this.#earlyCount++
      return
    }
    this.#toldCount++
    this.#hooks.onPart('watch', WireError.ok, nowMs, this.#writtenMs)
    if (this.#toldCount === this.#watchers.length) this.#end(WireError.ok)
  }

  /** The watches could not be set. */
  fail(error: number): void {
    const nowMs = this.#source.nowMs()
    this.#hooks.onPart('watch', error, nowMs, nowMs)
    this.#end(error)
  }

  #onLate(): void {
    const nowMs = this.#source.nowMs()
    for (let count = this.#toldCount; count < this.#watchers.length; count++) {
      this.#hooks.onPart('watch', WireError.requestTimeout, nowMs, nowMs)
    }
    this.#end(WireError.requestTimeout)
  }

  #end(error: number): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#deadline?.cancel()
    for (const watcher of this.#watchers) watcher.unwatch(this.#path)
    this.#hooks.onOver(error)
  }
}

function requestOf(type: number, writeTo: (out: ByteWriter) => void, onReply: (error: number) => void): ClientRequest {
  return { type, writeTo, onReply }
}
