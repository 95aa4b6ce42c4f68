import { describe, expect, test } from 'vitest'
import { readShippedProfiles } from '../../src/cli/profile-files.ts'
import { FaultyInput } from '../../src/kernel/faults.ts'
import { ProfileLibrary } from '../../src/profile/library.ts'
import { overlaidPlan } from '../../src/profile/plan-overlay.ts'
import { planOf } from '../../src/profile/plan-of.ts'
import type { Plan } from '../../src/profile/plan.ts'

function plan(flags: Parameters<typeof planOf>[0]['flags'] = {}): Plan {
  const library = ProfileLibrary.read(readShippedProfiles())
  return planOf({ library, profiles: [], config: null, flags, freshSeed: 1 })
}

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof FaultyInput) return error.faults.map(({ code, where, what }) => `${code} ${where}: ${what}`)
    throw error
  }
  return []
}

const valueOf = ({ settings }: Plan, key: string): string | undefined =>
  settings.find((setting) => setting.key === key)?.value

describe('settings laid over a plan', () => {
  test('count in the place of those that were there, and say where they come from', () => {
    const over = overlaidPlan(plan(), { tickTime: '1000', snapCount: '5000' }, 'trial 7')
    expect(valueOf(over, 'tickTime')).toBe('1000')
    expect(over.settings.find(({ key }) => key === 'snapCount')).toEqual({
      key: 'snapCount',
      value: '5000',
      origin: 'trial 7',
    })
    expect(over.settings.filter(({ key }) => key === 'tickTime')).toHaveLength(1)
  })

  test('may take one away, so that the default counts', () => {
    const with4 = overlaidPlan(plan(), { snapCount: '5000' }, 'one')
    expect(valueOf(overlaidPlan(with4, { snapCount: null }, 'two'), 'snapCount')).toBeUndefined()
    expect(faultsOf(() => overlaidPlan(plan(), { initLimit: null }, 'trial 1'))).toEqual([
      'BadConfigValue profile small-cluster: initLimit is taken away, and an ensemble needs it',
    ])
  })

  test('that give up durability mark the plan as unsafe', () => {
    expect(plan().isUnsafe).toBe(false)
    expect(overlaidPlan(plan(), { forceSync: 'no' }, 'trial 1').isUnsafe).toBe(true)
  })

  test('are refused, all at once, where the engine or the run would not act on them', () => {
    const faults = faultsOf(() =>
      overlaidPlan(plan(), { dataDir: '/x', 'netty.server.flush': '1', tickTime: 'two' }, 'trial 1'),
    )
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['NotSupported', 'NotSupported', 'BadConfigValue'])
  })

  test('are refused where they do not fit together', () => {
    const faults = faultsOf(() =>
      overlaidPlan(plan(), { minSessionTimeout: '9000', maxSessionTimeout: '5000' }, 'trial 1'),
    )
    expect(faults).toHaveLength(1)
  })
})
