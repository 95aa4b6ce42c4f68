/** What counts of a configuration: for every setting the value that Apache acts on, and where it comes from. */
import { allKnobs, findKnob } from './catalogue.ts'
import { javaDecodedInt, javaInt, javaLong } from './java-number.ts'
import type { Knob } from './knob.ts'
import { outstandingLimitPerServer } from './settings/limit-settings.ts'
import type { ServerView } from './lint/server-view.ts'

export type Origin =
  | {
      readonly kind: 'file'
      readonly file: string
      readonly line: number
      /** Of a container: the variable that gives it; null: the image does. */
      readonly variable?: string | null
    }
  /** An option of the JVM. */
  | { readonly kind: 'jvm'; readonly file: string; readonly line: number; readonly property: string }
  | { readonly kind: 'default' }
  /** Of other settings, by `rule`: `2 ticks`. */
  | { readonly kind: 'derived'; readonly rule: string }
  /** The file has `written`, which does not count, `because`. */
  | {
      readonly kind: 'replaced'
      readonly file: string
      readonly line: number
      readonly written: string
      readonly because: string
    }

export interface EffectiveValue {
  readonly key: string
  readonly knob: Knob
  /** As zoo.cfg would say it, in the knob's unit; null: none. */
  readonly value: string | null
  readonly origin: Origin
}

/** What settings come to together: no key of the file has it. */
export interface Consequence {
  readonly name: string
  readonly value: string
  /** The arithmetic, with its numbers. */
  readonly from: string
}

const LEAST: ReadonlyMap<string, number> = new Map([
  ['snapCount', 2],
  ['autopurge.snapRetainCount', 3],
  ['commitLogCount', 500],
  ['quorum.cnxn.threads.size', 20],
])

const NUMBERS: readonly Knob['type'][] = ['int', 'duration-ms', 'bytes']

/** Every server setting that is given or has a default, in the order of the catalogue; numbered ones as they are given. */
export function effectiveValues(server: ServerView): readonly EffectiveValue[] {
  const values: EffectiveValue[] = []
  for (const knob of allKnobs()) {
    const isOfJvmAlone = knob.inZooCfg === false && server.jvmSetting(knob.key) === null
    if (isOfJvmAlone || knob.group === 'client-side' || isNumbered(knob.key)) continue
    values.push(effectiveValue(knob, server))
  }
  const members = server.memberLines.filter(({ key }) => {
    const knob = findKnob(key)
    return knob !== null && isNumbered(knob.key)
  })
  const counting = new Map(members.map((line) => [line.key, line]))
  for (const [key, { value, entry, variable }] of counting) {
    const knob = findKnob(key)
    const file = server.memberFile ?? server.files.file
    const place = { file, line: entry.line, ...(variable === undefined ? {} : { variable }) }
    if (knob !== null) values.push({ key, knob, value, origin: { kind: 'file', ...place } })
  }
  return values
}

/** What follows from the effective values for sessions, elections, load and failures. */
export function consequencesOf(server: ServerView): readonly Consequence[] {
  const tick = server.tickTimeMs
  const consequences: Consequence[] = []
  const min = boundMs(server, 'minSessionTimeout', 2)
  const max = boundMs(server, 'maxSessionTimeout', 20)
  consequences.push(
    { name: 'session timeouts', value: `${min.ms} to ${max.ms} ms`, from: `${min.from}; ${max.from}` },
    {
      name: 'a session expires late by up to',
      value: `${tick} ms`,
      from: 'expiry is counted in buckets of one tick',
    },
  )
  if (!server.isDistributed) return consequences
  const sync = javaInt(server.written('syncLimit') ?? '')
  const init = javaInt(server.written('initLimit') ?? '')
  if (sync !== null) {
    consequences.push({
      name: 'a silent leader is given up after',
      value: `${sync * tick} ms`,
      from: `syncLimit ${sync} x tickTime ${tick}`,
    })
  }
  if (init !== null) {
    consequences.push({
      name: 'a new leader and its followers agree within',
      value: `${init * tick} ms`,
      from: `initLimit ${init} x tickTime ${tick}, else the election begins anew`,
    })
  }
  const voters = server.voters.length
  const limit = Math.max(0, server.number('globalOutstandingLimit') ?? 0)
  consequences.push({
    name: 'requests that one voter may hold',
    value: String(outstandingLimitPerServer(limit, voters, false)),
    from: voters > 2 ? `globalOutstandingLimit ${limit} / (${voters} voters - 1)` : `globalOutstandingLimit ${limit}`,
  })
  if (server.members.groups.size === 0) {
    const quorum = Math.floor(voters / 2) + 1
    consequences.push({
      name: 'voters that may fail',
      value: String(voters - quorum),
      from: `${quorum} of ${voters} are a quorum`,
    })
  }
  return consequences
}

