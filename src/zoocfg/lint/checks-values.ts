/** Rules on keys and values as they are written, each line by itself. */
import { findKnob, ownKnobs, suggestKey } from '../catalogue.ts'
import { noFindings } from '../findings.ts'
import { javaDecodedInt, javaLong, javaSwitch } from '../java-number.ts'
import type { Knob } from '../knob.ts'
import { KNOB_TEXTS } from '../knob-texts.ts'
import { isMemberKey } from '../members.ts'
import { isBefore, parseRelease, releaseText } from '../release.ts'
import { shownValue } from '../secrets.ts'
import { checkSetting } from '../setting-check.ts'
import { onKey, onNumber } from './check.ts'
import { hasMark } from './checks-text.ts'
import { hintOf } from './hint.ts'
import type { Check, Checks } from './check.ts'
import type { Site } from './lint-rule.ts'
import type { Line, ServerView } from './server-view.ts'

const INTEGERS: readonly Knob['type'][] = ['int', 'duration-ms', 'bytes']
const YES_NO = ['forceSync', 'skipACL', 'leaderServes']
const CODECS = ['', 'gz', 'snappy']
const DIGESTS = /^(MD5|SHA-?1|SHA-?224|SHA-?256|SHA-?384|SHA-?512(\/(224|256))?|SHA3-(224|256|384|512))$/i
/** Read by the parser itself whatever the catalogue says of invalid text: a unit ends the start. */
const PURGE_SUFFIX = /^\d+\s*(ms|s|m|h|d)$/

