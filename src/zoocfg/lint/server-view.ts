import { findKnob } from '../catalogue.ts'
import type { MadeLine, Place, Variable } from '../container.ts'
import { noFindings } from '../findings.ts'
import type { Setting } from '../findings.ts'
import { javaDecodedInt, javaSwitch } from '../java-number.ts'
import type { Knob } from '../knob.ts'
import { KNOB_TEXTS } from '../knob-texts.ts'
import { isMemberKey, readMembers, voterCount } from '../members.ts'
import type { Members } from '../members.ts'
import { javaTrim, readProperties } from '../properties.ts'
import type { Properties, PropertyEntry } from '../properties.ts'
import { isBefore } from '../release.ts'
import type { Release } from '../release.ts'
import type { ServerLine } from '../server-line.ts'
import type { FolderFacts, HostFacts, JvmOptions } from './host-facts.ts'
import type { Site } from './lint-rule.ts'

export interface TextFile {
  readonly file: string
  readonly text: string
}

/** What the zoo.cfg of a container is made of. */
export interface MadeOf {
  /** In the order of the lines of the text. */
  readonly lines: readonly MadeLine[]
  readonly variables: readonly Variable[]
  /** Of the container, in its file. */
  readonly place: Place
  /** Of the container; null when it has none. */
  readonly name: string | null
}

/** The files of one server. */
export interface ServerFiles {
  /** As findings call it. */
  readonly file: string
  /** Decoded as latin1. */
  readonly text: string
  /** Undefined: nobody looked; null: it is not there. */
  readonly myid?: TextFile | null
  readonly dynamic?: TextFile | null
  readonly jvm?: JvmOptions | null
  readonly host?: HostFacts | null
  /** Of a container: then `file` is where its variables stand, and so do the lines of the text. */
  readonly made?: MadeOf
}

/** A setting that the JVM is given as a property. */
export interface JvmSetting {
  readonly property: string
  readonly value: string
  readonly file: string
  readonly line: number
}

/** One line of a file, key and value trimmed as Apache trims them. */
export interface Line {
  readonly key: string
  readonly value: string
  readonly entry: PropertyEntry
  /** Of a container: the variable that made it; null: the image itself. */
  readonly variable?: string | null
}

const MASTER: Release = { major: 3, minor: 10 }

/** Defaults that were others before a release. */
const EARLIER_DEFAULTS: ReadonlyMap<string, readonly [until: Release, value: boolean | number | string]> = new Map([
  ['admin.enableServer', [MASTER, true]],
  ['fips-mode', [{ major: 3, minor: 9 }, false]],
  ['metricsProvider.httpPort', [MASTER, 7_000]],
  ['metricsProvider.numWorkerThreads', [MASTER, 1]],
])

/** One server's configuration as Apache of one release makes it of its files, for checks to ask. */
export class ServerView {
  readonly files: ServerFiles
  readonly release: Release
  readonly properties: Properties
  /** Every line, duplicates included, in the order of the file. */
  readonly lines: readonly Line[]
  /** Of the dynamic file; empty without one. */
  readonly dynamicLines: readonly Line[]
  readonly members: Members
  readonly #byKey: ReadonlyMap<string, Line>

  constructor(files: ServerFiles, release: Release) {
    this.files = files
    this.release = release
    this.properties = readProperties(files.text)
    this.lines = linesOf(this.properties).map((line) => inItsPlace(line, files.made))
    this.dynamicLines = this.dynamic === null ? [] : linesOf(readProperties(this.dynamic.text))
    this.#byKey = new Map(this.lines.map((line) => [line.key, line]))
    this.members = readMembers(settingsOf(this.memberLines), noFindings())
  }

  get dynamic(): TextFile | null {
    return this.files.dynamic ?? null
  }

  get myid(): TextFile | null {
    return this.files.myid ?? null
  }

  get jvm(): JvmOptions | null {
    return this.files.jvm ?? null
  }

  get dataDir(): FolderFacts | null {
    return this.files.host?.dataDir ?? null
  }

  get dataLogDir(): FolderFacts | null {
    return this.files.host?.dataLogDir ?? null
  }

  /** The lines among which the server list stands. */
  get memberLines(): readonly Line[] {
    return this.dynamicLines.length > 0 ? this.dynamicLines : this.lines
  }

  /** The file of `memberLines`, when it is another than zoo.cfg. */
  get memberFile(): string | null {
    return this.dynamicLines.length > 0 ? (this.dynamic?.file ?? null) : null
  }

  /** The line that counts for a key. */
  line(key: string): Line | null {
    return this.#byKey.get(key) ?? null
  }

