import { expect, test } from 'vitest'
import { shippedProfiles } from './shipped-profiles.ts'
import { ProfileLibrary } from '../../src/profile/library.ts'
import { planOf } from '../../src/profile/plan-of.ts'
import { readProfile } from '../../src/profile/profile-text.ts'
import { engineSupport } from '../../src/zoocfg/engine-support.ts'

const shipped = shippedProfiles()
const library = ProfileLibrary.read(shipped)

test('these are shipped, each name once over all concerns', () => {
  expect(library.all.map(({ concern, name }) => `${concern} ${name}`)).toEqual([
    'cluster large-cluster',
    'cluster medium-cluster',
    'cluster no-leader-clients',
    'cluster observers',
    'cluster small-cluster',
    'cluster standalone',
    'cluster unanimous',
    'cluster wan-continental',
    'cluster wan-regional',
    'cluster weighted-groups',
    'storage batched-sync',
    'storage compressed-snapshots',
    'storage durable',
    'storage small-snapshots',
    'storage split-log-device',
    'storage volatile',
    'security digest-acl',
    'security mtls-client',
    'security open',
    'security tls-client',
    'workload barriers',
    'workload clickhouse-like',
    'workload config-fanout',
    'workload elections',
    'workload hbase-like',
    'workload http-admin',
    'workload http-gateway',
    'workload kafka-like',
    'workload large-znodes',
    'workload locks',
    'workload mixed',
    'workload queues',
    'workload read-heavy',
    'workload reconnect-storm',
    'workload service-discovery',
    'workload session-storm',
    'workload transactions',
    'workload write-heavy',
  ])
})

test.each(shipped)(
  '$file is of the concern that its folder says, and begins by saying what it stands for',
  (source) => {
    expect(readProfile(source).concern).toBe(source.concern)
    expect(source.text).toMatch(/^; [A-Z].*[^\n]\n/)
  },
)

test.each(shipped)('$file sets only what the built-in engine acts on', (source) => {
  for (const { key } of readProfile(source).settings) expect(engineSupport(key).honoured, key).toBe(true)
})

test.each(shipped)('a plan can be made of $name', ({ name }) => {
  const profiles = [{ flag: '--profile' as const, profile: name }]
  const plan = planOf({ library, profiles, config: null, flags: {}, freshSeed: 1 })
  expect(plan.isUnsafe).toBe(name === 'volatile')
  expect(plan.notHonoured).toEqual([])
})
