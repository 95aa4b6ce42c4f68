import type { Clock, Timer } from '../../kernel/ports.ts'
import type { Summary } from '../admin/summary.ts'
import type { ServerClusterSettings } from '../settings.ts'
import type { Audience } from './replicated-service.ts'

/** A server waits so long at least before it serves readers: most elections are over by then. As Apache has it. */
const READ_ONLY_AFTER_MS = 2_000

export interface AvailabilityOptions {
  readonly settings: Pick<
    ServerClusterSettings,
    'tickTimeMs' | 'syncLimitTicks' | 'leaderServes' | 'isReadOnlyModeEnabled'
  >
  readonly clock: Clock
  /** How long it took to find a leader, and how long this server took no part, each time. */
  readonly electionTime: Summary
  readonly unavailableTime: Summary
  readonly onServing: (isServing: boolean) => void
  /** Whoever is served must go, for from here on others are. */
  readonly onAudienceGone: () => void
}

/**
 * Whom a server serves: everybody while it is a part of an ensemble that decides; nobody while it leads and leaders are not
 * to be bothered; and, where that is allowed, readers alone once it has been without a leader for a while.
 */
export class Availability {
  readonly #options: AvailabilityOptions
  #isServing = false
  #isLeading = false
  #isReadOnly = false
  #lookingSinceMs: number | null
  #idleSinceMs: number | null
  #timer: Timer | null = null
  /** When the clients that stayed without a leader must go; null: none have. */
  #graceEndsMs: number | null = null

  constructor(options: AvailabilityOptions) {
    this.#options = options
    this.#lookingSinceMs = this.#idleSinceMs = options.clock.nowMs()
  }

  /** It leads or follows and has applied what was chosen when it began to. */
  get isServing(): boolean {
    return this.#isServing
  }

  get audience(): Audience {
    if (this.#isReadOnly) return 'readers'
    return this.#isServing && this.#takesClients ? 'everybody' : 'nobody'
  }

  /** This process begins without a leader. */
  start(): void {
    this.#serveReadersLater()
  }

  /** @returns whether it knew a leader until now */
  onLooking(): boolean {
    const { clock, settings } = this.#options
    this.#setServing(false)
    this.#graceEndsMs ??= clock.nowMs() + settings.syncLimitTicks * settings.tickTimeMs
    if (this.#lookingSinceMs !== null) return false
    this.#lookingSinceMs = clock.nowMs()
    this.#serveReadersLater()
    return true
  }

  onLeaderFound(isLeading: boolean): void {
    const { clock, electionTime } = this.#options
    this.#isLeading = isLeading
    this.#graceEndsMs = null
    this.#timer?.cancel()
    if (this.#lookingSinceMs !== null) electionTime.add(clock.nowMs() - this.#lookingSinceMs)
    this.#lookingSinceMs = null
    const wasReadOnly = this.#isReadOnly
    this.#isReadOnly = false
    if (wasReadOnly || !this.#takesClients) this.#options.onAudienceGone()
  }

  onTurnEnd(): void {
    if (this.#graceEndsMs !== null && this.#options.clock.nowMs() >= this.#graceEndsMs) this.#dismiss()
  }

  onCaughtUp(): void {
    this.#setServing(true)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#isReadOnly = false
    this.#setServing(false)
  }

  get #takesClients(): boolean {
    return !this.#isLeading || this.#options.settings.leaderServes
  }

  #setServing(isServing: boolean): void {
    const { clock, unavailableTime, onServing } = this.#options
    if (this.#isServing === isServing) return
    this.#isServing = isServing
    if (!isServing) this.#idleSinceMs = clock.nowMs()
    else if (this.#idleSinceMs !== null) {
      unavailableTime.add(clock.nowMs() - this.#idleSinceMs)
      this.#idleSinceMs = null
    }
    onServing(isServing)
  }

  #serveReadersLater(): void {
    const { settings, clock } = this.#options
    if (!settings.isReadOnlyModeEnabled) return
    this.#timer?.cancel()
    this.#timer = clock.setTimer(Math.max(READ_ONLY_AFTER_MS, settings.tickTimeMs), () => {
      // Those who waited for a leader come back as readers, if that is enough for them.
      this.#dismiss()
      this.#isReadOnly = true
    })
  }

  #dismiss(): void {
    this.#graceEndsMs = null
    this.#options.onAudienceGone()
  }
}
