import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, openSync, closeSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askRole } from '../src/ensemble/four-letter-word.ts'
import { holdFreePorts } from '../src/ensemble/ports.ts'
import type { ComparedEnsemble } from './engines.ts'

const JAR = '/usr/share/java/zookeeper.jar'
const READY_TIMEOUT_MS = 30_000
const POLL_MS = 20

/** Whether Debian's package is here. */
export function hasApache(): boolean {
  return existsSync(JAR)
}

/**
 * An ensemble of Debian's Apache ZooKeeper on 127.0.0.1, with the JVM's own defaults but for a fixed heap, in a folder
 * that goes with it.
 *
 * @param settings lines of zoo.cfg that both engines get
 * @param heap of each server, as java's -Xmx takes it
 */
export async function startApache(
  replicas: number,
  settings: readonly string[],
  heap: string,
): Promise<ComparedEnsemble> {
  const root = await mkdtemp(join(tmpdir(), 'zktune-apache-'))
  const held = await holdFreePorts(replicas * 3)
  const ports = held.ports
  await held.release()
  const members = Array.from({ length: replicas }, (_, index) => {
    return `server.${index + 1}=127.0.0.1:${ports[index * 3 + 1]}:${ports[index * 3 + 2]}`
  })
  const children: ChildProcess[] = []
  const startedMs = performance.now()
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended))
    await rm(root, { recursive: true, force: true })
  }
  try {
    for (let index = 0; index < replicas; index++) {
      const folder = join(root, `server-${index + 1}`)
      await mkdir(folder)
      const lines = [...settings, `dataDir=${folder}`, `clientPort=${ports[index * 3]}`, 'clientPortAddress=127.0.0.1']
      await writeFile(join(folder, 'zoo.cfg'), [...lines, ...(replicas > 1 ? members : []), ''].join('\n'))
      await writeFile(join(folder, 'myid'), `${index + 1}\n`)
      children.push(launch(folder, heap))
    }
    const clientPorts = children.map((_, index) => ports[index * 3] ?? 0)
    await Promise.all(clientPorts.map((port) => served(port)))
    return {
      hosts: clientPorts.map((port) => `127.0.0.1:${port}`).join(','),
      pids: children.map(({ pid }) => pid ?? 0),
      bootMs: performance.now() - startedMs,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function launch(folder: string, heap: string): ChildProcess {
  const log = openSync(join(folder, 'server.log'), 'a')
  const memory = [`-Xms${heap}`, `-Xmx${heap}`]
  const quiet = ['-Dzookeeper.admin.enableServer=false', '-Dzookeeper.4lw.commands.whitelist=*']
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  const child = spawn('java', [...memory, ...quiet, '-cp', JAR, main, join(folder, 'zoo.cfg')], {
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

async function served(port: number): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const role = await askRole({ host: '127.0.0.1', port }, POLL_MS * 10)
    if (role !== 'down') return
    if (performance.now() > deadline) throw new Error(`the server on port ${port} does not serve`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