export const VALUE_CHECKS: Checks = {
  'integer-key-not-a-number': eachLine((line, knob) => {
    const isParsed = knob.onInvalid === 'refuse' && INTEGERS.includes(knob.type) && !isMemberKey(line.key)
    if (!isParsed || javaLong(line.value) !== null || isNamedElsewhere(line)) return null
    const [, number] = /^([+-]?\d+)\s+#/.exec(line.value) ?? []
    const fix = number === undefined ? {} : { fix: { kind: 'set', value: number } as const }
    return { what: `${line.key} is "${line.value}"${hintOf(line.value)}`, ...fix }
  }),
  'cnx-timeout-malformed': eachLine((line) =>
    line.key === 'cnxTimeout' && javaLong(line.value) === null ? { what: `cnxTimeout is "${line.value}"` } : null,
  ),
  'purge-interval-suffix-pre-310': onKey('autopurge.purgeInterval', (server) => {
    const value = server.written('autopurge.purgeInterval') ?? ''
    return PURGE_SUFFIX.test(value) ? `autopurge.purgeInterval is ${value}` : null
  }),
  'boolean-key-invalid': eachLine((line, knob) => {
    if (knob.onInvalid !== 'refuse' || knob.type !== 'bool' || javaSwitch(line.value) !== null) return null
    const meant = switchMeant(line.value)
    const fix = meant === null ? {} : { fix: { kind: 'set', value: meant } as const }
    return { what: `${line.key} is "${line.value}"`, ...fix }
  }),
  'float-property-malformed': eachLine((line, knob) => {
    if (knob.onInvalid !== 'refuse' || knob.type !== 'float' || isDecimal(line.value)) return null
    return { what: `${line.key} is "${line.value}"` }
  }),
  'passthrough-integer-malformed': eachLine((line, knob) => {
    const isPassed = knob.onInvalid === 'silent-default' && INTEGERS.includes(knob.type)
    if (!isPassed || javaDecodedInt(line.value) !== null || javaLong(line.value) !== null) return null
    return { what: `${line.key} is "${line.value}", so its default${defaultText(knob)} counts` }
  }),
  'prealloc-malformed': onKey('preAllocSize', (server) => {
    const value = server.written('preAllocSize')
    return value === null || javaLong(value) !== null ? null : `preAllocSize is "${value}", so 65536 counts`
  }),
  'passthrough-boolean-not-true': eachLine((line, knob) => {
    const isPassed = knob.onInvalid === 'silent-false' && knob.type === 'bool'
    if (!isPassed || javaSwitch(line.value) !== null) return null
    return { what: `${line.key} is "${line.value}", which counts as false`, fix: { kind: 'set', value: 'false' } }
  }),
  'yes-no-switch-wrong-word': eachLine((line) => {
    if (!YES_NO.includes(line.key) || ['yes', 'no'].includes(line.value)) return null
    const counts = line.key === 'skipACL' ? 'no' : 'yes'
    return {
      what: `${line.key} is "${line.value}", which counts as ${counts}`,
      mend: `Write ${line.key}=yes or ${line.key}=no; as it is, ${counts} counts.`,
      fix: { kind: 'set', value: counts },
    }
  }),
  'snapshot-codec-unknown': onKey('snapshot.compression.method', (server) => {
    const value = server.written('snapshot.compression.method')
    return value === null || CODECS.includes(value) ? null : `snapshot.compression.method is "${value}"`
  }),
  'election-alg-not-3': onKey('electionAlg', (server) => {
    const value = server.written('electionAlg')
    return value === null || javaLong(value) === null || javaLong(value) === 3 ? null : `electionAlg is ${value}`
  }),
  'peer-type-unknown': onKey('peerType', (server) => {
    const value = server.written('peerType')
    return value === null || ['observer', 'participant'].includes(value.toLowerCase()) ? null : `peerType is "${value}"`
  }),
  'digest-algorithm-unknown': onKey('DigestAuthenticationProvider.digestAlg', (server) => {
    const value = server.written('DigestAuthenticationProvider.digestAlg')
    return value === null || DIGESTS.test(value) ? null : `DigestAuthenticationProvider.digestAlg is "${value}"`
  }),
  'cnxn-factory-class-missing': onClass('serverCnxnFactory'),
  'watch-manager-class-missing': onClass('watchManagerName'),
  'metrics-provider-class-missing': onClass('metricsProvider.className'),
  'auth-provider-class-missing': eachLine((line) =>
    /^authProvider\.\d+$/.test(line.key) && !isClassName(line.value)
      ? { what: `${line.key} is "${line.value}", which is no full class name` }
      : null,
  ),
  'audit-class-missing': onKey('audit.impl.class', (server) => {
    const value = server.written('audit.impl.class')
    return value !== null && server.isTrue('audit.enable') && !isClassName(value)
      ? `audit.impl.class is "${value}", which is no full class name`
      : null
  }),
  'selector-threads-below-one': onNumber(
    'nio.numSelectorThreads',
    (value, server) => value < 1 && !(server.written('serverCnxnFactory') ?? '').includes('Netty'),
  ),
  'int-buffer-too-small': onNumber('intBufferStartingSizeBytes', (value) => value < 32),
  'snapsize-zero-crash': function* (server) {
    if (server.written('snapSizeLimitInKb') !== null && server.number('snapSizeLimitInKb') === 0)
      yield server.at('snapSizeLimitInKb', 'snapSizeLimitInKb is 0', { fix: { kind: 'set', value: '-1' } })
  },
  'commit-batch-not-positive': onNumber(
    'commitProcessor.maxCommitBatchSize',
    (value, server) => value <= 0 && server.isDistributed,
  ),
  'snapcount-below-two': onNumber('snapCount', (value) => value < 2, 'but 2 counts'),
  'snap-retain-below-three': function* (server) {
    const line = server.line('autopurge.snapRetainCount')
    const count = line === null ? null : javaLong(line.value)
    if (count !== null && count < 3) {
      const what = `autopurge.snapRetainCount is ${count}, but 3 counts`
      yield server.at('autopurge.snapRetainCount', what, { fix: { kind: 'set', value: '3' } })
    }
  },
  'commit-log-count-below-500': function* (server) {
    const count = server.written('commitLogCount') === null ? null : server.number('commitLogCount')
    if (count !== null && count < 500)
      yield server.at('commitLogCount', `commitLogCount is ${count}, but 500 counts`, {
        fix: { kind: 'set', value: '500' },
      })
  },
  'snapshot-size-factor-above-one': onKey('snapshotSizeFactor', (server) => {
    const value = Number(server.written('snapshotSizeFactor') ?? '0')
    return value > 1 ? `snapshotSizeFactor is ${value}, but 0.33 counts` : null
  }),
  'cnxn-threads-below-default': onNumber('quorum.cnxn.threads.size', (value) => value <= 20, 'and 20 counts'),
  'port-out-of-range': eachLine((line, knob) => {
    const port = knob.unit === 'port' ? javaLong(line.value) : null
    const isUnset = port !== null && port < 0 && UNSET_BY_NEGATIVE.includes(line.key)
    if (port === null || isUnset || (port >= 0 && port <= 65_535)) return null
    return { what: `${line.key} is ${port}` }
  }),
  'unknown-key': eachUnknownLine((line) => {
    if (line.key.startsWith('zookeeper.') || findAlias(line.key) !== null) return null
    const meant = suggestKey(line.key)
    return {
      what: `ZooKeeper has no setting "${line.key}"`,
      mend: meant === null ? 'Delete the line, or correct the key.' : `Did you mean "${meant}"?`,
    }
  }),
  'key-with-zookeeper-prefix': eachUnknownLine((line) => {
    if (!line.key.startsWith('zookeeper.')) return null
    const bare = suggestKey(line.key)
    if (bare === null || bare.startsWith('zookeeper.')) return { what: `${line.key} has the prefix that Apache adds` }
    const knob = findKnob(bare)
    const mend = `Write ${bare}, without the prefix.`
    const what = `${line.key} becomes zookeeper.${line.key}, which nothing reads`
    return knob?.inZooCfg === false ? { what } : { what, mend }
  }),
  'documented-alias-without-effect': eachUnknownLine((line) => {
    const key = findAlias(line.key)
    return key === null
      ? null
      : { what: `${line.key} is the guide's heading for ${key}, not a key`, mend: `Write ${key}.` }
  }),
  'bare-property-in-zoocfg': eachLine((line, knob) => {
    if (knob.inZooCfg !== false || knob.group === 'client-side') return null
    const property = KNOB_TEXTS[knob.key]?.property ?? knob.key
    return {
      what: `${line.key} is no key of zoo.cfg`,
      mend: `Give the JVM -D${property}=${shownValue(line.key, line.value)}.`,
    }
  }),
  'deprecated-key': eachLine((line, knob) => {
    const successor = KNOB_TEXTS[knob.key]?.deprecatedBy
    return successor === undefined ? null : { what: `${line.key} is deprecated`, mend: `Use ${successor}.` }
  }),
  'test-switches': eachLine((line) => {
    const isTest =
      /^(testingonly|test)\./.test(line.key) || ['forceSnapshotSync', 'emulate353TTLNodes'].includes(line.key)
    return isTest ? { what: `${line.key} is set` } : null
  }),
  'zoocfg-overrides-jvm-flag': function* (server) {
    for (const line of server.lines) {
      const property = findKnob(line.key) === null ? undefined : KNOB_TEXTS[line.key]?.property
      const given = property === undefined ? undefined : server.jvm?.properties.get(property)
      if (given === undefined || given === line.value) continue
      const [here, there] = [line.value, given].map((value) => shownValue(line.key, value))
      yield server.at(line.key, `${line.key} is ${here} here and ${there} by -D${property}`)
    }
  },
  'key-newer-than-release': eachLine(({ key }, knob, { release }) => {
    const since = KNOB_TEXTS[knob.key]?.since ?? ''
    const first = parseRelease(since)
    if (first === null || !isBefore(release, first)) return null
    return { what: `${key} came with ${since}, and ${releaseText(release)} does not know it` }
  }),
  'value-out-of-documented-range': eachLine((line, knob) => {
    const isNumber = [...INTEGERS, 'float'].includes(knob.type) && knob.unit !== 'port'
    if (!isNumber || OWN_RANGE_RULES.has(knob.key) || !isDecimal(line.value)) return null
    const value = Number(line.value)
    const low = knob.min ?? -Infinity
    const high = knob.max ?? Infinity
    if (value >= low && value <= high) return null
    const range = value < low ? `at least ${low}` : `at most ${high}`
    return { what: `${line.key} is ${value}, where ${range} makes sense` }
  }),
  'own-setting-refused': function* (server) {
    for (const { key, value, entry } of server.lines) {
      if (!OWN_KEYS.has(key)) continue
      const findings = noFindings()
      checkSetting({ key, value, where: '' }, findings)
      for (const { what, mend } of findings.faults) yield { entry, key, what, mend }
    }
  },
}

