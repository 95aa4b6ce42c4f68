import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeArguments } from '../../../src/ensemble/server-process.ts'
import { connect, startEnsemble } from '../../../src/index.ts'
import { isRunning, until } from '../processes.ts'

const SERVER_MAIN = new URL('../../../dist/ensemble/server-main.js', import.meta.url)

let scratch: string

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ensemble-test-'))
})

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
})

test('three servers elect a leader and serve; what was written is there when they run again', async () => {
  const folder = join(scratch, 'kept')
  {
    await using ensemble = await startEnsemble({ replicas: 3, folder })
    const roles = (await ensemble.servers()).map(({ role }) => role)
    expect(roles.toSorted()).toEqual(['follower', 'follower', 'leader'])
    await using client = await connect(ensemble.hosts)
    await client.create('/kept', 'over the night')
  }
  await using ensemble = await startEnsemble({ replicas: 3, folder })
  await using client = await connect(ensemble.hosts)
  expect((await client.getData('/kept')).data?.toString()).toBe('over the night')
})

test('a server that was killed can be brought back by hand, and the others go on meanwhile', async () => {
  let exited: (id: number) => void = () => undefined
  const exit = new Promise<number>((resolve) => {
    exited = resolve
  })
  await using ensemble = await startEnsemble({ replicas: 3, onServerExit: (id) => exited(id) })
  await using client = await connect(ensemble.hosts, { sessionTimeoutMs: 20_000 })
  await client.create('/before', 'x')
  const leader = (await ensemble.servers()).find(({ role }) => role === 'leader')
  if (leader === undefined) throw new Error('somebody leads')
  process.kill(leader.pid, 'SIGKILL')
  expect(await exit).toBe(leader.id)
  await until(async () => (await ensemble.servers()).some(({ role }) => role === 'leader'))
  await client.connected()
  await client.create('/meanwhile', 'y')

  const back = spawn(process.execPath, [...nodeArguments(SERVER_MAIN), leader.config], { stdio: 'ignore' })
  await until(async () => (await ensemble.servers()).find(({ id }) => id === leader.id)?.role === 'follower')
  expect((await ensemble.servers()).find(({ id }) => id === leader.id)?.pid).toBe(back.pid)
  await using there = await connect(`127.0.0.1:${leader.clientPort}`)
  await there.sync()
  expect(await there.exists('/meanwhile')).not.toBeNull()
  await ensemble.stop()
  await until(() => !isRunning(back.pid as number))
})

test("a server refuses to start over Apache's data, and says so", async () => {
  const folder = join(scratch, 'kept')
  mkdirSync(join(folder, 'server-1', 'data', 'version-2'), { recursive: true })
  await expect(startEnsemble({ replicas: 1, folder })).rejects.toMatchObject({
    code: 'ForeignData',
    where: expect.stringContaining('version-2') as string,
  })
  expect(existsSync(join(folder, 'server-1', 'data', 'version-2'))).toBe(true)
})

test('a setting that no server understands is told as the server tells it', async () => {
  await expect(startEnsemble({ replicas: 1, settings: { tickTime: 'soon' } })).rejects.toMatchObject({
    code: 'BadConfigValue',
    what: expect.stringContaining('soon') as string,
  })
})

test.each(['builtin', 'apache'] as const)(
  'a stopped server of %s comes back with what it missed, and without its data with all of it',
  async (engine) => {
    const exits: number[] = []
    await using ensemble = await startEnsemble({ engine, replicas: 3, onServerExit: (id) => exits.push(id) })
    await using client = await connect(ensemble.hosts, { sessionTimeoutMs: 20_000 })
    await client.create('/before', 'x')
    const follower = (await ensemble.servers()).find(({ role }) => role === 'follower')
    if (follower === undefined) throw new Error('somebody follows')
    const { id, clientPort, dataDir } = follower
    expect(() => ensemble.control.loseData(id)).toThrow('it runs')
    for (const [path, hasData] of [
      ['/missed', true],
      ['/lost', false],
    ] as const) {
      await ensemble.control.stop(id)
      expect(isRunning(follower.pid)).toBe(false)
      await client.connected()
      await client.create(path, 'y')
      if (!hasData) {
        ensemble.control.loseData(id)
        expect(existsSync(join(dataDir, engine === 'builtin' ? 'zktune-1' : 'version-2'))).toBe(false)
      }
      const { startMs, syncMs } = await ensemble.control.start(id, { timeoutMs: 30_000 })
      expect(Math.min(startMs, syncMs)).toBeGreaterThan(0)
      await using there = await connect(`127.0.0.1:${clientPort}`)
      expect(await there.exists('/before')).not.toBeNull()
      expect(await there.exists(path)).not.toBeNull()
    }
    expect(exits).toEqual([])
  },
)