  /**
   * As written where it counts: the file wins over the JVM, for Apache makes properties of its lines; a line for what is
   * read from the JVM alone does not count.
   */
  written(key: string): string | null {
    return this.jvmSetting(key)?.value ?? (isOfJvmAlone(key) ? null : (this.line(key)?.value ?? null))
  }

  /** What counts of what the JVM is given; null where the file has a line that wins, or nothing is given. */
  jvmSetting(key: string): JvmSetting | null {
    if (this.line(key) !== null && !isOfJvmAlone(key)) return null
    const property = KNOB_TEXTS[key]?.property ?? (isOfJvmAlone(key) ? key : undefined)
    const value = property === undefined ? undefined : this.jvm?.properties.get(property)
    if (property === undefined || value === undefined || this.jvm === null) return null
    return { property, value, file: this.jvm.file, line: this.jvm.lines.get(property) ?? 1 }
  }

  /** The effective number: as written if it is one, else the default; null where there is no default. */
  number(key: string): number | null {
    const value = this.written(key)
    const number = value === null ? null : javaDecodedInt(value)
    if (number !== null) return number
    const fallback = this.defaultOf(key)
    return typeof fallback === 'number' ? fallback : null
  }

  /**
   * The effective switch: anything but "true" is false, as Java reads a boolean property. A word that the parser refuses
   * counts as no line, so that one fault is not told as two.
   */
  isTrue(key: string): boolean {
    const value = this.written(key)
    const word = value === null ? null : javaSwitch(value)
    if (word !== null) return word
    return value === null || findKnob(key)?.onInvalid === 'refuse' ? this.defaultOf(key) === true : false
  }

  /** Of the release that is looked at. */
  defaultOf(key: string): Knob['default'] {
    const [until, earlier] = EARLIER_DEFAULTS.get(key) ?? []
    return until !== undefined && isBefore(this.release, until) ? earlier : findKnob(key)?.default
  }

  get tickTimeMs(): number {
    return this.number('tickTime') ?? 0
  }

  get voters(): readonly ServerLine[] {
    return this.members.servers.filter(({ role }) => role === 'participant')
  }

  get observers(): readonly ServerLine[] {
    return this.members.servers.filter(({ role }) => role === 'observer')
  }

  /** It runs as one of an ensemble, though perhaps of one. */
  get isDistributed(): boolean {
    const voters = voterCount(this.members)
    return voters > 1 || (voters === 1 && !this.isTrue('standaloneEnabled'))
  }

  /** The number in myid; null when it is not known. */
  get id(): number | null {
    const [first = ''] = this.myid?.text.split(/\r\n|\n|\r/) ?? []
    return /^[+-]?\d+$/.test(first) ? Number(first) : null
  }

  get ownLine(): ServerLine | null {
    return this.members.servers.find(({ id }) => id === this.id) ?? null
  }

  /** For people: the file, and the container in it. */
  get name(): string {
    const name = this.files.made?.name ?? null
    return name === null ? this.files.file : `${this.files.file} (${name})`
  }

  /** A site at the line that counts for a key, or at the file as a whole when it lacks the key. */
  at(key: string, what: string, more: Pick<Site, 'mend' | 'fix'> = {}): Site {
    const given = this.jvmSetting(key)
    if (given !== null) {
      const { file, line, property } = given
      return { entry: null, key, what: `${what} (-D${property})`, ...more, file, at: { line, column: 1 } }
    }
    return { entry: this.line(key)?.entry ?? null, key, what, ...more }
  }

  /** A site at a line of the server list. */
  atMember(key: string, what: string, more: Pick<Site, 'mend' | 'fix'> = {}): Site {
    const entry = this.memberLines.findLast((line) => line.key === key)?.entry ?? null
    const file = this.memberFile
    return { entry, key, what, ...more, ...(file === null ? {} : { file }) }
  }

  /** The lines that make the server list, well formed or not. */
  get listLines(): readonly Line[] {
    return this.memberLines.filter(({ key }) => isMemberKey(key))
  }
}

function linesOf({ entries }: Properties): readonly Line[] {
  return entries.map((entry) => ({ key: javaTrim(entry.key), value: javaTrim(entry.value), entry }))
}

function isOfJvmAlone(key: string): boolean {
  return findKnob(key)?.inZooCfg === false
}

function inItsPlace(line: Line, made: MadeOf | undefined): Line {
  const source = made?.lines[line.entry.line - 1]
  if (source === undefined) return line
  return { ...line, entry: { ...line.entry, ...source.place }, variable: source.variable }
}

function settingsOf(lines: readonly Line[]): ReadonlyMap<string, Setting> {
  return new Map(lines.map(({ key, value }) => [key, { key, value, where: '' }]))
}
