/** One Apache server at a time, started as it is installed here and ended by its pid. */
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'

import { findJava } from '../../src/ensemble/apache/find-java.ts'
import type { Java } from '../../src/ensemble/apache/find-java.ts'
import { findZooKeeper } from '../../src/ensemble/apache/find-zookeeper.ts'
import type { ZooKeeperInstallation } from '../../src/ensemble/apache/find-zookeeper.ts'

export type Start =
  | { readonly kind: 'refused'; readonly exitCode: number | null; readonly printed: string }
  | { readonly kind: 'started'; readonly printed: string }
  | { readonly kind: 'silent'; readonly printed: string }

/** A standalone server makes its pipeline, one of an ensemble looks for a leader: from here on it does what it is for. */
const STARTED = /ZooKeeper audit is|LOOKING/
/** Some faults end a server only after it has bound its ports and tried them again. */
const PATIENCE_MS = 20_000
/** What comes up late comes up within this time after a server seems to have started. */
const AFTERMATH_MS = 500

export class LiveApache {
  readonly #java: Java
  readonly #zooKeeper: ZooKeeperInstallation

  private constructor(java: Java, zooKeeper: ZooKeeperInstallation) {
    this.#java = java
    this.#zooKeeper = zooKeeper
  }

  /** @throws ZktuneError when Java or ZooKeeper is not here */
  static async find(): Promise<LiveApache> {
    const zooKeeper = findZooKeeper({ home: null, environment: process.env })
    return new LiveApache(await findJava(process.env), zooKeeper)
  }

  get version(): string {
    return this.#zooKeeper.version ?? 'unknown'
  }

  get classPath(): string {
    return this.#zooKeeper.jars.join(delimiter)
  }

  get java(): string {
    return this.#java.path
  }

  /**
   * Starts a server and ends it, whatever it does.
   *
   * @param classes a folder of classes beside those of the installation; null: none
   * @param expected a server that is to refuse is given all the time it needs to, one that is to start is ended once it has
   */
  start(
    config: string,
    folder: string,
    expected: 'refused' | 'started',
    properties: Readonly<Record<string, string>> = {},
    classes: string | null = null,
  ): Promise<Start> {
    const words = [
      ...['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...Object.entries({ 'zookeeper.jmx.log4j.disable': 'true', ...properties }).map(
        ([key, value]) => `-D${key}=${value}`,
      ),
      ...[
        '-cp',
        [this.classPath, ...(classes === null ? [] : [classes])].join(delimiter),
        'org.apache.zookeeper.server.quorum.QuorumPeerMain',
        config,
      ],
    ]
    return new Promise((resolve, reject) => {
      const server = spawn(this.#java.path, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
      let printed = ''
      let hasStarted = false
      const give = (): void => void server.kill('SIGKILL')
      let patience = setTimeout(give, PATIENCE_MS)
      const hear = (chunk: Buffer): void => {
        printed += chunk.toString('latin1')
        if (hasStarted || !STARTED.test(printed)) return
        hasStarted = true
        if (expected === 'refused') return
        clearTimeout(patience)
        patience = setTimeout(give, AFTERMATH_MS)
      }
      server.stdout.on('data', hear)
      server.stderr.on('data', hear)
      server.on('error', reject)
      server.on('close', (exitCode, signal) => {
        clearTimeout(patience)
        if (signal === null) resolve({ kind: 'refused', exitCode, printed })
        else resolve({ kind: hasStarted ? 'started' : 'silent', printed })
      })
    })
  }
}
