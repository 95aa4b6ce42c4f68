/** The zoo.cfg that a tuning recommends: the user's own, with its changes in place and commented, or a whole one. */
import type { Plan } from '../../profile/plan.ts'
import { findKnob } from '../../zoocfg/catalogue.ts'
import { SEARCHED_CHOICES } from '../space/plan-choice.ts'
import { withMembers } from './member-lines.ts'
import { gainText, keptChanges } from './recommendation.ts'
import type { Recommendation } from './recommendation.ts'
import { commentedText } from './zoo-cfg-text.ts'
import type { CommentedSetting } from './zoo-cfg-text.ts'

const WORDS_KEY = '4lw.commands.whitelist'
const WORDS = 'srvr,ruok,mntr'

/** @param startText the user's file; null: there is none */
export function zooCfgFile(recommendation: Recommendation, startText: string | null): string {
  const settings = recommendedSettings(recommendation)
  if (startText === null) return freshFile(recommendation, settings) + securityNote(recommendation, true)
  const { plan, recommendedPlan } = recommendation
  const isOtherSize = plan.voters !== recommendedPlan.voters || plan.observers !== recommendedPlan.observers
  const text = isOtherSize ? withMembers(startText, recommendedPlan) : startText
  return commentedText(text, settings) + securityNote(recommendation, false)
}

/**
 * What security takes beside settings, which nobody but the user has: where it is another, or where no file of the user's says
 * so already.
 */
function securityNote({ plan, recommendedPlan }: Recommendation, isFresh: boolean): string {
  const { clients, profiles } = recommendedPlan
  const isChanged = plan.profiles.security !== profiles.security
  if (!isChanged && !(isFresh && clients.tls !== 'none')) return ''
  const needs =
    clients.tls === 'none'
      ? ['Clients come in the clear: it takes a clientPort, and no secureClientPort.']
      : [
          'Keys and certificates are yours to make; with them it takes these lines:',
          `ssl.clientAuth=${clients.tls === 'server' ? 'none' : 'need'}`,
          'secureClientPort=2281',
          'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
          'ssl.keyStore.location=/path/to/keystore.p12',
          'ssl.trustStore.location=/path/to/truststore.p12',
        ]
  const was = isChanged ? ` (was ${plan.profiles.security})` : ''
  const lines = [`Measured with the security profile ${profiles.security}${was}.`, ...needs]
  return `\n${lines.map((line) => `# ${line}\n`).join('')}`
}

/** Every setting that differs from where the tuning began, with what is known of it. */
export function recommendedSettings(recommendation: Recommendation): readonly CommentedSetting[] {
  const { plan, startedAt, derived, tuning, mends } = recommendation
  const measured = `measured on the engine ${plan.engine} on ${startedAt.slice(0, 10)}`
  const settings = keptChanges(recommendation).filter(({ key }) => !SEARCHED_CHOICES.some((choice) => choice === key))
  const searched = settings.map(({ key, from, to, effect }): CommentedSetting => {
    const gain =
      effect === null
        ? `without it trials failed; ${measured}`
        : `without it: ${gainText({ ratio: 1 / effect.ratio, low: 1 / effect.high, high: 1 / effect.low })} [95 %]; ${measured}`
    return { key, value: to, comment: [`was ${from === '' ? 'none' : from}; ${gain}`] }
  })
  const ruled = derived.map(({ key, from, to, why, basis }): CommentedSetting => {
    return { key, value: to, comment: [`${from === null ? 'was not set' : `was ${from}`}; ${basis}: ${why}`] }
  })
  const mended = mends.flatMap(({ key, from, to, why, rule }): readonly CommentedSetting[] => {
    return to === null
      ? []
      : [{ key, value: to, comment: [`was "${from}"; mended before the search: ${why} (${rule})`] }]
  })
  const pinned = tuning.verdict.kind === 'nothing-works' ? [] : searched
  // A key of our own engine means nothing to Apache.
  const changed = new Set([...pinned, ...ruled].map(({ key }) => key))
  return [...mended.filter(({ key }) => !changed.has(key)), ...pinned, ...ruled].filter(
    ({ key }) => plan.engine === 'builtin' || findKnob(key)?.group !== 'zktune',
  )
}

/** Where there is no file to start from: hosts and folders of a small installation, to be changed by whoever has others. */
function freshFile({ recommendedPlan: plan, tuning }: Recommendation, settings: readonly CommentedSetting[]): string {
  const byKey = new Map(settings.map((setting) => [setting.key, setting]))
  const logLine = byKey.get('dataLogDir')?.comment ?? ['The log on a device of its own, if there is one.']
  byKey.delete('dataLogDir')
  const lines = [
    '# Hosts and folders are examples: put in your own.',
    'dataDir=/var/lib/zookeeper/data',
    ...logLine.map((line) => `# ${line}`),
    `dataLogDir=${tuning.recommended.get('dataLogDir') ?? '/var/lib/zookeeper/log'}`,
    'clientPort=2181',
    '# The AdminServer asks for no password.',
    'admin.serverAddress=127.0.0.1',
    ...memberLines(plan),
    '',
  ]
  for (const { key, value } of plan.settings) {
    const changed = byKey.get(key)
    byKey.delete(key)
    if (findKnob(key)?.inZooCfg === false || findKnob(key)?.group === 'zktune') continue
    if (changed !== undefined) lines.push(...changed.comment.map((line) => `# ${line}`))
    // A run asks for every word to look into its servers; in production some of them are costly.
    const own = key === WORDS_KEY && value === '*' ? WORDS : value
    lines.push(`${key}=${changed?.value ?? own}`)
  }
  for (const { key, value, comment } of byKey.values())
    lines.push('', ...comment.map((line) => `# ${line}`), `${key}=${value}`)
  return `${lines.join('\n')}\n`
}

export function memberLines({ voters, observers }: Pick<Plan, 'voters' | 'observers'>): readonly string[] {
  if (voters + observers === 1) return []
  return Array.from({ length: voters + observers }, (_, index) => {
    const role = index < voters ? '' : ':observer'
    return `server.${index + 1}=zookeeper-${index + 1}:2888:3888${role}`
  })
}
