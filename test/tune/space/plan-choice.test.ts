import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ProfileLibrary } from '../../../src/profile/library.ts'
import { planOf } from '../../../src/profile/plan-of.ts'
import type { Plan } from '../../../src/profile/plan.ts'
import { configuredPlan } from '../../../src/tune/recommend/configured-plan.ts'
import { checkTolerance } from '../../../src/tune/recommend/tolerance.ts'
import { ConfigurationSpace } from '../../../src/tune/space/configuration-space.ts'
import { planChoices, tolerableChoices } from '../../../src/tune/space/plan-choice.ts'
import type { PlanChoice } from '../../../src/tune/space/plan-choice.ts'
import { NO_WISHES, searchSpaceOf } from '../../../src/tune/space/search-space.ts'
import { shippedProfiles } from '../../profile/shipped-profiles.ts'

const library = ProfileLibrary.read(shippedProfiles())

function planWith(...names: string[]): Plan {
  const profiles = names.map((profile) => ({ flag: '--profile', profile }) as const)
  return planOf({ library, profiles, config: null, flags: {}, freshSeed: 1 })
}

function choicesOf(search: readonly string[], logDirs: readonly string[] = [], ...names: string[]) {
  const plan = planWith(...names)
  const others = names.filter((name) => name !== plan.profiles.security)
  return planChoices(plan, { search, logDirs }, (profile) => planWith(...others, profile))
}

function words(choices: readonly PlanChoice[]): object {
  return Object.fromEntries(choices.map(({ key, words: those }) => [key, those]))
}

describe('what is searched beside settings', () => {
  test('begins with what the start has, and has each word once', () => {
    expect(words(choicesOf(['size=5,3,1,5', 'observers=0,1', 'security=tls-client'], ['/a', '/b', '/a']))).toEqual({
      size: ['3', '5', '1'],
      observers: ['0', '1'],
      security: ['open', 'tls-client'],
      dataLogDir: ['/a', '/b'],
    })
    expect(choicesOf([], ['/a'])).toEqual([])
  })

  test.each([
    [['size'], 'it is nothing that can be searched'],
    [['sise=3,5'], 'it is nothing that can be searched'],
    [['size=3'], 'there is nothing to choose between'],
    [['size=3,0'], '"0" is out of range'],
    [['size=3,many'], '"many" is not a whole number'],
    [['size=3,5', 'size=3,7'], 'it is given twice'],
    [['security=open,small-cluster'], '"small-cluster" is no security profile'],
    [['security=open,tsl-client'], 'there is no profile "tsl-client"'],
  ])('%j is refused', (search, what) => {
    expect(() => choicesOf(search)).toThrow(what)
  })

  test('one server alone has no observers, in the file or in the search', () => {
    expect(() => choicesOf(['size=1,3'], [], 'observers')).toThrow('there are 2 observers and one voter')
    const space = new ConfigurationSpace(spaceOf(['size=1,3', 'observers=0,1']))
    const isFeasible = (size: string, observers: string): boolean =>
      space.isFeasible(space.pointOf(new Map([...space.start, ['size', size], ['observers', observers]])))
    expect([isFeasible('1', '0'), isFeasible('1', '1'), isFeasible('3', '1')]).toEqual([true, false, true])
  })

  test('links between the servers that there are forbid another size', () => {
    expect(() => choicesOf(['size=3,5'], [], 'wan-regional')).toThrow('are between the servers that there are')
  })
})

test('another security takes the place of the one that the start has, whose lines go with it', () => {
  const start = planWith('tls-client')
  const keysAfter = (word: string): readonly string[] => {
    const [choice] = choicesOf(['security=open,mtls-client'], [], 'tls-client')
    return choice?.apply(start, word).settings.map(({ key, value }) => `${key}=${value}`) ?? []
  }
  expect(start.settings).toContainEqual(expect.objectContaining({ key: 'ssl.clientAuth', value: 'none' }))
  expect(keysAfter('tls-client')).toContain('ssl.clientAuth=none')
  expect(keysAfter('mtls-client')).toContain('ssl.clientAuth=need')
  expect(keysAfter('open').filter((line) => line.startsWith('ssl.'))).toEqual([])
})

function spaceOf(search: readonly string[], logDirs: readonly string[] = []) {
  return searchSpaceOf(planWith(), { ...NO_WISHES, choices: choicesOf(search, logDirs) }, 2)
}

test('a size that may not lose as many as asked is not tried, and where none is left that is said', () => {
  const plan = planWith()
  const bear = (lost: number) => (other: Plan) => checkTolerance(other, lost)
  const { choices, dropped } = tolerableChoices(plan, choicesOf(['size=1,2,3,5']), bear(1))
  expect(words(choices)).toEqual({ size: ['3', '5'] })
  expect(dropped.map(({ what }) => what)).toEqual([
    '1 voter (--search size=1,2,3,5) may lose 0',
    '2 voters (--search size=1,2,3,5) may lose 0',
  ])
  expect(() => tolerableChoices(plan, choicesOf(['size=1,3']), bear(1))).toThrow('no size but 3')
})

test('what boots is what was chosen, and no server reads a line of it', () => {
  const plan = planWith()
  const searched = spaceOf(
    ['size=1,3,5', 'observers=0,2', 'security=open,tls-client,mtls-client,digest-acl'],
    ['/a', '/b'],
  )
  const { start } = new ConfigurationSpace(searched)
  const starting = { plan: { ...plan, logParent: '/a' }, start, choices: searched.choices }
  const configuration = fc.record({
    size: fc.constantFrom('3', '5'),
    observers: fc.constantFrom('0', '2'),
    security: fc.constantFrom('open', 'tls-client', 'mtls-client', 'digest-acl'),
    dataLogDir: fc.constantFrom('/a', '/b'),
    snapCount: fc.constantFrom('100000', '40000'),
  })
  fc.assert(
    fc.property(configuration, (texts) => {
      const booted = configuredPlan(starting, new Map([...start, ...Object.entries(texts)]), 'trial 1')
      const clients = {
        open: { tls: 'none', auth: 'none' },
        'tls-client': { tls: 'server', auth: 'none' },
        'mtls-client': { tls: 'mutual', auth: 'none' },
        'digest-acl': { tls: 'none', auth: 'digest' },
      }[texts.security]
      expect(booted).toMatchObject({
        voters: Number(texts.size),
        observers: Number(texts.observers),
        clients,
        logParent: texts.dataLogDir,
        profiles: { security: texts.security },
      })
      const settings = new Map(booted.settings.map(({ key, value }) => [key, value]))
      expect(settings.get('snapCount') ?? '100000').toBe(texts.snapCount)
      for (const key of ['size', 'observers', 'security', 'dataLogDir']) expect(settings.has(key)).toBe(false)
    }),
  )
})
