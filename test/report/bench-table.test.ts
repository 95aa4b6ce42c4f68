import { describe, expect, test } from 'vitest'

import type { BenchResult, LatencySummary, OperationResult } from '../../src/measure/bench-result.ts'
import { benchText } from '../../src/report/bench-table.ts'
import type { Style } from '../../src/report/style.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }

const LATENCY: LatencySummary = {
  count: 1_234_567,
  min: 90,
  mean: 301.5,
  p50: 213.4,
  p90: 812,
  p95: 902,
  p99: 12_400.2,
  p999: 123_456,
  max: 1_234_567,
}

const OPERATION: OperationResult = { operations: 1_234_567, errors: {}, opsPerSecond: 123_456.7, latencyUs: LATENCY }

const RESULT: BenchResult = {
  schemaVersion: 1,
  command: 'bench',
  seed: 42,
  plan: {
    engine: 'builtin',
    apache: null,
    seed: 42,
    profiles: { cluster: 'small-cluster', storage: 'durable', security: 'open' },
    voters: 3,
    observers: 0,
    settings: [],
    isUnsafe: false,
    clients: { tls: 'none', auth: 'none' },
    workload: {
      name: 'mixed',
      mix: { get: 9, set: 1 },
      sessions: 16,
      inFlight: 16,
      valueSizeBytes: 1_048_576,
      keyCount: 100_000,
    },
    durationMs: 10_000,
    warmupMs: 2_000,
    dataParent: null,
    logParent: null,
    splitsLog: false,
    notHonoured: [],
    replaced: [],
    remarks: [],
    origins: {
      engine: 'default',
      'clients.tls': 'profile open',
      'clients.auth': 'profile open',
      voters: 'profile small-cluster',
      observers: 'default',
      seed: 'default',
      durationMs: 'default',
      warmupMs: 'default',
      dataParent: 'default',
      logParent: 'default',
      'workload.mix': 'profile mixed',
      'workload.sessions': 'profile mixed',
      'workload.inFlight': 'profile mixed',
      'workload.valueSizeBytes': 'profile mixed',
      'workload.keyCount': 'profile mixed',
    },
  },
  environment: {
    zktune: '0.1.0',
    node: 'v20.20.2',
    platform: 'linux x64',
    cpu: 'a processor',
    cores: 2,
    memoryBytes: 8e9,
    tls: null,
    dataFileSystem: 'ext4',
    logFileSystem: 'ext4',
    isLogApart: null,
  },
  durability: 'synced',
  ensemble: {
    engine: 'builtin',
    software: [],
    bootMs: 412.3,
    servers: [
      { id: 1, pid: 11, role: 'follower', clientPort: 2181, cpuSeconds: 9.9, cpuUsPerOperation: 8.1 },
      { id: 2, pid: 12, role: 'leader', clientPort: 2182, cpuSeconds: 9.9, cpuUsPerOperation: 12.34 },
      { id: 3, pid: 13, role: 'follower', clientPort: 2183, cpuSeconds: 9.9, cpuUsPerOperation: 8.4 },
    ],
  },
  phases: [
    { name: 'measure', kind: 'closed', seconds: 10, ...OPERATION, byOperation: { get: OPERATION, set: OPERATION } },
  ],
  generator: {
    pid: 14,
    cpuSeconds: 4.5,
    cpuUsPerOperation: 4.5,
    cpuShare: 0.45,
    eventLoopDelayMs: { p50: 0.1, p99: 1.2, max: 8 },
  },
  notHonoured: [],
  partial: false,
}

const WITH_TROUBLE: BenchResult = {
  ...RESULT,
  generator: null,
  partial: true,
  durability: 'unsynced',
  notHonoured: [
    {
      key: 'flushDelay',
      reason: 'groups are synced at the pace of the disk, whatever came meanwhile shares the next sync',
    },
  ],
  phases: [
    {
      name: 'measure',
      kind: 'closed',
      seconds: 3.2,
      ...OPERATION,
      byOperation: {
        children: { ...OPERATION, latencyUs: { ...LATENCY, p99: null, p999: null } },
        set: { ...OPERATION, errors: { CONNECTIONLOSS: 1_204, SESSIONEXPIRED: 3 } },
      },
    },
  ],
}

