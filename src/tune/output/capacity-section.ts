/** The capacity card: what the recommended configuration carries, where more load brings nothing, and what it leaves on the disk. */
import { writesOf } from '../../measure/disk-probe.ts'
import { FAILOVER_METRIC } from '../../measure/metric.ts'
import type { Measured } from '../recommend/afterwards.ts'
import type { CarriedLoad, KneeResult } from '../recommend/capacity.ts'
import type { TrialRecord } from '../recommend/trial-log.ts'
import { changedKeys } from '../space/configuration-space.ts'
import { count, significant, table } from './markdown.ts'
import type { Recommendation } from './recommendation.ts'

/** Of the last trials, beside them what was measured afterwards. */
export function capacitySection({ recommendedPlan, tuning, constraints, afterwards, host }: Recommendation): string {
  const own = tuning.records.filter(({ configuration }) => changedKeys(configuration, tuning.recommended).length === 0)
  const figure = (name: string): number | null => median(own.flatMap((record) => metricOf(record, name)))
  const all = figure('all.opsPerSecond')
  if (all === null) return ''
  const writes = figure('write.opsPerSecond')
  const failover = figure(FAILOVER_METRIC)
  const write = writesOf(recommendedPlan.workload)
  const dailyGiB = writes === null ? null : (writes * write.bytes * 86_400) / 2 ** 30
  const limits = constraints.filter((text) => text !== 'errors==0')
  const disk = host.disks.find(({ folder }) => folder === recommendedPlan.logParent) ?? host.disks[0]
  const lines = [
    `- ${count(all)} operations a second${writes === null ? '' : `, ${count(writes)} of them writes`}` +
      `${limits.length === 0 ? '' : `, with ${limits.join(', ')} kept`}; the median of ${own.length} trials`,
    ...['p50', 'p99'].flatMap((name) => {
      const us = figure(`all.${name}`)
      return us === null ? [] : [`- ${name}: ${significant(us / 1000, 3)} ms`]
    }),
    ...(failover === null ? [] : [`- the loss of its leader costs ${Math.round(failover)} ms without writes`]),
    ...(dailyGiB === null
      ? []
      : [`- at this rate the log grows by about ${significant(dailyGiB, 2)} GiB a day on each server`]),
    ...(disk === undefined
      ? []
      : [
          `- the disk of ${disk.folder} makes at most ${count(disk.writesPerSecondMax)} such writes a second durable, ` +
            `${disk.grouped.writes} to a sync, for one server that has it alone`,
        ]),
    '- the figures are those of servers that share one machine with their clients: on machines of their own they are others',
  ]
  const more = afterwards === null ? [] : [lossesText(afterwards.losses), kneeText(afterwards.knee)]
  return [lines.join('\n'), ...more].join('\n\n')
}

function lossesText(losses: Measured<readonly CarriedLoad[]>): string {
  if (losses.kind === 'not-measured') return `With servers lost it was not measured: ${losses.why}.`
  const slo = losses.value[0]?.slo ?? null
  const rows = losses.value.map(({ lost, opsPerSecond, writesPerSecond, p99Ms }) => [
    String(lost),
    opsPerSecond === null ? 'none that was tried' : count(opsPerSecond),
    writesPerSecond === null ? '-' : count(writesPerSecond),
    ...(slo === null ? [p99Ms === null ? '-' : `${significant(p99Ms, 3)} ms`] : []),
  ])
  const head = ['servers lost', 'operations a second', 'writes a second', ...(slo === null ? ['p99'] : [])]
  const lead =
    slo === null ? 'As much as goes, one ensemble each:' : `The highest rate that kept ${slo}, one ensemble each:`
  return `${lead}\n\n${table(head, rows)}`
}

function kneeText(knee: Measured<KneeResult>): string {
  if (knee.kind === 'not-measured') return `Where more load brings no more was not measured: ${knee.why}.`
  const { points, knee: at, law } = knee.value
  const rows = points.map(({ concurrency, opsPerSecond, p99Ms }) => [
    String(concurrency),
    count(opsPerSecond),
    p99Ms === null ? '-' : `${significant(p99Ms, 3)} ms`,
  ])
  const last = points.at(-1)
  const found =
    at === null
      ? `No knee was seen up to ${last?.concurrency ?? 0} requests in flight: more may bring more.`
      : `The knee is at ${at.concurrency} requests in flight: ${count(at.opsPerSecond)} operations a second. ` +
        'More in flight brings latency, and less than 5 % more throughput.'
  const lawText =
    law.law === null
      ? `The Universal Scalability Law says nothing here: ${law.refused}.`
      : `By the Universal Scalability Law ${percent(law.law.contention.value)} of the work waits in line` +
        (law.law.knee === null
          ? ', and nothing seen says where more becomes less.'
          : ', and beyond its peak more is less.')
  return [found, table(['requests in flight', 'operations a second', 'p99'], rows), lawText].join('\n\n')
}

function percent(share: number): string {
  return `${significant(100 * share, 2)} %`
}

function metricOf({ outcome }: TrialRecord, name: string): readonly number[] {
  const value = outcome.kind === 'measured' ? outcome.metrics[name] : undefined
  return value === undefined ? [] : [value]
}

function median(values: readonly number[]): number | null {
  return [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? null
}
