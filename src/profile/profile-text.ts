/** The text of a profile: an INI file (the `ini` package). */
import { parse } from 'ini'
import { assert } from '../kernel/assert.ts'
import { didYouMean } from '../kernel/did-you-mean.ts'
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount, parseDurationMs } from '../kernel/quantity.ts'
import { KEY_ORDERS, OPERATION_KINDS, VIAS } from './plan.ts'
import type { OperationKind } from './plan.ts'
import { readLinksSection } from './links.ts'
import { isPlacement } from './placement.ts'
import { CONCERNS, OBSERVERS_MAX, VOTERS_MAX, WORKLOAD_LIMITS } from './profile.ts'
import type { Concern, Profile, SecurityPart, WorkloadPart } from './profile.ts'
import { parseValueSizes } from './value-sizes.ts'
import { suggestKey } from '../zoocfg/catalogue.ts'
import { noFindings } from '../zoocfg/findings.ts'
import type { Setting } from '../zoocfg/findings.ts'
import { checkSetting } from '../zoocfg/setting-check.ts'

export interface ProfileText {
  /** The path, for errors. */
  readonly file: string
  /** The name that the file's name gives it; a `name` in the text must be the same. */
  readonly name: string
  readonly text: string
}

const SECTIONS = ['profile', 'cluster', 'links', 'storage', 'settings', 'workload', 'security']
const PROFILE_KEYS = ['name', 'concern', 'description', 'extends', 'unsafe']
const CLUSTER_KEYS = ['voters', 'observers']
const STORAGE_KEYS = ['splitLog']
const SECURITY_KEYS = ['clientTls', 'clientAuth']
const SHAPE_KEYS = [
  'sessions',
  'inFlight',
  'valueSize',
  'keys',
  'keyOrder',
  'folderSize',
  'depth',
  'multiSize',
  'watchers',
  'parties',
  'stormSize',
  'stormSpread',
  'via',
]
const WORKLOAD_KEYS = [...OPERATION_KINDS.map((kind) => `mix.${kind}`), ...SHAPE_KEYS]

/** @throws FaultyInput with every fault of the text: UnknownName, BadConfigValue */
export function readProfile(source: ProfileText): Profile {
  const faults: Fault[] = []
  const sections = readSections(source, faults)
  const about = knownKeys(sections, 'profile', PROFILE_KEYS, faults)
  const concern = readConcern(about, source.file, faults)
  const cluster = knownKeys(sections, 'cluster', CLUSTER_KEYS, faults)
  const storage = knownKeys(sections, 'storage', STORAGE_KEYS, faults)
  const load = knownKeys(sections, 'workload', WORKLOAD_KEYS, faults)
  const security = knownKeys(sections, 'security', SECURITY_KEYS, faults)
  if (concern !== null && concern !== 'security')
    refuseSection(sections.get('security'), source.file, 'security', concern, faults)
  if (concern !== null && concern !== 'cluster') {
    refuseSection(sections.get('cluster'), source.file, 'cluster', concern, faults)
    refuseSection(sections.get('links'), source.file, 'links', concern, faults)
  }
  if (concern !== null && concern !== 'storage')
    refuseSection(sections.get('storage'), source.file, 'storage', concern, faults)
  if (concern !== null && concern !== 'workload')
    refuseSection(sections.get('workload'), source.file, 'workload', concern, faults)
  const countOf = (key: string, min: number, max: number): number | null => {
    const setting = cluster.get(key)
    return setting === undefined
      ? null
      : gather(faults, () => parseCount(setting.value, { where: setting.where, min, max }))
  }
  const profile = {
    name: readName(about, source, faults),
    file: source.file,
    description: readDescription(about, source.file, faults),
    isUnsafe: readTruth(about, 'unsafe', faults),
    parents: (about.get('extends')?.value ?? '')
      .split(',')
      .flatMap((name) => (name.trim() === '' ? [] : [name.trim()])),
    voters: countOf('voters', 1, VOTERS_MAX),
    observers: countOf('observers', 0, OBSERVERS_MAX),
    links: readLinksSection(sections.get('links'), faults),
    splitsLog: readTruth(storage, 'splitLog', faults),
    settings: readSettings(sections.get('settings'), faults),
    workload: readWorkload(load, faults),
    security: readSecurity(security, faults),
  }
  throwFaults(faults)
  assert(concern !== null, 'a profile without faults has a concern')
  return { ...profile, concern }
}

type Section = ReadonlyMap<string, Setting>

