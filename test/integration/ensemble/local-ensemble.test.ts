import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askServer } from '../../../src/ensemble/four-letter-word.ts'
import { holdFreePorts } from '../../../src/ensemble/ports.ts'
import { writeServerArguments } from '../../../src/ensemble/server-arguments.ts'
import { nodeArguments } from '../../../src/ensemble/server-process.ts'
import { bootEnsemble, type EnsembleOptions } from '../../../src/ensemble/start-ensemble.ts'
import { isRunning, until } from '../processes.ts'
import { builtinEngine } from '../../../src/ensemble/local-engine.ts'
import type { LocalEnsemble, LocalRunningServer } from '../../../src/ensemble/local-ensemble.ts'

const FAKE = new URL('./fake-server.ts', import.meta.url)
const PARENT = new URL('./fake-parent.ts', import.meta.url)

let scratch: string

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ensemble-test-'))
})

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
})

function boot(behaviour: string, replicas: number, options: EnsembleOptions = {}): Promise<LocalEnsemble> {
  const settings = [{ key: 'zktune.fake', value: behaviour }]
  return bootEnsemble(replicas, settings, { dataParent: scratch, ...options }, builtinEngine(FAKE))
}

describe('an ensemble', { timeout: 60_000 }, () => {
  test.each([
    ['serves no more', 'wavers:3'],
    ['still leads beside the leader', 'also-leads:2'],
  ])('is not up while one of its servers %s', async (_, behaviour) => {
    await using ensemble = await boot(behaviour, 3)
    const roles = (await ensemble.servers()).map(({ role }) => role)
    expect(roles).toEqual(['leader', 'follower', 'follower'])
  })

  test('is up when every server serves, and stopping leaves no process, port or folder', async () => {
    const ensemble = await boot('good', 3)
    const servers = await ensemble.servers()
    expect(servers.map(({ id, role }) => [id, role])).toEqual([
      [1, 'leader'],
      [2, 'follower'],
      [3, 'follower'],
    ])
    expect(ensemble.hosts).toBe(servers.map(({ clientPort }) => `127.0.0.1:${clientPort}`).join(','))
    expect(ensemble.bootMs).toBeGreaterThan(0)
    expect(new Set(servers.map(({ pid }) => pid)).size).toBe(3)
    const config = readFileSync((servers[2] as (typeof servers)[2]).config, 'utf8')
    expect(config).toMatch(/^dataDir=.*zktune-.*server-3\/data$/m)
    expect(config).toMatch(/^server\.1=127\.0\.0\.1:\d+:\d+$/m)
    for (const { dataDir, id } of servers) {
      expect(readFileSync(join(dataDir, 'myid'), 'utf8')).toBe(`${id}\n`)
      expect(existsSync(join(dataDir, 'initialize'))).toBe(true)
    }

    await ensemble.stop()
    await ensemble.stop()
    for (const server of servers) {
      expect(isRunning(server.pid)).toBe(false)
      await expect(askServer({ host: '127.0.0.1', port: server.clientPort }, 'srvr', 1_000)).rejects.toThrow()
    }
    expect(readdirSync(scratch)).toEqual([])
    expect(existsSync(ensemble.folder)).toBe(false)
  })

  test('says which server ended before it served, how, and what it printed, and leaves nothing', async () => {
    await expect(boot('ends:2', 3)).rejects.toMatchObject({
      code: 'ServerFailed',
      where: 'server 2',
      what: expect.stringMatching(/exit code 7.*server 2 starts/s) as string,
    })
    expect(readdirSync(scratch)).toEqual([])
  })

  test("passes on a server's own reason for refusing to start", async () => {
    await expect(boot('refuses:1', 1)).rejects.toMatchObject({
      code: 'ForeignData',
      where: expect.stringMatching(/^server 1, /) as string,
      what: 'it is not ours',
    })
  })

  test('starts again on other ports when one was lost between choosing and taking it', async () => {
    await using ensemble = await boot('loses-port:2', 2)
    expect((await ensemble.servers()).map(({ role }) => role)).toEqual(['leader', 'follower'])
  })

  test('gives up at the deadline and says who was missing', async () => {
    await expect(boot('never-serves:2', 2, { readyTimeoutMs: 3_000 })).rejects.toMatchObject({
      code: 'Timeout',
      where: 'server 2',
    })
    expect(readdirSync(scratch)).toEqual([])
  })

  test('can be interrupted while it starts', async () => {
    const abort = new AbortController()
    const starting = boot('never-serves', 1, { signal: abort.signal })
    setTimeout(() => abort.abort(), 100)
    await expect(starting).rejects.toMatchObject({ code: 'Interrupted' })
    expect(readdirSync(scratch)).toEqual([])
  })

  test('tells of a server that was killed, goes on, and knows it as down', async () => {
    const exits: unknown[] = []
    let onExit: () => void = () => undefined
    const exited = new Promise<void>((resolve) => {
      onExit = resolve
    })
    await using ensemble = await boot('good', 2, {
      onServerExit: (...exit) => {
        exits.push(exit)
        onExit()
      },
    })
    const [, second] = await ensemble.servers()
    process.kill(second?.pid as number, 'SIGKILL')
    await exited
    expect((await ensemble.servers()).map(({ role }) => role)).toEqual(['leader', 'down'])
    await ensemble.stop()
    expect(exits).toEqual([[2, null, 'SIGKILL']])
  })

  test('takes client ports from the one given, and refuses when one of them is taken', async () => {
    await using taken = await holdFreePorts(1)
    const port = taken.ports[0] as number
    await expect(boot('good', 1, { firstClientPort: port })).rejects.toMatchObject({ code: 'PortInUse' })
    await taken.release()
    await using ensemble = await boot('good', 1, { firstClientPort: port })
    expect(ensemble.hosts).toBe(`127.0.0.1:${port}`)
  })

  test('on a folder of its own keeps its data, and only an ensemble that never ran may vote empty', async () => {
    const folder = join(scratch, 'kept')
    const options = { dataParent: null, folder }
    await (await boot('good', 2, options)).stop()
    expect(readdirSync(folder).sort()).toEqual(['server-1', 'server-2'])
    await expect(boot('good', 3, options)).rejects.toMatchObject({ code: 'ForeignData' })
  })

  test('keeps its folders when asked to', async () => {
    const ensemble = await boot('good', 1, { keep: true })
    await ensemble.stop()
    expect(existsSync(join(ensemble.folder, 'server-1', 'zoo.cfg'))).toBe(true)
    expect(readdirSync(scratch)).toHaveLength(1)
    rmSync(ensemble.folder, { recursive: true })
  })

  test('refuses a folder that does not exist for its data', async () => {
    const missing = join(scratch, 'missing')
    await expect(boot('good', 1, { dataParent: missing })).rejects.toMatchObject({
      code: 'DiskFailed',
      where: missing,
    })
  })

  test('sees a server again that was brought back by hand, and ends it with the rest', async () => {
    await using ensemble = await boot('good', 2)
    const [, second] = await ensemble.servers()
    if (second === undefined) throw new Error('there are two servers')
    process.kill(second.pid, 'SIGKILL')
    await until(async () => (await ensemble.servers())[1]?.role === 'down')
    const back = spawn(process.execPath, [...nodeArguments(FAKE), second.config], { stdio: 'ignore' })
    const ended = new Promise((resolve) => back.once('exit', resolve))
    await until(async () => (await ensemble.servers())[1]?.role === 'follower')
    expect((await ensemble.servers())[1]?.pid).toBe(back.pid)
    await ensemble.stop()
    await ended
    expect(isRunning(back.pid as number)).toBe(false)
  })

  test('goes with its folder when its parent was gone before it had come up', async () => {
    const own = join(scratch, 'zktune-orphan')
    mkdirSync(join(own, 'data'), { recursive: true })
    writeFileSync(join(own, 'data', 'myid'), '1\n')
    const held = await holdFreePorts(1)
    await held.release()
    const config = join(own, 'zoo.cfg')
    writeFileSync(config, `clientPort=${held.ports[0] as number}\ndataDir=${join(own, 'data')}\n`)
    const words = writeServerArguments({ config, orphanRemoves: [own], reaches: new Map() })
    const server = spawn(process.execPath, [...nodeArguments(FAKE), ...words], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    server.disconnect()
    expect(await new Promise((resolve) => server.once('exit', resolve))).toBe(0)
    expect(existsSync(own)).toBe(false)
  })

  test.each([
    ['is killed', 'stays', 'SIGKILL'],
    ['gets Ctrl-C that nobody handles', 'stays', 'SIGINT'],
    ['has a bug', 'throws', null],
  ] as const)('goes with its folders when its parent %s', async (_, ending, signal) => {
    const parent = spawn(process.execPath, [...nodeArguments(PARENT), 'good', ending], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const parentEnded = new Promise((resolve) => parent.once('exit', resolve))
    const line = await new Promise<string>((resolve) => parent.stdout.once('data', (chunk) => resolve(String(chunk))))
    const run = JSON.parse(line) as { folder: string; servers: LocalRunningServer[] }
    if (signal !== null) parent.kill(signal)
    await parentEnded
    await until(() => run.servers.every(({ pid }) => !isRunning(pid)))
    await until(() => !existsSync(run.folder))
  })

  test('leaves Ctrl-C to its parent, though it reaches the servers too', async () => {
    await using ensemble = await boot('good', 2)
    const servers = await ensemble.servers()
    for (const { pid } of servers) process.kill(pid, 'SIGINT')
    expect((await ensemble.servers()).map(({ pid }) => isRunning(pid))).toEqual([true, true])
    expect((await ensemble.servers()).map(({ role }) => role)).toEqual(['leader', 'follower'])
  })

  test('ends servers that do not stop when asked', async () => {
    const ensemble = await boot('hangs', 1)
    const [server] = await ensemble.servers()
    await ensemble.stop()
    expect(isRunning(server?.pid as number)).toBe(false)
  })
})
