/**
 * Advice for servers that run already and may not be restarted: what rules say of their settings, and what a measurement of what
 * is there came to. Nothing is compared with anything, so nothing is called a gain.
 */
import type { Metrics } from '../trial.ts'
import type { LintFinding } from '../../zoocfg/lint/lint-rule.ts'
import type { RunningSetting } from '../../zoocfg/running-settings.ts'
import type { Mend } from '../recommend/mended-start.ts'
import type { HeapAdvice } from './java-env.ts'
import type { DerivedSetting } from './recommendation.ts'
import type { OutputFile } from './recommendation-files.ts'
import { code, count, page, section, significant, table } from './markdown.ts'
import { commentedText } from './zoo-cfg-text.ts'
import type { CommentedSetting } from './zoo-cfg-text.ts'

export interface AdvisedServer {
  readonly endpoint: string
  readonly role: string
  /** Null: not told. */
  readonly version: string | null
}

/** What was measured at the settings that are there. */
export interface RemoteMeasurement {
  readonly workload: string
  /** Of the load that was measured. */
  readonly durationMs: number
  /** Operations a second, microseconds, counts. */
  readonly metrics: Metrics
}

export interface RemoteAdvice {
  readonly schemaVersion: 1
  readonly command: 'recommend'
  readonly engine: 'remote'
  /** Where the files are; absent in result.json, which is one of them. */
  readonly folder?: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** As typed, without --output. */
  readonly line: string
  readonly connect: string
  readonly zookeeperVersion: string
  readonly servers: readonly AdvisedServer[]
  /** That differ from the defaults of the release, as the servers tell them; secrets are hidden. */
  readonly settings: readonly (RunningSetting & { readonly servers: readonly string[] })[]
  /** By rule. */
  readonly findings: readonly LintFinding[]
  /** Those of them that are made in the zoo.cfg. */
  readonly mends: readonly Mend[]
  readonly derived: readonly DerivedSetting[]
  /** For Apache, from the tree that is there; null: its size is not told. */
  readonly heap: HeapAdvice | null
  /** Null: nothing was measured, for that writes. */
  readonly measured: RemoteMeasurement | null
  /** Whose settings the zoo.cfg has; null: none told any, and there is no zoo.cfg. */
  readonly configuredBy: string | null
}

/** @param text the zoo.cfg that the server could have been started with, mends made, secrets hidden; null: none told one */
export function remoteAdviceFiles(advice: RemoteAdvice, text: string | null): readonly OutputFile[] {
  const zooCfg = text === null ? [] : [{ name: 'zoo.cfg', text: advisedText(advice, text) }]
  return [
    ...zooCfg,
    { name: 'result.json', text: `${JSON.stringify(advice, null, 2)}\n` },
    { name: 'RECOMMENDATION.md', text: advicePage(advice, zooCfg.length > 0) },
  ]
}

function advisedText({ derived, mends, findings, configuredBy, startedAt }: RemoteAdvice, text: string): string {
  const made = mends.flatMap(({ key, from, to, why, rule }): readonly CommentedSetting[] => {
    return to === null ? [] : [{ key, value: to, comment: [`was "${from}"; by rule ${rule}: ${why}`] }]
  })
  const ruled = derived.map(({ key, from, to, why, basis }): CommentedSetting => {
    const how = basis === 'measured' ? 'measured' : 'by rule'
    return { key, value: to, comment: [`${from === null ? 'was not set' : `was ${from}`}; ${how}: ${why}`] }
  })
  const open = findings.filter(({ fix, file }) => fix === null && file === configuredBy)
  const head = [
    `# What ${configuredBy ?? ''} told of its settings at ${startedAt}, with advice. What it keeps to itself is not here.`,
    '# Lines that are advised anew say so above them. Nothing of this was tried on the servers.',
    ...open.map(({ rule, message, mend }) =>
      `# Left to you, by rule ${rule}: ${message}. ${mend}`.replaceAll(/\s+/g, ' '),
    ),
    '',
  ]
  return `${head.join('\n')}\n${commentedText(text, [...made, ...ruled])}`
}

function advicePage(advice: RemoteAdvice, hasZooCfg: boolean): string {
  const parts = [
    `# Advice for ${advice.connect}`,
    remoteAdviceText(advice),
    section('What runs there', serverTable(advice)),
    section('By rule', findingList(advice)),
    section('Settings that follow from figures', derivedTable(advice)),
    section('What was measured', measuredText(advice)),
    section('Settings that are not the defaults', settingsTable(advice)),
    section('What nobody tried', untried(advice, hasZooCfg)),
  ]
  return page(parts)
}