function readSections({ file, text }: ProfileText, faults: Fault[]): ReadonlyMap<string, Section> {
  const sections = new Map<string, Section>()
  const parsed: unknown = parse(text)
  for (const [name, content] of entriesOf(parsed)) {
    if (typeof content !== 'object' || content === null) {
      const mend = `Put it below one of ${SECTIONS.map(bracketed).join(', ')}.`
      faults.push({ code: 'BadConfigValue', where: file, what: `"${name}" stands outside of any section`, mend })
    } else if (!SECTIONS.includes(name)) {
      const mend = `The sections are ${SECTIONS.map(bracketed).join(', ')}.${didYouMean(name, SECTIONS)}`
      faults.push({ code: 'UnknownName', where: file, what: `there is no section [${name}]`, mend })
    } else {
      sections.set(name, readSection(file, name, content, faults))
    }
  }
  return sections
}

function readSection(file: string, section: string, content: object, faults: Fault[]): Section {
  const settings = new Map<string, Setting>()
  for (const [key, value] of entriesOf(content)) {
    const where = `${file} [${section}] ${key}`
    const isWord =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
    // The parser turns true, false and null into values; here they are words like any other.
    if (isWord) settings.set(key, { key, value: String(value).trim(), where })
    else faults.push({ code: 'BadConfigValue', where, what: 'this is a list', mend: 'Write one key=value line.' })
  }
  return settings
}

function entriesOf(parsed: unknown): readonly (readonly [string, unknown])[] {
  return typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []
}

function knownKeys(
  sections: ReadonlyMap<string, Section>,
  section: string,
  known: readonly string[],
  faults: Fault[],
): Section {
  const settings = sections.get(section) ?? new Map<string, Setting>()
  for (const { key, where } of settings.values()) {
    if (known.includes(key)) continue
    const mend = `The keys of [${section}] are ${known.join(', ')}.${didYouMean(key, known)}`
    faults.push({ code: 'UnknownName', where, what: `[${section}] has no key "${key}"`, mend })
  }
  return settings
}

function refuseSection(
  section: Section | undefined,
  file: string,
  name: string,
  concern: Concern,
  faults: Fault[],
): void {
  if (section === undefined) return
  faults.push({
    code: 'BadConfigValue',
    where: file,
    what: `a ${concern} profile has a section [${name}]`,
    mend: `Move it to a ${name === 'links' ? 'cluster' : name} profile of its own.`,
  })
}

function readConcern(about: Section, file: string, faults: Fault[]): Concern | null {
  const setting = about.get('concern')
  const concern = CONCERNS.find((known) => known === setting?.value)
  if (concern !== undefined) return concern
  const word = setting?.value ?? ''
  faults.push({
    code: 'BadConfigValue',
    where: setting?.where ?? `${file} [profile]`,
    what: setting === undefined ? 'concern is not set' : `concern is "${word}"`,
    mend: `Write concern= and one of ${CONCERNS.join(', ')}.${didYouMean(word, CONCERNS)}`,
  })
  return null
}

function readName(about: Section, { name }: ProfileText, faults: Fault[]): string {
  const written = about.get('name')
  if (written !== undefined && written.value !== name) {
    const mend = `Write name=${name}, or rename the file to ${written.value}.ini.`
    const what = `the profile calls itself "${written.value}", its file "${name}"`
    faults.push({ code: 'BadConfigValue', where: written.where, what, mend })
  }
  return name
}

function readDescription(about: Section, file: string, faults: Fault[]): string {
  const description = about.get('description')?.value ?? ''
  if (description === '') {
    const mend = 'Add description= and one line on what the profile stands for.'
    faults.push({ code: 'BadConfigValue', where: `${file} [profile]`, what: 'description is not set', mend })
  }
  return description
}

function readTruth(section: Section, key: string, faults: Fault[]): boolean | null {
  const setting = section.get(key)
  if (setting === undefined) return null
  if (setting.value === 'true' || setting.value === 'false') return setting.value === 'true'
  const what = `${key} is "${setting.value}"`
  faults.push({ code: 'BadConfigValue', where: setting.where, what, mend: `Write ${key}=true or ${key}=false.` })
  return null
}

