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

  localSessionsEnabled: async () => {
    const figuresWith = async (lines: Lines): Promise<readonly (string | null)[]> => {
      const world = new KnobWorld()
      await world.ensemble(3, lines)
      await world.connected()
      return [await world.figure('global_sessions'), await world.figure('local_sessions')]
    }
    expect(await figuresWith({})).toEqual(['1', '0'])
    expect(await figuresWith({ localSessionsEnabled: 'true' })).toEqual(['0', '1'])
  },

  localSessionsUpgradingEnabled: async () => {
    const cameBackElsewhere = async (lines: Lines): Promise<boolean> => {
      const world = new KnobWorld()
      await world.ensemble(3, { localSessionsEnabled: 'true', ...lines })
      const client = await world.connected()
      await world.wait(client.create('/mine', '', { mode: 'ephemeral' }))
      const session = { id: client.sessionId, password: client.sessionPassword }
      const again = await world.connected('r2:2181', { session })
      return again.sessionId === session.id
    }
    await expect(cameBackElsewhere({})).rejects.toThrow('EPHEMERALONLOCALSESSION')
    expect(await cameBackElsewhere({ localSessionsUpgradingEnabled: 'true' })).toBe(true)
  },
}

/** The timeout that a client gets which asks for this one. */
async function granted(lines: Lines, sessionTimeoutMs: number): Promise<number> {
  const world = new KnobWorld()
  await world.standalone(lines)
  return (await world.connected('r1:2181', { sessionTimeoutMs })).sessionTimeoutMs
}
