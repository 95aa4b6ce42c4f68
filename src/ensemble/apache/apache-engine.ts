import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ZktuneError } from '../../kernel/errors.ts'
import type { LocalEngine, ServerToStart } from '../local-engine.ts'
import { PID_FILE } from '../pid-file.ts'
import type { ServerPlace } from '../run-folders.ts'
import type { Setting } from '../server-config.ts'
import type { Software } from '../ensemble.ts'
import type { LoggedEvent } from '../server-event.ts'
import type { ServerProcess } from '../server-process.ts'
import { eventsInApacheLog, pausesInGcLog } from './apache-log.ts'
import { findJava } from './find-java.ts'
import { findZooKeeper, installationText } from './find-zookeeper.ts'
import { GC_LOG, isJvmProperty, jvmArguments, restartScript, type JvmOptions } from './jvm-command.ts'
import { JvmKeeper } from './jvm-keeper.ts'
import { JvmProcess } from './jvm-process.ts'
import { LOG4J, LOGBACK } from './log-config.ts'

const RESTART_SCRIPT = 'start.sh'

export interface ApacheOptions {
  /** The folder of an installation; null: look for one. */
  readonly zookeeperHome: string | null
  /** Heap of each server's JVM, all of it from the start; null: 1,000 MiB at most, as zkServer.sh gives. */
  readonly heapBytes: number | null
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Apache ZooKeeper as it is installed on this machine: one JVM a server.
 *
 * @throws ZktuneError NotSupported, BadConfigValue or ServerFailed when Java or ZooKeeper is not there or does not run
 */
export async function apacheEngine(options: ApacheOptions): Promise<LocalEngine> {
  const { zookeeperHome: home, heapBytes, environment } = options
  const zooKeeper = findZooKeeper({ home, environment })
  const java = await findJava(environment)
  return new ApacheEngine({ java, zooKeeper, heapBytes })
}

/** What `--engine apache` would run, or why it would not, in one line. */
export async function apacheVersions(environment: ApacheOptions['environment']): Promise<string> {
  try {
    const zooKeeper = findZooKeeper({ home: null, environment })
    const java = await findJava(environment)
    return `${installationText(zooKeeper)}, Java ${java.version} (${java.path})`
  } catch (error) {
    if (error instanceof ZktuneError) return `not here: ${error.what}`
    throw error
  }
}

class ApacheEngine implements LocalEngine {
  readonly kind = 'apache'
  readonly dataFolder = 'version-2'
  readonly reachesByConfig = true
  readonly #options: JvmOptions
  #version: string | null
  #keeper: JvmKeeper | null = null

  constructor(options: JvmOptions) {
    this.#options = options
    this.#version = options.zooKeeper.version
  }

  get software(): readonly Software[] {
    return [
      { name: 'Apache ZooKeeper', version: this.#version ?? 'unknown' },
      { name: 'Java', version: this.#options.java.version },
    ]
  }

  inZooCfg(settings: readonly Setting[]): readonly Setting[] {
    return settings.filter(({ key }) => !isJvmProperty(key))
  }

  async prepare(): Promise<void> {
    this.#keeper ??= await JvmKeeper.start()
  }

  start({ place, clientPort, tls, settings, orphanRemoves }: ServerToStart): ServerProcess {
    const folder = dirname(place.config)
    for (const { file, text } of [LOGBACK, LOG4J]) writeFileSync(join(folder, file), text)
    const java = this.#options.java.path
    const words = jvmArguments(place, settings, this.#options)
    const script = restartScript(java, words, folder, join(place.dataDir, PID_FILE))
    writeFileSync(join(folder, RESTART_SCRIPT), script, { mode: 0o755 })
    const server = JvmProcess.start({ place, java, words, clientPort, tls }, (answer) => {
      this.#version = versionInAnswer(answer) ?? this.#version
    })
    this.#keeper?.watch({ pid: server.pid, mark: place.config, removes: orphanRemoves })
    return server
  }

  restartCommand({ place: { config } }: Pick<ServerToStart, 'place'>): string {
    return `sh ${join(dirname(config), RESTART_SCRIPT)}`
  }

  /** Without the libraries for it a server says so and goes on; not every installation has them. */
  async hasAdminServer({ printed }: ServerPlace): Promise<boolean> {
    return !(await textOf(printed)).includes('not starting JettyAdminServer')
  }

  async eventsOf({ printed, config }: ServerPlace): Promise<readonly LoggedEvent[]> {
    const [log, gc] = await Promise.all([textOf(printed), textOf(join(dirname(config), GC_LOG))])
    return [...eventsInApacheLog(log), ...pausesInGcLog(gc)]
  }

  async close(): Promise<void> {
    await this.#keeper?.close()
    this.#keeper = null
  }
}

/** @param answer to `srvr`: `Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on …` */
export function versionInAnswer(answer: string): string | null {
  return /^Zookeeper version: (\d+\.\d+\.\d+(?:-(?:alpha|beta|rc|SNAPSHOT)[\w.]*)?)/m.exec(answer)?.[1] ?? null
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '') // not written yet
}
