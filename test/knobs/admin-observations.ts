import { expect } from 'vitest'
import { KnobWorld } from './knob-world.ts'
import type { Observations } from './observation.ts'

export const adminObservations: Observations = {
  '4lw.commands.whitelist': async () => {
    const world = new KnobWorld()
    await world.standalone({ '4lw.commands.whitelist': 'ruok' })
    expect(await world.word('ruok')).toBe('imok')
    expect(await world.word('mntr')).toBe('mntr is not executed because it is not in the whitelist.\n')
  },
}