function effectiveValue(knob: Knob, server: ServerView): EffectiveValue {
  const { key } = knob
  const line = server.line(key)
  const given = server.jvmSetting(key)
  if (given !== null) {
    const { file, line: number, property, value } = given
    return { key, knob, value, origin: { kind: 'jvm', file, line: number, property } }
  }
  if (line === null) return { key, knob, ...unwritten(knob, server) }
  const { variable } = line
  const place = { file: server.files.file, line: line.entry.line, ...(variable === undefined ? {} : { variable }) }
  const replaced = (value: string | null, because: string): EffectiveValue => {
    return { key, knob, value, origin: { kind: 'replaced', ...place, written: line.value, because } }
  }
  if (NUMBERS.includes(knob.type)) {
    const number = javaDecodedInt(line.value) ?? javaLong(line.value)
    if (number === null && knob.onInvalid === 'refuse') return replaced(null, 'Apache refuses to start with it')
    if (number === null) return replaced(defaultText(knob, server), 'it is no whole number')
    const least = LEAST.get(key)
    if (least !== undefined && number < least) return replaced(String(least), 'it is the least that ZooKeeper takes')
    if (number === -1 && /^m(in|ax)SessionTimeout$/.test(key)) return { key, knob, ...unwritten(knob, server) }
    return { key, knob, value: String(number), origin: { kind: 'file', ...place } }
  }
  if (knob.type === 'bool') {
    const word = line.value.toLowerCase()
    if (word !== 'true' && word !== 'false' && knob.onInvalid === 'refuse')
      return replaced(null, 'Apache refuses to start with it')
    return word === 'true' || word === 'false'
      ? { key, knob, value: word, origin: { kind: 'file', ...place } }
      : replaced('false', 'anything but true is false')
  }
  if (knob.type === 'enum' && knob.words !== undefined && !knob.words.includes(line.value)) {
    const folded = line.value.toLowerCase()
    if (knob.onInvalid === 'refuse' && knob.words.includes(folded))
      return { key, knob, value: folded, origin: { kind: 'file', ...place } }
    return replaced(defaultText(knob, server), `it is none of ${knob.words.map((word) => `"${word}"`).join(', ')}`)
  }
  return { key, knob, value: line.value, origin: { kind: 'file', ...place } }
}

function unwritten(knob: Knob, server: ServerView): Pick<EffectiveValue, 'value' | 'origin'> {
  const derived = derivedDefault(knob.key, server)
  return derived === null
    ? { value: defaultText(knob, server), origin: { kind: 'default' } }
    : { value: derived.value, origin: { kind: 'derived', rule: derived.rule } }
}

function derivedDefault(key: string, server: ServerView): { readonly value: string; readonly rule: string } | null {
  switch (key) {
    case 'minSessionTimeout':
      return { value: String(2 * server.tickTimeMs), rule: '2 ticks' }
    case 'maxSessionTimeout':
      return { value: String(20 * server.tickTimeMs), rule: '20 ticks' }
    case 'dataLogDir':
      return { value: server.written('dataDir') ?? '', rule: 'dataDir' }
    case 'maxWriteQueuePollTime':
      return { value: String(Math.floor((server.number('flushDelay') ?? 0) / 3)), rule: 'a third of flushDelay' }
    default:
      return null
  }
}

function defaultText(knob: Knob, server: ServerView): string | null {
  const fallback = server.defaultOf(knob.key)
  return fallback === undefined ? null : String(fallback)
}

function boundMs(server: ServerView, key: string, ticks: number): { readonly ms: number; readonly from: string } {
  const written = javaInt(server.written(key) ?? '')
  if (written !== null && written !== -1) return { ms: written, from: `${key} is given` }
  return { ms: ticks * server.tickTimeMs, from: `${key} is ${ticks} x tickTime ${server.tickTimeMs}` }
}

function isNumbered(key: string): boolean {
  return key.endsWith('.N')
}