/** A profile is ours to keep right: what a zoo.cfg gets away with, such as a value that counts as the default, it does not. */
function readSettings(section: Section | undefined, faults: Fault[]): readonly Setting[] {
  const settings = [...(section?.values() ?? [])]
  for (const setting of settings) {
    if (isPlacement(setting.key)) {
      const what = `${setting.key} belongs to one server, not to a profile`
      const mend = 'Delete the line: a run chooses hosts, ports and folders itself.'
      faults.push({ code: 'BadConfigValue', where: setting.where, what, mend })
      continue
    }
    const findings = noFindings()
    checkSetting(setting, findings)
    faults.push(...findings.faults)
    for (const { kind, where, what, mend } of findings.remarks) {
      if (kind === 'bad-value' || kind === 'clamped') faults.push({ code: 'BadConfigValue', where, what, mend })
      if (kind !== 'unknown-key') continue
      const meant = suggestKey(setting.key)
      faults.push({
        code: 'UnknownName',
        where,
        what: `ZooKeeper has no setting "${setting.key}"`,
        mend: meant === null ? 'Delete the line.' : `Did you mean "${meant}"?`,
      })
    }
  }
  return settings
}

function readSecurity(section: Section, faults: Fault[]): SecurityPart {
  const clientTls = readWord(section, 'clientTls', ['true', 'false'], faults)
  return {
    clientTls: clientTls === null ? null : clientTls === 'true',
    clientAuth: readWord(section, 'clientAuth', ['none', 'digest'], faults),
  }
}

/** @returns null where the key is not set, or is none of the words: then there is a fault */
function readWord<T extends string>(section: Section, key: string, words: readonly T[], faults: Fault[]): T | null {
  const setting = section.get(key)
  if (setting === undefined) return null
  const found = words.find((known) => known === setting.value)
  if (found !== undefined) return found
  const what = `${key} is "${setting.value}"`
  faults.push({ code: 'BadConfigValue', where: setting.where, what, mend: `Write ${key}=${words.join(' or ')}.` })
  return null
}

function readSizes(section: Section, faults: Fault[]): WorkloadPart['valueSizes'] {
  const setting = section.get('valueSize')
  if (setting === undefined) return null
  return gather(faults, () =>
    parseValueSizes(setting.value, { where: setting.where, ...WORKLOAD_LIMITS.valueSizeBytes }),
  )
}

function readWorkload(section: Section, faults: Fault[]): WorkloadPart {
  const number = (
    key: string,
    limits: { readonly min: number; readonly max: number },
    parse: typeof parseCount,
  ): number | null => {
    const setting = section.get(key)
    if (setting === undefined) return null
    return gather(faults, () => parse(setting.value, { where: setting.where, ...limits }))
  }
  return {
    mix: readMix(section, faults),
    sessions: number('sessions', WORKLOAD_LIMITS.sessions, parseCount),
    inFlight: number('inFlight', WORKLOAD_LIMITS.inFlight, parseCount),
    valueSizes: readSizes(section, faults),
    keyCount: number('keys', WORKLOAD_LIMITS.keyCount, parseCount),
    keyOrder: readWord(section, 'keyOrder', KEY_ORDERS, faults),
    folderSize: number('folderSize', WORKLOAD_LIMITS.folderSize, parseCount),
    depth: number('depth', WORKLOAD_LIMITS.depth, parseCount),
    multiSize: number('multiSize', WORKLOAD_LIMITS.multiSize, parseCount),
    watchers: number('watchers', WORKLOAD_LIMITS.watchers, parseCount),
    parties: number('parties', WORKLOAD_LIMITS.parties, parseCount),
    stormSize: number('stormSize', WORKLOAD_LIMITS.stormSize, parseCount),
    stormSpreadMs: number('stormSpread', WORKLOAD_LIMITS.stormSpreadMs, parseDurationMs),
    via: readWord(section, 'via', VIAS, faults),
  }
}

function readMix(section: Section, faults: Fault[]): WorkloadPart['mix'] {
  const mix: Partial<Record<OperationKind, number>> = {}
  let first: Setting | null = null
  let sum = 0
  for (const kind of OPERATION_KINDS) {
    const setting = section.get(`mix.${kind}`)
    if (setting === undefined) continue
    first ??= setting
    if (!/^\d+(\.\d+)?$/.test(setting.value)) {
      const what = `mix.${kind} is "${setting.value}" but must be a weight`
      faults.push({ code: 'BadConfigValue', where: setting.where, what, mend: 'Write a number such as 90.' })
      return null
    }
    const weight = Number(setting.value)
    if (weight > 0) mix[kind] = weight
    sum += weight
  }
  if (first === null) return null
  if (sum === 0) {
    const mend = 'Give at least one operation a weight above 0.'
    faults.push({ code: 'BadConfigValue', where: first.where, what: 'every weight of the mix is 0', mend })
  }
  return mix
}

function bracketed(section: string): string {
  return `[${section}]`
}
