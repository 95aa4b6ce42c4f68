/**
 * Which settings the built-in engine acts on, and why not on each of the others: what a report lists as not honoured.
 */
import { findKnob, suggestKey } from './catalogue.ts'
import type { Knob } from './knob.ts'

export type NotHonouredWhy =
  | 'not-yet' // the engine has the thing to configure, or will; it takes no notice of the setting so far
  | 'apache-internal' // sizes or steers a part of Apache that the engine does not have
  | 'netty' // a Java network library
  | 'jvm' // a Java class or a part of the Java runtime
  | 'no-effect' // does nothing in zoo.cfg: Apache reads it as a JVM property of another name
  | 'client-side' // read by clients, not by servers
  | 'unknown' // no setting of ZooKeeper

export type Support =
  { readonly honoured: true } | { readonly honoured: false; readonly why: NotHonouredWhy; readonly reason: string }

/** What a server of the built-in engine acts on. The reading of zoo.cfg has a checked value for each. */
const HONOURED: ReadonlySet<string> = new Set([
  'tickTime',
  'initLimit',
  'syncLimit',
  'dataDir',
  'dataLogDir',
  'clientPort',
  'clientPortAddress',
  'clientPortListenBacklog',
  'minSessionTimeout',
  'maxSessionTimeout',
  'maxClientCnxns',
  'globalOutstandingLimit',
  'snapCount',
  'preAllocSize',
  'forceSync',
  'jute.maxbuffer',
  '4lw.commands.whitelist',
  'autopurge.snapRetainCount',
  'server.N',
  'standaloneEnabled',
  'peerType',
  'dynamicConfigFile',
  'extendedTypesEnabled',
  'znode.container.checkIntervalMs',
  'znode.container.maxPerMinute',
  'znode.container.maxNeverUsedIntervalMs',
])

const REASONS: Readonly<Record<NotHonouredWhy, string>> = {
  'not-yet': 'the built-in engine does not act on it yet',
  'apache-internal': "it configures a part of Apache's server that the built-in engine does not have",
  netty: 'it configures Netty, which the built-in engine does not use',
  jvm: 'it configures the Java side, which the built-in engine does not have',
  'no-effect': 'it does nothing in zoo.cfg: Apache reads it as a JVM property only',
  'client-side': 'it is a setting of clients, not of servers',
  unknown: 'ZooKeeper has no setting of this name',
}

const OWN_REASONS: ReadonlyMap<string, string> = new Map([
  ['autopurge.purgeInterval', 'the built-in engine purges after each snapshot, not by the clock'],
  ['group.N', 'the built-in engine counts plain majorities so far'],
  ['weight.N', 'the built-in engine counts plain majorities so far'],
  ['emulate353TTLNodes', "it reads data of Apache 3.5.3, and the built-in engine reads no data of Apache's"],
  ['electionAlg', "it names Apache's election; the built-in engine elects by Paxos"],
])

const WHY_BY_GROUP: ReadonlyMap<Knob['group'], NotHonouredWhy> = new Map([
  ['threads', 'apache-internal'],
  ['experimental', 'apache-internal'],
  ['watch', 'apache-internal'],
  ['client-side', 'client-side'],
])

const WHY_BY_KEY: readonly (readonly [RegExp, NotHonouredWhy])[] = [
  [/^netty\.|^serverCnxnFactory$|^ssl\.sslProvider$/, 'netty'],
  [/^jvm\.|^jmx\.|\.class(Name)?$|^ssl\.(quorum\.)?context\.supplier\.class$|^java\./, 'jvm'],
  [/^nio\.|^commitProcessor\.|^fastleader\.|^quorum\.cnxn\.|^electionAlg$|^electionPort/, 'apache-internal'],
  [/(closeSocketAsync|asyncSending|intBufferStartingSizeBytes|shutdownTimeout)$/, 'apache-internal'],
]

/** @param key as zoo.cfg has it, so `server.3` and not `server.N` */
export function engineSupport(key: string): Support {
  const knob = findKnob(key)
  if (knob === null) {
    if (key.startsWith('zktune.')) return notHonoured('not-yet', key)
    const meant = suggestKey(key)
    const guess = meant === null ? '' : `; did you mean "${meant}"?`
    return { honoured: false, why: 'unknown', reason: `${REASONS.unknown}${guess}` }
  }
  if (HONOURED.has(knob.key)) return { honoured: true }
  if (knob.inZooCfg === false && knob.group !== 'client-side') return notHonoured('no-effect', knob.key)
  const byKey = WHY_BY_KEY.find(([pattern]) => pattern.test(knob.key))?.[1]
  return notHonoured(byKey ?? WHY_BY_GROUP.get(knob.group) ?? 'not-yet', knob.key)
}

function notHonoured(why: NotHonouredWhy, key: string): Support {
  return { honoured: false, why, reason: OWN_REASONS.get(key) ?? REASONS[why] }
}
