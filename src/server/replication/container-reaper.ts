import type { Clock, Timer } from '../../kernel/ports.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { ReapingSearch } from '../../tree/reaping.ts'
import type { TreeSettings } from '../../zoocfg/settings/tree-settings.ts'

/** The least time between two steps, ms. */
const STEP_MS = 100
/** Znodes that one step looks at: some milliseconds of work. */
const LOOK_MAX = 10_000
const MINUTE_MS = 60_000

export interface ContainerReaperOptions {
  readonly settings: TreeSettings
  readonly clock: Clock
  readonly tree: () => DataTree
  /** Wall clock as the next command will carry it, ms since 1970. */
  readonly timeMs: () => number
  /** Proposes to delete a container or TTL znode; whether it may still go is decided when that is applied. */
  readonly reap: (path: string) => void
}

/**
 * The part of a leader that searches the tree for containers and TTL znodes that have served. Its proposals are spread
 * over the time that `znode.container.maxPerMinute` gives them, and so is the search itself.
 */
export class ContainerReaper {
  readonly #options: ContainerReaperOptions
  readonly #stepMs: number
  readonly #findMax: number
  #timer: Timer | null = null

  constructor(options: ContainerReaperOptions) {
    this.#options = options
    const { containerMaxPerMinute } = options.settings
    this.#stepMs = Math.max(STEP_MS, MINUTE_MS / containerMaxPerMinute)
    this.#findMax = Math.max(1, Math.floor((containerMaxPerMinute * this.#stepMs) / MINUTE_MS))
  }

  /** Searches for the first time after `znode.container.checkIntervalMs`, and then again after each. */
  start(): void {
    const { clock, settings } = this.#options
    this.#timer = clock.setTimer(Math.max(settings.containerCheckIntervalMs, this.#stepMs), () => this.#begin())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #begin(): void {
    const { settings, tree } = this.#options
    this.#step(new ReapingSearch(tree(), { neverUsedMsMax: settings.containerMaxNeverUsedMs }))
  }

  #step(search: ReapingSearch): void {
    const { clock, timeMs, reap } = this.#options
    for (const path of search.next({ nowMs: timeMs(), findMax: this.#findMax, lookMax: LOOK_MAX })) reap(path)
    if (search.isDone) this.start()
    else this.#timer = clock.setTimer(this.#stepMs, () => this.#step(search))
  }
}
