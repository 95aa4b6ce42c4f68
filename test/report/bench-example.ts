import { plainShape } from '../../src/profile/workload-shape.ts'
import type {
  BenchResult,
  BootPhase,
  BootResult,
  LatencySummary,
  OperationResult,
  PhaseResult,
} from '../../src/measure/bench-result.ts'
import type { DiskFigures } from '../../src/measure/disk-probe.ts'
import { headlineOf } from '../../src/measure/headline.ts'

export const LATENCY: LatencySummary = {
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

export const OPERATION: OperationResult = {
  operations: 1_234_567,
  errors: {},
  opsPerSecond: 123_456.7,
  latencyUs: LATENCY,
  serviceUs: null,
}

export const CAPACITY: PhaseResult = {
  name: 'capacity',
  kind: 'closed',
  ratePerSecond: null,
  arrivals: null,
  seconds: 8,
  cutSeconds: 0,
  steady: true,
  unsteadyBecause: null,
  sending: null,
  clientLimited: null,
  ...OPERATION,
  byOperation: { get: OPERATION, set: OPERATION },
  read: OPERATION,
  write: OPERATION,
}

const OPEN_OPERATION: OperationResult = { ...OPERATION, serviceUs: { ...LATENCY, p99: 9_876.5 } }

export const OPEN: PhaseResult = {
  ...CAPACITY,
  ...OPEN_OPERATION,
  name: '70 % of capacity',
  kind: 'open',
  ratePerSecond: 86_400,
  arrivals: 'constant',
  seconds: 4,
  byOperation: { get: OPEN_OPERATION, set: OPEN_OPERATION },
  sending: { sent: 345_600, unsent: 0, heldBack: 0, late: 12, latenessUs: { ...LATENCY, p99: 120, max: 2_000 } },
}

export function bootPhaseOf(phase: PhaseResult): BootPhase {
  return {
    ...phase,
    startMs: 1_000,
    generators: [{ pid: 14, cpuSeconds: 4.5, cpuShare: 0.45, eventLoopDelayMs: { p50: 0.1, p99: 1.2, max: 8 } }],
    series: {
      intervalMs: 200,
      cut: 0,
      points: [{ operations: 1_000_000, errors: 0, p50: 210, p99: 12_000, max: 20_000 }],
    },
  }
}

const COSTS = {
  memoryBytes: 123_456_789,
  bytesWritten: 1.3e9,
  bytesWrittenPerOperation: 1_315.2,
  syncsPerOperation: 0.0312,
}

export function bootOf(phases: readonly PhaseResult[], bootMs = 412.3): BootResult {
  return {
    engine: 'builtin',
    software: [],
    bootMs,
    failover: null,
    servers: [
      {
        id: 1,
        pid: 11,
        role: 'follower',
        clientPort: 2181,
        cpuSeconds: 9.9,
        figures: null,
        cpuUsPerOperation: 8.1,
        ...COSTS,
      },
      {
        id: 2,
        pid: 12,
        role: 'leader',
        clientPort: 2182,
        cpuSeconds: 9.9,
        figures: null,
        cpuUsPerOperation: 12.34,
        ...COSTS,
      },
      {
        id: 3,
        pid: 13,
        role: 'follower',
        clientPort: 2183,
        cpuSeconds: 9.9,
        figures: null,
        cpuUsPerOperation: 8.4,
        ...COSTS,
      },
    ],
    phases: phases.map(bootPhaseOf),
    znodes: { before: 1_066, after: 1_070 },
    events: [{ atMs: 2_100, server: 2, kind: 'snapshot', durationMs: 41, detail: 'snapshot of 1,003 znodes' }],
  }
}

/** The example with other phases; its headline is made anew. */
export function resultWith(phases: readonly PhaseResult[], changes: Partial<BenchResult> = {}): BenchResult {
  const boots = changes.boots ?? [bootOf(phases)]
  return { ...RESULT, ...changes, phases, boots, headline: headlineOf({ phases, boots }) }
}

export const DISK: DiskFigures = {
  folder: '/tmp',
  fileSystem: 'ext4',
  device: 64_768,
  alone: { writeBytes: 1_152, syncUs: { ...LATENCY, p50: 213, p99: 1_204 }, syncsPerSecond: 4_012.3 },
  grouped: { writes: 26, writeBytes: 29_952, syncUs: { ...LATENCY, p50: 301, p99: null }, syncsPerSecond: 3_012.1 },
  writesPerSecondMax: 78_314.6,
}

export const RESULT: BenchResult = {
  schemaVersion: 1,
  command: 'bench',
  startedAt: '2026-11-22T20:00:00.000Z',
  seed: 42,
  plan: {
    engine: 'builtin',
    apache: null,
    remote: null,
    seed: 42,
    profiles: { cluster: 'small-cluster', storage: 'durable', security: 'open' },
    voters: 3,
    observers: 0,
    links: [],
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
      shape: plainShape(1_048_576),
    },
    load: { kind: 'capacity', percents: [50, 70, 90], arrivals: 'constant' },
    generators: 1,
    repeats: 1,
    durationMs: 20_000,
    warmupMs: 2_000,
    dataParent: null,
    logParent: null,
    splitsLog: false,
    notHonoured: [],
    replaced: [],
    remarks: [],
    origins: {
      links: 'default',
      engine: 'default',
      'clients.tls': 'profile open',
      'clients.auth': 'profile open',
      voters: 'profile small-cluster',
      observers: 'default',
      seed: 'default',
      load: 'default',
      generators: 'default',
      repeats: 'default',
      durationMs: 'default',
      warmupMs: 'default',
      dataParent: 'default',
      logParent: 'default',
      'workload.mix': 'profile mixed',
      'workload.sessions': 'profile mixed',
      'workload.inFlight': 'profile mixed',
      'workload.valueSizeBytes': 'profile mixed',
      'workload.keyCount': 'profile mixed',
      'workload.shape': 'default',
    },
  },
  environment: {
    zktune: '0.1.0',
    node: 'v20.20.2',
    platform: 'linux x64',
    cpu: 'a processor',
    cores: 2,
    memoryBytes: 8e9,
    clockResolutionUs: 0.04,
    tls: null,
    dataFileSystem: 'ext4',
    logFileSystem: 'ext4',
    isLogApart: null,
  },
  durability: 'synced',
  disk: { log: DISK, data: null, sameDevice: null },
  headline: headlineOf({ phases: [CAPACITY, OPEN], boots: [bootOf([CAPACITY, OPEN])] }),
  phases: [CAPACITY, OPEN],
  boots: [bootOf([CAPACITY, OPEN])],
  rateSearch: null,
  scalability: null,
  thresholds: [],
  notHonoured: [],
  partial: false,
}