/** In a sentence or two, for the page and the terminal. */
export function remoteAdviceText({ findings, mends, derived, measured }: RemoteAdvice): string {
  const serious = findings.filter(({ severity }) => severity !== 'info').length
  const told = [
    `${counted(findings.length, 'finding')} by rule (${serious} of them errors or warnings, ${mends.length} mended in the zoo.cfg)`,
    `${counted(derived.length, 'setting')} that ${derived.length === 1 ? 'follows' : 'follow'} from figures`,
  ].join(', ')
  const figures = measured === null ? 'Nothing was measured: --allow-remote-writes allows it.' : headline(measured)
  return `${told}. ${figures} No other settings were tried on these servers, so nothing here is a gain.`
}

function headline({ workload, metrics }: RemoteMeasurement): string {
  const ops = metrics['all.opsPerSecond']
  const p99 = metrics['all.p99']
  const latency = p99 === undefined ? '' : `, p99 ${significant(p99 / 1_000, 3)} ms`
  return ops === undefined
    ? `Of ${workload} nothing could be measured.`
    : `As they are they carry ${count(ops)} operations a second of ${workload}${latency}.`
}

function serverTable({ servers }: RemoteAdvice): string {
  return table(
    ['server', 'role', 'version'],
    servers.map(({ endpoint, role, version }) => [endpoint, role, version ?? 'not told']),
  )
}

function findingList({ findings, mends }: RemoteAdvice): string {
  if (findings.length === 0) return 'Nothing.'
  const isMade = ({ rule, key }: LintFinding): boolean => mends.some((mend) => mend.rule === rule && mend.key === key)
  return findings
    .map((finding) => {
      const { severity, file, rule, message, effect, mend } = finding
      const made = isMade(finding) ? ' Mended in the zoo.cfg.' : ''
      return `- **${severity}**, ${file}, \`${rule}\`: ${message}. ${effect} ${mend}${made}`
    })
    .join('\n')
}

function derivedTable({ derived, heap }: RemoteAdvice): string {
  const rows = derived.map(({ key, from, to, why, basis }) => [
    code(key),
    from === null ? 'not set' : code(from),
    code(to),
    basis === 'measured' ? 'measured' : 'by rule',
    why,
  ])
  const heapRow = heap === null ? [] : [['heap of the JVM', 'not told', `${heap.heapMiB} MiB`, 'by rule', heap.why]]
  const all = [...rows, ...heapRow]
  return all.length === 0 ? '' : table(['setting', 'is', 'advised', 'basis', 'why'], all)
}

function measuredText({ measured }: RemoteAdvice): string {
  if (measured === null) return 'Nothing: a measurement writes znodes, which --allow-remote-writes allows.'
  const { metrics, workload, durationMs } = measured
  const rows = Object.entries(metrics)
    .filter(([name]) => /^(all|read|write)\.(opsPerSecond|p50|p99|errors)$/.test(name))
    .map(([name, value]) => {
      const isTime = /\.p\d+$/.test(name)
      return [`\`${name}\``, isTime ? `${significant(value / 1_000, 3)} ms` : count(value)]
    })
  const lead = `${workload} for ${durationMs / 1_000} s, beside whatever else these servers did. One run: it says nothing about the next.`
  return `${lead}\n\n${table(['figure', 'at the settings that are there'], rows)}`
}

function settingsTable({ settings }: RemoteAdvice): string {
  const rows = settings.map(({ key, value, unit, servers }) => [
    `\`${key}\``,
    `\`${value}\`${unit === null ? '' : ` ${unit}`}`,
    servers.join(', '),
  ])
  return rows.length === 0 ? '' : table(['setting', 'value', 'told by'], rows)
}

function untried({ zookeeperVersion }: RemoteAdvice, hasZooCfg: boolean): string {
  return [
    'A search restarts its servers with other settings, so none was made here. On a machine of your own:',
    '',
    '```',
    ...(hasZooCfg ? [`zktune lint zoo.cfg --zookeeper-version ${zookeeperVersion}`] : []),
    `zktune recommend ${hasZooCfg ? '--config zoo.cfg ' : ''}--engine apache --zookeeper-version ${zookeeperVersion}`,
    '```',
    '',
    'syncLimit and the bounds of sessions follow from how long writes stop when a leader is lost, which cannot be seen without ending',
    'one: that search measures it. initLimit, which has to allow for the transfer of the whole tree, is measured by neither.',
  ].join('\n')
}

function counted(value: number, what: string): string {
  return `${value} ${what}${value === 1 ? '' : 's'}`
}
