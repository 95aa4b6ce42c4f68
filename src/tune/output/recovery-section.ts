/** How servers came back, and what that says of the limits that wait for them. */
import type { RecoveryResult } from '../../measure/recovery.ts'
import { INIT_MARGIN, slowestSyncMs, SYNC_MARGIN, tickOf, written } from '../recommend/derived-settings.ts'
import { treeText } from '../recommend/tree-size.ts'
import { count, significant, table } from './markdown.ts'
import type { Recommendation } from './recommendation.ts'

export function recoverySection(recommendation: Recommendation): string {
  const { afterwards } = recommendation
  if (afterwards === null) return ''
  const { recovery } = afterwards
  if (recovery.kind === 'not-measured') return `Not measured: ${recovery.why}.`
  const { tree, returns } = recovery.value
  const rows = returns.map(({ server, lost, awayMs, missedWrites, startMs, syncMs }) => [
    `server ${server}`,
    lost === 'data' ? 'all its data' : 'nothing',
    `${secondsText(awayMs)}, ${count(missedWrites)} writes`,
    secondsText(startMs),
    secondsText(syncMs),
  ])
  const head = ['which', 'lost', 'was away for', 'from its start until it listened', 'from then until it served']
  return [
    `One server after the other was stopped and started again, with ${treeText(tree)} on each and light writes meanwhile:`,
    table(head, rows),
    ...limitLines(recommendation, recovery.value),
  ].join('\n\n')
}

function limitLines({ plan, derived }: Recommendation, recovery: RecoveryResult): readonly string[] {
  const lines = [
    { key: 'initLimit', ms: slowestSyncMs(recovery, 'data'), margin: INIT_MARGIN, what: 'without its data' },
    { key: 'syncLimit', ms: slowestSyncMs(recovery, 'nothing'), margin: SYNC_MARGIN, what: 'with what it had' },
  ].flatMap(({ key, ms, margin, what }) => {
    const ticks = Number(derived.find((each) => each.key === key)?.to ?? written(plan, key))
    if (ms === null || !(ticks > 0)) return []
    const limitMs = ticks * tickOf(plan)
    return [
      `- \`${key}=${ticks}\` allows ${secondsText(limitMs)}: ${significant(limitMs / ms, 2)} times what the slowest took ${what}; ` +
        `asked for are ${margin} times, for a real network and busier machines. It is only ever raised.`,
    ]
  })
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function secondsText(ms: number): string {
  return `${significant(ms / 1_000, ms < 10_000 ? 2 : 3)} s`
}