/** Of the built-in engine alone: what Apache's rules say is not about them. */
const OWN_KEYS: ReadonlySet<string> = new Set(ownKnobs().map(({ key }) => key))

/** A negative number there means none. */
const UNSET_BY_NEGATIVE = ['observerMasterPort', 'metricsProvider.httpPort', 'metricsProvider.httpsPort']

/** Their bounds have a rule that says more. */
const OWN_RANGE_RULES: ReadonlySet<string> = new Set([
  ...['tickTime', 'initLimit', 'syncLimit', 'minSessionTimeout', 'maxSessionTimeout', 'snapCount'],
  ...['autopurge.snapRetainCount', 'autopurge.purgeInterval', 'commitLogCount', 'snapshotSizeFactor'],
  ...[
    'quorum.cnxn.threads.size',
    'snapSizeLimitInKb',
    'commitProcessor.maxCommitBatchSize',
    'intBufferStartingSizeBytes',
  ],
  ...[
    'nio.numSelectorThreads',
    'globalOutstandingLimit',
    'flushDelay',
    'txnLogSizeLimitInKb',
    'weight.N',
    'electionAlg',
  ],
])

type Found = Pick<Site, 'what' | 'mend' | 'fix'> | null

/** Lines of settings that Apache has. */
function eachLine(look: (line: Line, knob: Knob, server: ServerView) => Found): Check {
  return function* (server) {
    for (const line of server.lines) {
      const knob = findKnob(line.key)
      const found = knob === null || OWN_KEYS.has(knob.key) ? null : look(line, knob, server)
      if (found !== null) yield { entry: line.entry, key: line.key, ...found }
    }
  }
}

