import { HistogramLogReader } from 'hdr-histogram-js'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunningServer } from '../../src/ensemble/ensemble.ts'
import type { RecordedPhase } from '../../src/measure/generator-message.ts'
import { PhaseFigures } from '../../src/measure/phase-figures.ts'
import { PhaseRecorder } from '../../src/measure/phase-recorder.ts'
import { keptRuns, readRun } from '../../src/measure/read-run.ts'
import { histogramLog, RunRecord } from '../../src/measure/run-record.ts'
import { RESULT } from '../report/bench-example.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'record-test-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function recorded(): RecordedPhase {
  const recorder = new PhaseRecorder({ startMs: 0, intervalMs: 100, intervalCount: 10, isOpen: true })
  for (let index = 0; index < 10; index++) {
    const nowMs = index * 100 + 50
    for (let count = 0; count < 100; count++) recorder.record('get', 0, nowMs, nowMs - 3, nowMs - 1)
    recorder.record('set', 0, nowMs, nowMs - 7, nowMs - 7)
  }
  return {
    name: '70 % of capacity',
    load: { kind: 'open', ratePerSecond: 1_010, arrivals: 'constant', offset: 0 },
    startMs: 0,
    seconds: 1,
    intervalMs: 100,
    intervalCount: 10,
    intervals: recorder.close(),
    unansweredCount: 0,
    sending: null,
    costs: { pid: 1, cpuSeconds: 0.1, eventLoopDelayMs: { p50: 0, p99: 0, max: 0 } },
  }
}

test("the histograms of a phase are a log that HdrHistogram's own reader takes, interval by interval", () => {
  const reader = new HistogramLogReader(histogramLog([recorded(), recorded()]))
  const counts = new Map<string, number>()
  let atS = 0
  for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram()) {
    counts.set(next.tag, (counts.get(next.tag) ?? 0) + next.totalCount)
    if (next.tag === 'get') expect(next.getValueAtPercentile(50)).toBe(3_001) // the upper edge of the bucket
    if (next.tag === 'get.service') expect(next.getValueAtPercentile(50)).toBe(1_000)
    expect(next.endTimeStampMsec - next.startTimeStampMsec).toBeCloseTo(100)
    atS = Math.max(atS, next.startTimeStampMsec)
  }
  expect(Object.fromEntries(counts)).toEqual({ get: 2_000, 'get.service': 2_000, set: 20, 'set.service': 20 })
  expect(atS).toBeCloseTo(900)
})

test('a run leaves its plan at once, its boots as they end, and its result last', () => {
  const record = RunRecord.begin(folder, RESULT.plan, '2026-11-22T20:45:12.345Z')
  expect(record.folder).toBe(join(folder, '2026-11-22T20-45-12-mixed-42'))
  expect(readdirSync(record.folder)).toEqual(['plan.json'])
  expect(keptRuns(folder)).toEqual([{ folder: record.folder, result: null }])

  const server = join(folder, 'elsewhere', 'server-1')
  mkdirSync(server, { recursive: true })
  writeFileSync(join(server, 'server.out'), 'it served\n')
  const phase = recorded()
  const { boot } = PhaseFigures.ofBoot([phase])
  record.addBoot(1, [{ phase: boot, recorded: [phase] }], [
    { id: 1, config: join(server, 'zoo.cfg') },
  ] as unknown as readonly RunningServer[])
  expect(readdirSync(join(record.folder, 'boot-1'))).toEqual([
    '70-of-capacity.csv',
    '70-of-capacity.hlog',
    'server-1.log',
  ])
  const [head, first] = readFileSync(join(record.folder, 'boot-1', '70-of-capacity.csv'), 'utf8').split('\n')
  expect(head).toBe('start_s,part,operations,errors,p50_us,p99_us,max_us')
  expect(first).toMatch(/^0,counts,101,0,\d+,,\d+$/)

  record.end(RESULT)
  expect(readRun(record.folder)).toEqual(JSON.parse(JSON.stringify(RESULT)))
  rmSync(join(folder, 'elsewhere'), { recursive: true })
  expect(keptRuns(folder).map(({ result }) => result?.seed)).toEqual([42])
})

test('two runs of one second do not share a folder', () => {
  const begin = (): string => RunRecord.begin(folder, RESULT.plan, '2026-11-22T20:45:12.345Z').folder
  expect([begin(), begin()].map((path) => path.slice(-2))).toEqual(['42', '-2'])
})

test('a place that cannot be written to is named, with what to do', () => {
  writeFileSync(join(folder, 'file'), '')
  const begin = (): RunRecord => RunRecord.begin(join(folder, 'file'), RESULT.plan, '2026-11-22T20:45:12.345Z')
  expect(begin).toThrow(/file: the run cannot be kept there.*--no-results/s)
})

test('what is no run is not taken for one', () => {
  expect(() => readRun(join(folder, 'none'))).toThrow('there is no result of a run')
  writeFileSync(join(folder, 'other.json'), '{"schemaVersion":1,"command":"lint"}')
  expect(() => readRun(join(folder, 'other.json'))).toThrow('no result of zktune bench')
  expect(keptRuns(join(folder, 'none'))).toEqual([])
})
