/** How one link (a direction between two hosts) behaves. Durations are drawn between their two ends. */
export interface LinkConditions {
  readonly delayMs: readonly [number, number]
  readonly bytesPerMs: number
  /** Nothing gets through; the senders keep trying, as TCP does, until they give up. */
  readonly isBlocked: boolean
}

export const HEALTHY_LINK: LinkConditions = { delayMs: [0.0625, 1], bytesPerMs: 100_000, isBlocked: false }
