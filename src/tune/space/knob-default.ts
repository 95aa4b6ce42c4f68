import { findKnob } from '../../zoocfg/catalogue.ts'

/**
 * The text that a server takes when zoo.cfg does not have the key, computed ones as Apache computes them.
 *
 * @param valueOf the text of another knob in the same configuration
 * @returns null where there is none
 */
export function knobDefault(key: string, cores: number, valueOf: (key: string) => string | null): string | null {
  switch (key) {
    case 'maxWriteQueuePollTime':
      return String(Math.floor(Number(valueOf('flushDelay') ?? 0) / 3))
    case 'nio.numSelectorThreads':
      return String(Math.max(1, Math.floor(Math.sqrt(cores / 2))))
    case 'nio.numWorkerThreads':
      return String(2 * cores)
    case 'commitProcessor.numWorkerThreads':
      return String(cores)
    default: {
      const fallback = findKnob(key)?.default
      return fallback === undefined ? null : String(fallback)
    }
  }
}
