import { dirname, delimiter } from 'node:path'
import { findKnob } from '../../zoocfg/catalogue.ts'
import type { ServerPlace } from '../run-folders.ts'
import type { Setting } from '../server-config.ts'
import type { Java } from './find-java.ts'
import type { ZooKeeperInstallation } from './find-zookeeper.ts'
import { SIMPLE_LOGGER } from './log-config.ts'

/** In the server's own folder, where its JVM runs. */
export const GC_LOG = 'gc.log'

const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
/** What zkServer.sh gives a server that is told nothing else. Source: zkEnv.sh, ZK_SERVER_HEAP. */
const DEFAULT_HEAP = '-Xmx1000m'
/** From here on -Xlog; before, options that later releases refuse. */
const UNIFIED_LOGGING_SINCE = 9

export interface JvmOptions {
  readonly java: Java
  readonly zooKeeper: ZooKeeperInstallation
  /** Of each server, from the start; null: what zkServer.sh gives. */
  readonly heapBytes: number | null
}

/** Whether Apache reads a setting as a property of the JVM under the same name, and never from zoo.cfg. */
export function isJvmProperty(key: string): boolean {
  const knob = findKnob(key)
  return knob?.inZooCfg === false && knob.group !== 'client-side'
}

/** The arguments of `java` for one server, to be run in the folder of its configuration. */
export function jvmArguments(place: ServerPlace, settings: readonly Setting[], options: JvmOptions): string[] {
  const { java, zooKeeper, heapBytes } = options
  const kib = heapBytes === null ? null : Math.floor(heapBytes / 1024)
  const properties = {
    // Its bean for log4j is looked for even where there is no log4j.
    'zookeeper.jmx.log4j.disable': 'true',
    ...(zooKeeper.layout === 'debian' ? SIMPLE_LOGGER : {}),
    ...Object.fromEntries(settings.filter(({ key }) => isJvmProperty(key)).map(({ key, value }) => [key, value])),
  }
  return [
    ...(kib === null ? [DEFAULT_HEAP] : [`-Xms${kib}k`, `-Xmx${kib}k`]),
    // A server without memory would limp on and spoil every figure.
    '-XX:+ExitOnOutOfMemoryError',
    ...(java.major >= UNIFIED_LOGGING_SINCE
      ? [`-Xlog:gc:file=${GC_LOG}:time:filecount=0`]
      : [`-Xloggc:${GC_LOG}`, '-XX:+PrintGCDateStamps']),
    ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
    '-cp',
    // Its own folder first: there lies what says where the log goes.
    [dirname(place.config), ...zooKeeper.jars].join(delimiter),
    MAIN_CLASS,
    place.config,
  ]
}

/** A script by which a user starts the same server again; it leaves its pid for the ensemble to find. */
export function restartScript(java: string, words: readonly string[], folder: string, pidFile: string): string {
  return [
    '#!/bin/sh',
    `cd ${quoted(folder)} || exit 1`,
    `echo $$ > ${quoted(pidFile)}`,
    `exec ${[java, ...words].map(quoted).join(' ')}`,
    '',
  ].join('\n')
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
