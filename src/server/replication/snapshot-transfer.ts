import type { Clock } from '../../kernel/ports.ts'
import type { Slot } from '../../paxos/entry.ts'
import { NO_SLOT, slotOf } from '../../paxos/entry.ts'
import type { SnapshotStore } from '../../storage/snapshot-store.ts'
import type { SnapshotWriter } from '../../storage/snapshot-writer.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { loadTree } from '../../tree/load-tree.ts'
import type { Pin } from '../../tree/pin.ts'
import { serialiseTree } from '../../tree/serialise-tree.ts'
import type { PeerLinks } from '../peers/peer-links.ts'
import type { SnapshotPart, SnapshotTaken } from '../peers/peer-message.ts'

/** Parts, of about 64 KiB each, that may be under way to a receiver. */
const PARTS_UNDER_WAY_MAX = 32
const NOTHING = Buffer.alloc(0)

export interface SnapshotTransferOptions {
  readonly store: SnapshotStore
  readonly links: PeerLinks
  readonly clock: Clock
  /** Peers that may be sent a snapshot at a time. Those whom an ensemble needs to decide anything never wait. */
  readonly sendingMax: number
  readonly mayWait: (peer: number) => boolean
  readonly onInstalled: (slot: Slot, tree: DataTree) => void
  readonly onFailed: () => void
  readonly onNote: (note: string) => void
  readonly onFatal: (error: Error) => void
}

/** The state as it is when a transfer begins. */
export interface SentState {
  readonly tree: DataTree
  /** Through which `tree` is applied. */
  readonly slot: Slot
}

interface Sending {
  readonly peer: number
  readonly slot: Slot
  readonly pin: Pin
  readonly chunks: Iterator<Buffer>
  /** Index of the next part, and how many the peer has taken. */
  next: number
  taken: number
  isDue: boolean
}

interface Receiving {
  readonly from: number
  readonly slot: Slot
  readonly writer: SnapshotWriter
  readonly arrived: Buffer[]
  next: number
  isComplete: boolean
  isWriting: boolean
}

/** The state of one slot, sent to a peer whose log ends too early for this one's, or received from a peer. */
export class SnapshotTransfer {
  readonly #options: SnapshotTransferOptions
  readonly #sending = new Map<number, Sending>()
  /** Peers that wait until others have theirs, in the order in which they came. */
  readonly #waiting = new Map<number, () => SentState>()
  #receiving: Receiving | null = null

  constructor(options: SnapshotTransferOptions) {
    this.#options = options
  }

