import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { askRole, askServer } from '../../src/ensemble/four-letter-word.ts'
import type { LocalEnsemble, LocalRunningServer } from '../../src/ensemble/local-ensemble.ts'
import { nodeArguments } from '../../src/ensemble/server-process.ts'
import { startEnsemble } from '../../src/ensemble/start-ensemble.ts'

/** Three servers, whoever made them, that tests can hurt. */
export interface ServersUnderTest extends AsyncDisposable {
  /** A connect string. */
  readonly hosts: string
  readonly ports: readonly number[]
  /** SIGKILL. Resolves when the process is gone. */
  kill(clientPort: number): Promise<void>
  /** Resolves when the server serves. */
  restart(clientPort: number): Promise<void>
}

const ASK_TIMEOUT_MS = 1_000
const SERVING_DEADLINE_MS = 60_000
const ZOOKEEPER_JAR = '/usr/share/java/zookeeper.jar'
const JAVA_COMPILER = '/usr/bin/javac'
const C_COMPILER = '/usr/bin/gcc'

/** Apache's servers and its Java client. */
export const ZOOKEEPER_CLASSPATH = `/etc/zookeeper/conf:${ZOOKEEPER_JAR}`

/** The system's own: /usr/local may hold another Python, without Debian's kazoo. */
export const PYTHON = '/usr/bin/python3'
export const ZKCLI = '/usr/share/zookeeper/bin/zkCli.sh'

/** @throws when one of the Debian packages that these tests need is missing: a skipped test would prove nothing */
export function requirePackages(): void {
  const missing = [
    ZOOKEEPER_JAR,
    ZKCLI,
    JAVA_COMPILER,
    C_COMPILER,
    '/usr/include/zookeeper/zookeeper.h',
    '/usr/lib/python3/dist-packages/kazoo',
    '/usr/lib/python3/dist-packages/pytest',
  ].filter((path) => !existsSync(path))
  if (missing.length > 0) {
    throw new Error(`missing: ${missing.join(', ')}. See the Debian packages in .ci/run.`)
  }
}

/** Lines of zoo.cfg that each server gets, beside those that tests of all kinds need. */
export type ExtraSettings = Readonly<Record<string, string>>

/** Three servers of the built-in engine. */
export async function startZktune(settings: ExtraSettings = {}): Promise<ServersUnderTest> {
  const ensemble = await startEnsemble({ replicas: 3, settings, readyTimeoutMs: SERVING_DEADLINE_MS })
  const entry = new URL('../../dist/ensemble/server-main.js', import.meta.url)
  return await underTest(ensemble, ({ config }) => [process.execPath, ...nodeArguments(entry), config])
}

/** Three servers of Debian's Apache ZooKeeper 3.8.0: what the expectations of these tests are checked against. */
export async function startApache(settings: ExtraSettings = {}): Promise<ServersUnderTest> {
  requirePackages()
  const ensemble = await startEnsemble({
    engine: 'apache',
    replicas: 3,
    settings: { 'admin.enableServer': 'false', ...settings },
    heapBytes: 256 * 2 ** 20,
    readyTimeoutMs: SERVING_DEADLINE_MS,
  })
  return await underTest(ensemble, ({ restartCommand }) => restartCommand.split(' '))
}

/** @param commandOf how a server that was killed is brought back */
async function underTest(
  ensemble: LocalEnsemble,
  commandOf: (server: LocalRunningServer) => readonly string[],
): Promise<ServersUnderTest> {
  const brought: ChildProcess[] = []
  const serverAt = async (clientPort: number): Promise<LocalRunningServer> => {
    const server = (await ensemble.servers()).find((each) => each.clientPort === clientPort)
    if (server === undefined) throw new Error(`no server has the port ${clientPort}`)
    return server
  }
  return {
    hosts: ensemble.hosts,
    ports: (await ensemble.servers()).map((server) => server.clientPort),
    kill: async (clientPort) => killProcess((await serverAt(clientPort)).pid),
    restart: async (clientPort) => {
      const words = commandOf(await serverAt(clientPort))
      brought.push(spawn('setpriv', ['--pdeathsig', 'KILL', ...words], { stdio: 'ignore' }))
      await untilServing(clientPort)
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of brought) child.kill('SIGKILL')
      await ensemble.stop()
    },
  }
}

/** The port of the server that has the connection of a session, as the servers themselves tell. */
export async function portOfSession(servers: ServersUnderTest, sessionId: string): Promise<number> {
  for (const port of servers.ports) {
    const connections = await askServer({ host: '127.0.0.1', port }, 'cons', ASK_TIMEOUT_MS)
    if (connections.includes(`sid=${sessionId}`)) return port
  }
  throw new Error(`no server has a connection of the session ${sessionId}`)
}

/** The port of the server that leads; waits for one. */
export async function leaderPort(ports: readonly number[], deadlineMs = SERVING_DEADLINE_MS): Promise<number> {
  return await poll(deadlineMs, 'a leader', async () => {
    const roles = await Promise.all(ports.map((port) => askRole({ host: '127.0.0.1', port }, ASK_TIMEOUT_MS)))
    const index = roles.indexOf('leader')
    return index === -1 ? null : (ports[index] ?? null)
  })
}

export async function untilServing(clientPort: number): Promise<void> {
  await poll(SERVING_DEADLINE_MS, `the server of port ${clientPort}`, async () =>
    (await askRole({ host: '127.0.0.1', port: clientPort }, ASK_TIMEOUT_MS)) === 'down' ? null : true,
  )
}

/** Asks again and again until there is an answer. @throws at the deadline, naming what it waited for */
export async function poll<T>(deadlineMs: number, what: string, ask: () => Promise<T | null>): Promise<T> {
  const untilMs = performance.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > untilMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function killProcess(pid: number): Promise<void> {
  const send = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(pid, signal)
    } catch {
      return false
    }
  }
  send('SIGKILL')
  await poll(5_000, `the end of process ${pid}`, () => Promise.resolve(send(0) ? null : true))
}
