import { expect, test } from 'vitest'

import { remoteAdviceFiles } from '../../../src/tune/output/remote-advice.ts'
import type { RemoteAdvice } from '../../../src/tune/output/remote-advice.ts'
import { faultsOf } from '../../schema/published-schema.ts'
import { lint } from '../../../src/zoocfg/lint/lint.ts'
import { readZooCfg } from '../../../src/zoocfg/zoo-cfg.ts'

const TOLD = 'tickTime=2000\ndataDir=/data\nclientPort=2181\nautopurge.snapRetainCount=3\n'

function adviceWith(changes: Partial<RemoteAdvice> = {}): RemoteAdvice {
  const file = 'zk1:2181'
  return {
    schemaVersion: 1,
    command: 'recommend',
    engine: 'remote',
    startedAt: '2026-11-23T02:00:00.000Z',
    line: 'zktune recommend --engine remote --connect zk1:2181',
    connect: file,
    zookeeperVersion: '3.8',
    servers: [{ endpoint: file, role: 'standalone', version: '3.8.0' }],
    settings: [{ key: 'tickTime', value: '2000', unit: 'ms', origin: 'given', servers: [file] }],
    findings: lint([{ file, text: TOLD.replace('Count=3', 'Count=1') }]),
    mends: [
      {
        rule: 'snap-retain-below-three',
        key: 'autopurge.snapRetainCount',
        line: 4,
        from: '1',
        to: '3',
        why: '3 counts',
      },
    ],
    derived: [{ key: 'autopurge.purgeInterval', from: null, to: '24', why: 'the disk fills up', basis: 'computed' }],
    heap: { heapMiB: 1_024, why: 'a small tree' },
    measured: null,
    configuredBy: file,
    ...changes,
  }
}

function filesOf(advice: RemoteAdvice, text: string | null = TOLD): ReadonlyMap<string, string> {
  return new Map(remoteAdviceFiles(advice, text).map((file) => [file.name, file.text]))
}

test('the zoo.cfg is what the servers told, with each advised line by its rule and the rest of the findings at its head', () => {
  const text = filesOf(adviceWith()).get('zoo.cfg') ?? ''
  expect(text).toContain('# was "1"; by rule snap-retain-below-three: 3 counts\nautopurge.snapRetainCount=3\n')
  expect(text).toContain('# was not set; by rule: the disk fills up\nautopurge.purgeInterval=24\n')
  expect(text).toMatch(/^# Left to you, by rule log-dir-shared: /m)
  expect(readZooCfg('zoo.cfg', text).settings.size).toBe(5)
})

test('the page tells rules from measurements, and calls nothing a gain', () => {
  const without = filesOf(adviceWith()).get('RECOMMENDATION.md') ?? ''
  expect(without).toContain('Nothing was measured: --allow-remote-writes allows it.')
  expect(without).toContain('| `autopurge.purgeInterval` | not set | `24` | by rule | the disk fills up |')
  expect(without).toContain('`snap-retain-below-three`')
  const metrics = { 'all.opsPerSecond': 5_210, 'all.p99': 12_300, 'set.p50': 1 }
  const measured = { workload: 'mixed', durationMs: 10_000, metrics }
  const page = filesOf(adviceWith({ measured })).get('RECOMMENDATION.md') ?? ''
  expect(page).toContain('they carry 5,210 operations a second of mixed, p99 12.3 ms')
  expect(page).toContain('| `all.p99` | 12.3 ms |')
  for (const text of [without, page]) expect(text.match(/gain/g)).toHaveLength(1)
})

test('where no server tells its settings there is no zoo.cfg', () => {
  const files = filesOf(adviceWith({ configuredBy: null, mends: [], derived: [] }), null)
  expect([...files.keys()]).toEqual(['result.json', 'RECOMMENDATION.md'])
})

test('the document is as published, measured or not, with settings told or none', () => {
  const metrics = { 'all.opsPerSecond': 5_210 }
  const measured = { workload: 'mixed', durationMs: 10_000, metrics }
  const nothing = { configuredBy: null, heap: null, mends: [], derived: [], settings: [], findings: [] }
  for (const changes of [{}, { measured }, nothing]) {
    const document: unknown = JSON.parse(JSON.stringify({ folder: '/advice', ...adviceWith(changes) }))
    expect(faultsOf(document, 'RemoteAdvice')).toEqual([])
  }
})
