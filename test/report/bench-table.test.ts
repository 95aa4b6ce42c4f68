import { describe, expect, test } from 'vitest'

import type { BenchResult } from '../../src/measure/bench-result.ts'
import { benchText } from '../../src/report/bench-table.ts'
import type { Style } from '../../src/report/style.ts'
import { bootOf, CAPACITY, LATENCY, OPEN, OPERATION, RESULT, resultWith } from './bench-example.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }

const WITH_TROUBLE: BenchResult = resultWith(
  [
    {
      ...CAPACITY,
      cutSeconds: 1.2,
      steady: false,
      unsteadyBecause: 'it fell by 41 % over what was kept',
      errors: { CONNECTIONLOSS: 1_204, SESSIONEXPIRED: 3, UNANSWERED: 12 },
      byOperation: {
        children: { ...OPERATION, latencyUs: { ...LATENCY, p99: null, p999: null } },
        set: { ...OPERATION, errors: { CONNECTIONLOSS: 1_204, SESSIONEXPIRED: 3 } },
      },
    },
  ],
  {
    partial: true,
    durability: 'unsynced',
    notHonoured: [
      {
        key: 'flushDelay',
        reason: 'groups are synced at the pace of the disk, whatever came meanwhile shares the next sync',
      },
    ],
  },
)

/** Figures differ from run to run; their width is part of what is tested. */
const masked = (text: string): string => text.replace(/\d/g, '9')

const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('the report of a bench', () => {
  test('says what ran, what stands for it, what came out in which unit, and what to run next', () => {
    expect(masked(benchText(RESULT, PLAIN))).toMatchSnapshot()
  })

  test('shows figures of HTTP for what they are: whole milliseconds of a closed loop', () => {
    const { workload } = RESULT.plan
    const plan = { ...RESULT.plan, workload: { ...workload, shape: { ...workload.shape, via: 'admin' as const } } }
    const latencyUs = { ...LATENCY, p50: 0, p99: 12_000, max: 1_234_000 }
    const admin = { ...OPERATION, latencyUs }
    const text = benchText(resultWith([{ ...CAPACITY, ...admin, byOperation: { admin } }], { plan }), {
      ...PLAIN,
      columns: 120,
    })
    expect(text).toContain('asked of the AdminServers by autocannon: whole milliseconds')
    expect(text).toMatch(/admin .* <1 .* 12 .* 1,234/)
    expect(text).toContain('p50 <1 ms')
    expect(text).toContain('connections × ')
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

  test('tells no interval for one boot, and says why; for several it tells it, with the digits that it supports', () => {
    const [title, ...one] = benchText(RESULT, PLAIN).split('\n')
    expect(title).toBe('small-cluster · durable · open · mixed')
    expect(one.slice(0, 3)).toEqual([
      'at capacity: 120,000 ops/s',
      'at 70 % of capacity: p50 0.21 ms, p99 12 ms',
      'one boot, so no interval: it says nothing about the next one (--repeat 5 does)',
    ])
    const boots = [120_000, 124_000, 128_000].map((opsPerSecond) => bootOf([{ ...CAPACITY, opsPerSecond }]))
    const [, ...three] = benchText(resultWith([CAPACITY], { boots }), PLAIN).split('\n')
    expect(three[0]).toMatch(/^at capacity: 124,000 ops\/s \(114,000–134,000\)/)
    expect(three[1]).toBe('95 % intervals over 3 boots')
  })

  test('says what keeps a phase from being what it seems', () => {
    const { sending } = OPEN
    if (sending === null) throw new TypeError('the example is of an open loop')
    const text = benchText(
      resultWith([
        { ...CAPACITY, steady: false, unsteadyBecause: 'it rose by 12 % over what was kept', cutSeconds: 1.5 },
        { ...OPEN, clientLimited: 'a generator took 97 % of a core', sending: { ...sending, unsent: 1_234 } },
      ]),
      PLAIN,
    )
    expect(text).toContain(
      'CAUTION      capacity: not steady: it rose by 12 % over what was kept (1.5 s\n             cut)\n',
    )
    expect(text).toContain('CAUTION      70 % of capacity: client-limited: a generator took 97 % of a core\n')
    expect(text).toContain('CAUTION      70 % of capacity: overloaded: 1,234 were never sent\n')
    expect(benchText(RESULT, PLAIN)).not.toContain('CAUTION')
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
    const lines = benchText(RESULT, { ...PLAIN, columns: 40 }).split('\n')
    const from = lines.findIndex((line) => line.startsWith('operation'))
    expect(widthOf(lines.slice(from, from + 5).join('\n'))).toBeLessThanOrEqual(40)
    expect(lines[from]).toMatch(/^operation +ops\/s/)
    expect(lines[from]).not.toContain('p90')
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

  test('does not advise what was just run', () => {
    const last = (result: BenchResult): string => benchText(result, PLAIN).trimEnd().split('\n').at(-1) ?? ''
    expect(last(RESULT)).toContain('--workload write-heavy')
    const writes = { ...RESULT, plan: { ...RESULT.plan, workload: { ...RESULT.plan.workload, name: 'write-heavy' } } }
    expect(last(writes)).toContain('zktune up')
    expect(last(WITH_TROUBLE)).toContain('the same line again')
  })
})
