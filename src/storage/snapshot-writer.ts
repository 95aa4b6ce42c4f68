import { assert } from '../kernel/assert.ts'
import type { Disk, OpenFile } from '../kernel/ports.ts'
import { gzipMember } from './gzip-member.ts'
import { SnapshotEncoder } from './snapshot-file.ts'

/** A flush of everything at the end would hold up the log's own syncs on the same device for as long as it takes. */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024

export type SnapshotCallback = (error: Error | null) => void

/**
 * Writes one snapshot beside its final place. One call at a time: the next `write` or `finish` comes after the callback of
 * the one before, so there is never more than one chunk in memory. After a failure the file is gone and the writer is of
 * no more use; the snapshots that were there are untouched.
 */
export class SnapshotWriter {
  readonly #disk: Disk
  readonly #folder: string
  readonly #path: string
  readonly #finalPath: string
  readonly #encoder = new SnapshotEncoder()
  readonly #isCompressed: boolean
  readonly #file: OpenFile
  readonly #onFinished: () => void
  #pendingHeader: Buffer | null
  #position = 0
  #unsyncedBytes = 0
  #callback: SnapshotCallback | null = null
  #state: 'open' | 'finishing' | 'ended' = 'open'

  /** Use `SnapshotStore.begin`. */
  constructor(
    disk: Disk,
    target: {
      readonly folder: string
      readonly temporary: string
      readonly final: string
      readonly slot: number
      readonly isCompressed: boolean
    },
    onFinished: () => void,
  ) {
    this.#disk = disk
    this.#folder = target.folder
    this.#path = `${target.folder}/${target.temporary}`
    this.#finalPath = `${target.folder}/${target.final}`
    this.#isCompressed = target.isCompressed
    this.#onFinished = onFinished
    this.#file = disk.open(this.#path)
    this.#pendingHeader = this.#encoder.header(target.slot)
  }

  /** @param onReady called when the next chunk may come; the chunk itself is copied */
  write(chunk: Uint8Array, onReady: SnapshotCallback): void {
    this.#start('open', onReady)
    this.#put(this.#encoder.chunk(chunk), false)
  }

  /** @param onDone called with null once the snapshot counts: whole, synced, renamed, its folder synced */
  finish(onDone: SnapshotCallback): void {
    this.#start('finishing', onDone)
    this.#put(this.#encoder.trailer(), true)
  }

  /** Drops the snapshot; a callback that is due does not come. Harmless at the end. */
  abort(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    const isWriting = this.#callback !== null
    this.#callback = null
    if (!isWriting) this.#discard()
  }

  #start(state: 'open' | 'finishing', callback: SnapshotCallback): void {
    assert(this.#state === 'open' && this.#callback === null, 'a snapshot is written one chunk at a time')
    this.#state = state
    this.#callback = callback
  }

  #put(part: Buffer, isLast: boolean): void {
    const plain = this.#pendingHeader === null ? part : Buffer.concat([this.#pendingHeader, part])
    const bytes = this.#isCompressed ? gzipMember(plain) : plain
    this.#pendingHeader = null
    const position = this.#position
    this.#position += bytes.length
    this.#unsyncedBytes += bytes.length
    if (!isLast && this.#unsyncedBytes < SYNC_EVERY_BYTES) {
      this.#file.write(bytes, position, this.#onWritten)
    } else {
      this.#unsyncedBytes = 0
      this.#file.writeAndSync(bytes, position, this.#onWritten)
    }
  }

  readonly #onWritten = (error: Error | null): void => {
    const callback = this.#callback
    this.#callback = null
    if (callback === null) {
      this.#discard() // aborted meanwhile
      return
    }
    let failure = error
    try {
      if (failure === null && this.#state === 'finishing') {
        this.#file.closeNow()
        this.#state = 'ended'
        this.#disk.rename(this.#path, this.#finalPath)
        this.#disk.syncFolder(this.#folder)
        this.#onFinished()
      }
    } catch (thrown) {
      failure = thrown instanceof Error ? thrown : new Error(String(thrown))
    }
    if (error !== null) {
      this.#state = 'ended'
      this.#discard()
    }
    callback(failure)
  }

  #discard(): void {
    try {
      this.#file.closeNow()
      this.#disk.remove(this.#path)
    } catch {
      // The disk fails already, and the caller knows; what is left has a name that the next start removes.
    }
  }
}
