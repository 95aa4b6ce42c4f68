import type { Clock, Timer } from '../../../kernel/ports.ts'
import type { DataTree } from '../../../tree/data-tree.ts'
import type { HistoryWindow } from '../../../tree/history-window.ts'
import type { TreeView } from '../../../tree/tree-view.ts'
import type { ReplicatedService } from '../../replication/replicated-service.ts'

/** However long the window: at most so many earlier states of znodes, and so many bytes of them. */
const VERSIONS_MAX = 200_000
const BYTES_MAX = 128 * 1024 * 1024
/** The floor moves in steps of this part of the window. */
const STEPS = 20

interface Mark {
  readonly zxid: number
  readonly atMs: number
}

/**
 * The states of this server's tree in the last `zktune.historyWindowMs`: a window over the tree whose floor follows the
 * clock. It shows at least as far back as the window is long, unless its limits of memory have moved the floor.
 */
export class StateHistory {
  readonly #service: ReplicatedService
  readonly #clock: Clock
  readonly #windowMs: number
  #open: { readonly tree: DataTree; readonly window: HistoryWindow } | null = null
  /** What was the newest zxid when; oldest first. */
  #marks: Mark[] = []
  #timer: Timer | null = null

  constructor(options: { readonly service: ReplicatedService; readonly clock: Clock; readonly windowMs: number }) {
    this.#service = options.service
    this.#clock = options.clock
    this.#windowMs = options.windowMs
  }

  /** With a window of 0 ms nothing is kept. */
  start(): void {
    if (this.#windowMs > 0) this.#step()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#open?.window.close()
    this.#open = null
  }

  /** The lowest zxid that can be read; null when none but the newest can. */
  get floorZxid(): number | null {
    return this.#current()?.floorZxid ?? null
  }

  /** @returns good until the next command; null outside of the window */
  viewAt(zxid: number): TreeView | null {
    return this.#current()?.viewAt(zxid) ?? null
  }

  /** After a snapshot was taken over there is another tree, and nothing is known of the time before. */
  #current(): HistoryWindow | null {
    if (this.#windowMs === 0) return null
    const { tree } = this.#service
    if (this.#open?.tree !== tree) {
      this.#open?.window.close()
      this.#open = { tree, window: tree.openWindow({ versionsMax: VERSIONS_MAX, bytesMax: BYTES_MAX }) }
      this.#marks = []
    }
    return this.#open.window
  }

  #step(): void {
    this.#timer = this.#clock.setTimer(Math.max(1, this.#windowMs / STEPS), () => this.#step())
    const window = this.#current()
    const nowMs = this.#clock.nowMs()
    this.#marks.push({ zxid: this.#service.tree.lastZxid, atMs: nowMs })
    for (let next = this.#marks[1]; next !== undefined && nowMs - next.atMs >= this.#windowMs; next = this.#marks[1]) {
      this.#marks.shift()
    }
    const oldest = this.#marks[0]
    if (oldest !== undefined && nowMs - oldest.atMs >= this.#windowMs) window?.raiseFloor(oldest.zxid)
  }
}
