/**
 * Starting files that were made bad on purpose: among settings that do no harm, one to four that do. A search has to find
 * these and to leave the others.
 */
export interface PlantedFile {
  readonly name: string
  readonly workload: string
  /** What acts there: only harm that an engine can feel is planted on it. */
  readonly engines: readonly ('builtin' | 'apache')[]
  /** In zoo.cfg: each costs a good part of the throughput. */
  readonly harmful: Readonly<Record<string, string>>
  readonly harmless: Readonly<Record<string, string>>
}

const HARMLESS = {
  tickTime: '2000',
  'admin.enableServer': 'false',
  'autopurge.purgeInterval': '1',
  preAllocSize: '32768',
  maxSessionTimeout: '60000',
}
/** At the rates of the built-in engine the default makes a snapshot every second or two, which is not quite harmless. */
const RARE_SNAPSHOTS = { ...HARMLESS, snapCount: '500000' }
const BOTH = ['builtin', 'apache'] as const
const BUILTIN = ['builtin'] as const

export const PLANTED: readonly PlantedFile[] = [
  {
    name: 'batch-of-one',
    workload: 'write-heavy',
    engines: BOTH,
    harmful: { maxBatchSize: '1' },
    harmless: RARE_SNAPSHOTS,
  },
  {
    name: 'lone-queue',
    workload: 'write-heavy',
    engines: BOTH,
    harmful: { globalOutstandingLimit: '1' },
    harmless: RARE_SNAPSHOTS,
  },
  {
    name: 'throttled',
    workload: 'read-heavy',
    engines: BOTH,
    harmful: { request_throttle_max_requests: '1' },
    harmless: { ...HARMLESS, snapCount: '200000' },
  },
  {
    name: 'snapshots-all-the-time',
    workload: 'large-znodes',
    engines: BUILTIN,
    harmful: { snapCount: '20' },
    harmless: HARMLESS,
  },
  {
    name: 'long-flushes',
    workload: 'write-heavy',
    engines: BUILTIN,
    harmful: { flushDelay: '400', maxWriteQueuePollTime: '400' },
    harmless: RARE_SNAPSHOTS,
  },
  {
    name: 'small-snapshots-by-size',
    workload: 'large-znodes',
    engines: BUILTIN,
    harmful: { snapSizeLimitInKb: '256' },
    harmless: { ...HARMLESS, snapCount: '150000' },
  },
  {
    name: 'queue-and-batch',
    workload: 'write-heavy',
    engines: BUILTIN,
    harmful: { maxBatchSize: '2', globalOutstandingLimit: '2' },
    harmless: RARE_SNAPSHOTS,
  },
  {
    name: 'throttle-and-batch-and-delay',
    workload: 'write-heavy',
    engines: BUILTIN,
    harmful: { request_throttle_max_requests: '2', maxBatchSize: '2', flushDelay: '300', maxWriteQueuePollTime: '300' },
    harmless: RARE_SNAPSHOTS,
  },
  {
    name: 'turned-away-clients',
    workload: 'write-heavy',
    engines: BUILTIN,
    // Derived rather than searched: with it no trial would run.
    harmful: { maxClientCnxns: '4', maxBatchSize: '1' },
    harmless: RARE_SNAPSHOTS,
  },
  { name: 'good', workload: 'write-heavy', engines: BOTH, harmful: {}, harmless: RARE_SNAPSHOTS },
]

export function textOf({ harmful, harmless }: PlantedFile): string {
  return Object.entries({ ...harmless, ...harmful })
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
