import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askRole } from '../../src/ensemble/four-letter-word.ts'
import { holdFreePorts } from '../../src/ensemble/ports.ts'
import { nodeArguments } from '../../src/ensemble/server-process.ts'
import { digestId, SUPER } from './pools.ts'
import type { Target } from './conversation.ts'

export interface RunningTarget extends Target, AsyncDisposable {}

const ZOOKEEPER_JAR = '/usr/share/java/zookeeper.jar'
const SERVING_DEADLINE_MS = 60_000
const ASK_TIMEOUT_MS = 1_000
const POLL_MS = 50

/** Quick, and the same for both: sessions that last, no reaping by the clock in the middle of a sequence. */
const SETTINGS = [
  'tickTime=500',
  'initLimit=20',
  'syncLimit=20',
  'minSessionTimeout=1000',
  'maxSessionTimeout=60000',
  'maxClientCnxns=0',
  'forceSync=no',
  'preAllocSize=4096',
  'extendedTypesEnabled=true',
  'enforceQuota=true',
  'znode.container.checkIntervalMs=100000000', // Apache takes it from its JVM only
  'admin.enableServer=false',
  '4lw.commands.whitelist=*',
  `DigestAuthenticationProvider.superDigest=${digestId(SUPER)}`,
]

/** @throws when Debian's packages are missing: a skipped test would prove nothing */
export async function startApacheTarget(servers: number): Promise<RunningTarget> {
  if (!existsSync(ZOOKEEPER_JAR)) throw new Error(`missing: ${ZOOKEEPER_JAR}. Run: apt-get install -y zookeeper`)
  const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-Dznode.container.checkIntervalMs=100000000']
  const words = ['-cp', `/etc/zookeeper/conf:${ZOOKEEPER_JAR}`, '-Dzookeeper.root.logger=ERROR,CONSOLE']
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  return await startTarget('Apache ZooKeeper 3.8.0', servers, (config) => ['java', [...jvm, ...words, main, config]])
}

export async function startOwnTarget(servers: number): Promise<RunningTarget> {
  const entry = nodeArguments(new URL('../../src/ensemble/server-main.ts', import.meta.url))
  return await startTarget('zktune', servers, (config) => [process.execPath, [...entry, config]])
}

async function startTarget(
  name: string,
  servers: number,
  commandOf: (config: string) => readonly [string, readonly string[]],
): Promise<RunningTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'zktune-differential-'))
  const held = await holdFreePorts(servers * 3)
  await held.release()
  const client = held.ports.slice(0, servers)
  const members = client.map((_port, index) => {
    const [quorum, election] = held.ports.slice(servers + index * 2)
    return `server.${index + 1}=127.0.0.1:${quorum}:${election}`
  })
  const processes: ChildProcess[] = []
  const dispose = async (): Promise<void> => {
    await Promise.all(processes.map(endProcess))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const [index, port] of client.entries()) {
      const home = join(folder, `server-${index + 1}`)
      mkdirSync(home)
      const lines = [...SETTINGS, `dataDir=${home}`, `clientPort=${port}`, 'clientPortAddress=127.0.0.1']
      if (servers > 1) {
        lines.push(...members)
        writeFileSync(join(home, 'myid'), `${index + 1}\n`)
      }
      const config = join(home, 'zoo.cfg')
      writeFileSync(config, `${lines.join('\n')}\n`)
      const printed = openSync(join(home, 'printed'), 'a')
      const [program, words] = commandOf(config)
      processes.push(spawn(program, words, { stdio: ['ignore', printed, printed] }))
    }
    await Promise.all(client.map(untilServing))
  } catch (error) {
    const printed = client.map((_port, index) => readFileSync(join(folder, `server-${index + 1}`, 'printed'), 'utf8'))
    await dispose()
    throw new Error(`${name} did not come up:\n${printed.join('\n')}`, { cause: error })
  }
  return { name, ports: client, [Symbol.asyncDispose]: dispose }
}

async function untilServing(port: number): Promise<void> {
  const untilMs = performance.now() + SERVING_DEADLINE_MS
  while ((await askRole({ host: '127.0.0.1', port }, ASK_TIMEOUT_MS)) === 'down') {
    if (performance.now() > untilMs) throw new Error(`the server of port ${port} does not serve`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