  /** The log after this slot is needed by a peer that is receiving; null when none is. */
  get oldestNeededSlot(): Slot | null {
    let oldest: Slot | null = null
    for (const { slot } of this.#sending.values()) if (oldest === null || slot < oldest) oldest = slot
    return oldest
  }

  /** @param state is asked when it is this peer's turn */
  send(peer: number, state: () => SentState): void {
    this.#forget(peer)
    const { mayWait, sendingMax } = this.#options
    if (mayWait(peer) && this.#sending.size >= sendingMax) this.#waiting.set(peer, state)
    else this.#begin(peer, state())
  }

  #begin(peer: number, { tree, slot }: SentState): void {
    this.#options.onNote(`sends server ${peer} a snapshot of slot ${slot}`)
    const pin = tree.pin()
    const sending: Sending = { peer, slot, pin, chunks: serialiseTree(pin), next: 0, taken: 0, isDue: false }
    this.#sending.set(peer, sending)
    this.#sendLater(sending)
  }

  onTaken(from: number, { slot, index }: SnapshotTaken): void {
    const sending = this.#sending.get(from)
    if (sending === undefined || sending.slot !== slot) return
    sending.taken = Math.max(sending.taken, index + 1)
    this.#sendLater(sending)
  }

  onPart(from: number, { slot, index, bytes, isLast }: SnapshotPart): void {
    if (index === 0) {
      this.#receiving?.writer.abort()
      const writer = this.#options.store.begin(slot)
      this.#receiving = { from, slot, writer, arrived: [], next: 0, isComplete: false, isWriting: false }
    }
    const receiving = this.#receiving
    if (receiving === null || receiving.from !== from || receiving.slot !== slot || receiving.next !== index) return
    receiving.next++
    if (isLast) receiving.isComplete = true
    else receiving.arrived.push(bytes)
    this.#writeNext(receiving)
  }

  onPeerDown(peer: number): void {
    this.#endSending(peer)
    this.#waiting.delete(peer)
    if (this.#receiving?.from !== peer) return
    this.#receiving.writer.abort()
    this.#receiving = null
    this.#options.onFailed()
  }

  stop(): void {
    this.#waiting.clear()
    for (const peer of [...this.#sending.keys()]) this.#forget(peer)
    this.#receiving?.writer.abort()
    this.#receiving = null
  }

  /** One piece a turn: the clients of this server are not to notice. */
  #sendLater(sending: Sending): void {
    if (sending.isDue) return
    sending.isDue = true
    this.#options.clock.afterTurn(() => this.#sendNext(sending))
  }

  #sendNext(sending: Sending): void {
    const { peer, slot } = sending
    sending.isDue = false
    if (this.#sending.get(peer) !== sending || sending.next - sending.taken >= PARTS_UNDER_WAY_MAX) return
    const chunk = sending.chunks.next()
    const isLast = chunk.done === true
    const bytes = isLast ? NOTHING : chunk.value
    this.#options.links.send(peer, { kind: 'snapshotPart', slot, index: sending.next, bytes, isLast })
    this.#options.links.flush()
    sending.next++
    if (isLast) this.#endSending(peer)
    else this.#sendLater(sending)
  }

  #writeNext(receiving: Receiving): void {
    if (receiving.isWriting || this.#receiving !== receiving) return
    const { from, slot, writer } = receiving
    const bytes = receiving.arrived.shift()
    if (bytes === undefined) {
      if (receiving.isComplete) writer.finish((error) => this.#onFinished(receiving, error))
      return
    }
    receiving.isWriting = true
    writer.write(bytes, (error) => {
      receiving.isWriting = false
      if (error !== null) return this.#options.onFatal(error)
      const index = receiving.next - receiving.arrived.length - 1
      this.#options.links.send(from, { kind: 'snapshotTaken', slot, index })
      this.#options.links.flush()
      this.#writeNext(receiving)
    })
  }

  #onFinished(receiving: Receiving, error: Error | null): void {
    if (this.#receiving !== receiving) return
    this.#receiving = null
    if (error !== null) return this.#options.onFatal(error)
    this.#install(receiving.slot)
  }

  #install(slot: Slot): void {
    const newest = this.#options.store.newest()
    // This server may have written a newer one of its own meanwhile.
    if (newest === null || newest.slot < slot) return this.#options.onFailed()
    this.#options.onInstalled(slotOf(newest.slot), loadTree(newest.chunks))
  }

  #endSending(peer: number): void {
    this.#forget(peer)
    const [next] = this.#waiting
    if (next === undefined || this.#sending.size >= this.#options.sendingMax) return
    const [waiting, state] = next
    this.#waiting.delete(waiting)
    this.#begin(waiting, state())
  }

  #forget(peer: number): void {
    this.#sending.get(peer)?.pin.release()
    this.#sending.delete(peer)
  }
}

/** The newest snapshot that is whole, as a tree; an empty tree at slot 0 without one. */
export function loadNewest(store: SnapshotStore, emptyTree: () => DataTree): { tree: DataTree; slot: Slot } {
  const newest = store.newest()
  if (newest === null) return { tree: emptyTree(), slot: NO_SLOT }
  return { tree: loadTree(newest.chunks), slot: slotOf(newest.slot) }
}
