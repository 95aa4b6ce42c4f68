/** The settings of a server that runs, by what it tells of them: `conf`, and where there is an AdminServer its properties. */
import { findKnob } from './catalogue.ts'
import { propertyLine } from './properties.ts'
import type { Release } from './release.ts'
import { shownValue } from './secrets.ts'
import { lint, RELEASE_DEFAULT } from './lint/lint.ts'
import type { LintFinding } from './lint/lint-rule.ts'
import { ServerView } from './lint/server-view.ts'
import type { ServerFiles } from './lint/server-view.ts'

/** What one server tells. */
export interface ToldSettings {
  /** For findings: `zk1:2181`. */
  readonly name: string
  /** Of `conf`, by its keys, which are those of zoo.cfg and a few figures. */
  readonly conf: ReadonlyMap<string, string>
  /** Server, group and weight lines. */
  readonly members: readonly string[]
  /** JVM properties; null: not told. */
  readonly properties: ReadonlyMap<string, string> | null
}

export interface RunningSetting {
  readonly key: string
  readonly unit: string | null
  /** Secrets are hidden. */
  readonly value: string
  /** default: it is the value without a line for it; given: it is another one; property: a line or a -D that conf does not tell of. */
  readonly origin: 'default' | 'derived' | 'given' | 'property'
}

/** Figures of `conf` that are no settings, and what says again what the server list says. */
const FIGURES = ['dataDirSize', 'dataLogSize', 'electionPort', 'quorumPort', 'serverId', 'membership']
const PREFIX = 'zookeeper.'
/** Servers add it to the folders of zoo.cfg. */
const DATA_FOLDER = /\/(?:version|zktune)-\d+$/

/** In the order in which they are told; what counts as the default is that of the release. */
export function runningSettings(told: ToldSettings, release: Release = RELEASE_DEFAULT): readonly RunningSetting[] {
  const view = new ServerView(filesOf(told), release)
  const found = new Map<string, RunningSetting>()
  for (const [key, written] of told.conf) {
    if (FIGURES.includes(key) || isUnset(key, written)) continue
    const knob = findKnob(key)
    const value = asWritten(key, written)
    const fallback = view.defaultOf(key)
    const isDefault = fallback !== undefined && String(fallback) === value
    const origin = isDerived(key, written, told.conf) ? 'derived' : isDefault ? 'default' : 'given'
    found.set(key, { key, unit: knob?.unit ?? null, value: shownValue(key, value), origin })
  }
  for (const [name, value] of told.properties ?? []) {
    const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name
    const knob = findKnob(key)
    if (knob === null || found.has(key)) continue
    found.set(key, { key, unit: knob.unit ?? null, value: shownValue(key, value), origin: 'property' })
  }
  return [...found.values()]
}

/** What lint finds in the settings that are told. What a server keeps to itself is not taken for missing. */
export function lintRunning(
  servers: readonly ToldSettings[],
  release: Release = RELEASE_DEFAULT,
): readonly LintFinding[] {
  const told = new Map(servers.map((server) => [server.name, keysOf(server)]))
  return lint(servers.map(filesOf), release).filter(
    ({ key, file }) => key === null || told.get(file)?.has(key) === true,
  )
}

function keysOf({ conf, members, properties }: ToldSettings): ReadonlySet<string> {
  const names = [...(properties?.keys() ?? [])].map((name) => name.replace(/^zookeeper\./, ''))
  return new Set([...conf.keys(), ...members.map((line) => line.slice(0, line.indexOf('='))), ...names])
}

/** The zoo.cfg that a server could have been started with, as far as it tells. */
export function toldText(told: ToldSettings): string {
  return filesOf(told).text
}

/** What lint is shown of it. */
function filesOf({ name, conf, members, properties }: ToldSettings): ServerFiles {
  const lines: string[] = []
  for (const [key, value] of conf) {
    if (FIGURES.includes(key) || isUnset(key, value) || isDerived(key, value, conf)) continue
    lines.push(propertyLine(key, asWritten(key, value)))
  }
  for (const [property, value] of properties ?? []) {
    const key = property.startsWith(PREFIX) ? property.slice(PREFIX.length) : null
    if (key !== null && findKnob(key) !== null && !conf.has(key)) lines.push(propertyLine(key, value))
  }
  const id = conf.get('serverId')
  return {
    file: name,
    text: [...lines, ...members, ''].join('\n'),
    ...(members.length === 0 || id === undefined ? {} : { myid: { file: 'myid', text: `${id}\n` } }),
  }
}

function isUnset(key: string, value: string): boolean {
  return value === '-1' && (key === 'secureClientPort' || key === 'clientPortListenBacklog')
}

/** As zoo.cfg has what `conf` says in other words. */
function asWritten(key: string, value: string): string {
  if (key === 'peerType') return value === '1' ? 'observer' : 'participant'
  return key === 'dataDir' || key === 'dataLogDir' ? value.replace(DATA_FOLDER, '') : value
}

/** Session bounds that are what the tick makes them, and a log that lies with the data. */
function isDerived(key: string, value: string, conf: ReadonlyMap<string, string>): boolean {
  const tickTimeMs = Number(conf.get('tickTime') ?? Number.NaN)
  if (key === 'minSessionTimeout') return Number(value) === 2 * tickTimeMs
  if (key === 'maxSessionTimeout') return Number(value) === 20 * tickTimeMs
  return key === 'dataLogDir' && value === conf.get('dataDir')
}