/** Figures differ from run to run; their width is part of what is tested. */
const masked = (text: string): string => text.replace(/\d/g, '9')

const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('the table of a bench', () => {
  test('says what ran, what came out in which unit, and what to run next', () => {
    expect(masked(benchText(RESULT, PLAIN))).toMatchSnapshot()
  })

  test('says how clients came, when it is by TLS or as somebody', () => {
    const tls = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' }
    const environment = { ...RESULT.environment, tls }
    const by = (clients: BenchResult['plan']['clients']): BenchResult => {
      return { ...RESULT, plan: { ...RESULT.plan, clients }, environment }
    }
    expect(benchText(by({ tls: 'mutual', auth: 'none' }), PLAIN)).toContain(
      'clients      TLSv1.3, TLS_AES_256_GCM_SHA384, both sides with certificates\n',
    )
    expect(benchText(by({ tls: 'server', auth: 'digest' }), PLAIN)).toContain('SHA384; each proves a digest user')
    expect(benchText(RESULT, PLAIN)).not.toContain('clients  ')
  })

  test('names errors, settings that had no effect, lost durability and an interrupted run in words', () => {
    expect(masked(benchText(WITH_TROUBLE, PLAIN))).toMatchSnapshot()
  })

  test('says when a log that was put apart lies on the device of the data after all', () => {
    const apart = (isLogApart: boolean): string =>
      benchText({ ...RESULT, environment: { ...RESULT.environment, isLogApart } }, PLAIN)
    expect(apart(false)).toContain('log and data are on one device')
    expect(apart(true)).not.toContain('one device')
  })

  test('fits 80 columns with figures as wide as they come', () => {
    expect(widthOf(benchText(RESULT, PLAIN))).toBeLessThanOrEqual(80)
    expect(widthOf(benchText(WITH_TROUBLE, PLAIN))).toBeLessThanOrEqual(80)
  })

  test('drops columns rather than wrap in a narrow terminal, and never the throughput', () => {
    const table = benchText(RESULT, { ...PLAIN, columns: 40 })
      .split('\n')
      .slice(8, 13)
    expect(widthOf(table.join('\n'))).toBeLessThanOrEqual(40)
    expect(table[0]).toMatch(/^operation +ops\/s/)
    expect(table[0]).not.toContain('p90')
  })

  test('is ASCII where the terminal is not UTF-8', () => {
    expect(benchText(WITH_TROUBLE, { ...PLAIN, hasUnicode: false })).toMatch(/^[\x00-\x7f]*$/)

    expect(benchText(WITH_TROUBLE, PLAIN)).not.toMatch(/^[\x00-\x7f]*$/)
  })

  test('says the same without colour as with it', () => {
    const coloured = benchText(WITH_TROUBLE, { ...PLAIN, hasColour: true })
    expect(coloured).toContain('\x1b[')

    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(benchText(WITH_TROUBLE, PLAIN))
  })

  test('says so when the load generator, not the ensemble, may have set the figures', () => {
    const { generator } = RESULT
    if (generator === null) throw new TypeError('the example has a generator')
    expect(benchText({ ...RESULT, generator: { ...generator, cpuShare: 0.97 } }, PLAIN)).toContain('CAUTION')
    expect(benchText(RESULT, PLAIN)).not.toContain('CAUTION')
  })

  test('does not advise what was just run', () => {
    const last = (result: BenchResult): string => benchText(result, PLAIN).trimEnd().split('\n').at(-1) ?? ''
    expect(last(RESULT)).toContain('--workload write-heavy')
    const writes = { ...RESULT, plan: { ...RESULT.plan, workload: { ...RESULT.plan.workload, name: 'write-heavy' } } }
    expect(last(writes)).toContain('zktune up')
    expect(last(WITH_TROUBLE)).toContain('the same line again')
  })
})