function eachUnknownLine(look: (line: Line) => Found): Check {
  return function* (server) {
    for (const line of server.lines) {
      if (findKnob(line.key) !== null || isMemberKey(line.key) || hasMark(line)) continue
      const found = look(line)
      if (found !== null) yield { entry: line.entry, key: line.key, ...found }
    }
  }
}

function isNamedElsewhere({ key, value }: Line): boolean {
  return key === 'cnxTimeout' || (key === 'autopurge.purgeInterval' && PURGE_SUFFIX.test(value))
}

function onClass(key: string): Check {
  return onKey(key, (server) => {
    const value = server.written(key)
    return value === null || isClassName(value) ? null : `${key} is "${value}", which is no full class name`
  })
}

function isClassName(value: string): boolean {
  return /^([A-Za-z_$][\w$]*\.)+[A-Za-z_$][\w$]*$/.test(value)
}

function isDecimal(value: string): boolean {
  return value !== '' && Number.isFinite(Number(value))
}

function defaultText({ default: fallback }: Knob): string {
  return fallback === undefined ? '' : ` of ${fallback}`
}

function switchMeant(value: string): 'true' | 'false' | null {
  const word = value.toLowerCase()
  if (['yes', 'on', '1'].includes(word)) return 'true'
  return ['no', 'off', '0'].includes(word) ? 'false' : null
}

/** The key that a heading of the administrator's guide stands for. */
function findAlias(key: string): string | null {
  const meant = suggestKey(key)
  return meant !== null && findKnob(meant)?.alias === key ? meant : null
}
