import { expect } from 'vitest'
import { KnobWorld } from './knob-world.ts'
import type { Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

export const sessionObservations: Observations = {
  minSessionTimeout: async () => {
    expect(await granted({}, 1)).toBe(4_000)
    expect(await granted({ minSessionTimeout: '6500' }, 1)).toBe(6_500)
  },

  maxSessionTimeout: async () => {
    expect(await granted({}, 1_000_000)).toBe(40_000)
    expect(await granted({ maxSessionTimeout: '50500' }, 1_000_000)).toBe(50_500)
  },
}

/** The timeout that a client gets which asks for this one. */
async function granted(lines: Lines, sessionTimeoutMs: number): Promise<number> {
  const world = new KnobWorld()
  await world.standalone(lines)
  return (await world.connected('r1:2181', { sessionTimeoutMs })).sessionTimeoutMs
}
