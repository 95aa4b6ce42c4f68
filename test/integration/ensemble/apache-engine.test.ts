import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LocalEnsemble, LocalRunningServer } from '../../../src/ensemble/local-ensemble.ts'
import { nodeArguments } from '../../../src/ensemble/server-process.ts'
import { startEnsemble, type EnsembleOptions } from '../../../src/ensemble/start-ensemble.ts'
import { unpack } from '../../ensemble/apache/layouts.ts'
import { isRunning, until } from '../processes.ts'

const FAKE_JAVA = new URL('./fake-java.ts', import.meta.url)
const PARENT = new URL('./fake-apache-parent.ts', import.meta.url)

let scratch: string
let zookeeperHome: string
const environment = { ...process.env }

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'apache-test-'))
  zookeeperHome = unpack('3.9.3', scratch)
  const bin = join(scratch, 'java/bin')
  mkdirSync(bin, { recursive: true })
  const words = [process.execPath, ...nodeArguments(FAKE_JAVA)].map((word) => `'${word}'`).join(' ')
  const script = `#!/bin/sh\nexec ${words} "$@"\n`
  writeFileSync(join(bin, 'java'), script, { mode: 0o755 })
  process.env['JAVA_HOME'] = dirname(bin)
  mkdirSync(join(scratch, 'data'))
})

afterEach(() => {
  for (const key of ['JAVA_HOME', 'FAKE_JAVA', 'PATH']) {
    if (environment[key] === undefined) Reflect.deleteProperty(process.env, key)
    else process.env[key] = environment[key]
  }
  rmSync(scratch, { recursive: true, force: true })
})

function boot(options: EnsembleOptions = {}): Promise<LocalEnsemble> {
  return startEnsemble({ engine: 'apache', zookeeperHome, replicas: 2, ...options })
}

describe('an ensemble of Apache ZooKeeper, around a Java that is none', { timeout: 60_000 }, () => {
  test('is up when every server answers as one that serves, and leaves no process or folder', async () => {
    const ensemble = await boot({ heapBytes: 2 ** 28, settings: { 'jute.maxbuffer': '2048', snapCount: '7' } })
    const servers = await ensemble.servers()
    expect(ensemble.kind).toBe('apache')
    expect(servers.map(({ id, role }) => [id, role])).toEqual([
      [1, 'leader'],
      [2, 'follower'],
    ])
    expect(ensemble.software).toEqual([
      { name: 'Apache ZooKeeper', version: '9.9.9' },
      { name: 'Java', version: '21.0.1' },
    ])
    const config = servers[0]?.config ?? ''
    const words = JSON.parse(readFileSync(join(dirname(config), 'words.json'), 'utf8')) as string[]
    expect(words).toEqual(expect.arrayContaining(['-Xmx262144k', '-Djute.maxbuffer=2048']))
    expect(basename((words[words.indexOf('-cp') + 1] ?? '').split(':')[1] ?? '')).toBe('zookeeper-3.9.3.jar')
    const text = readFileSync(config, 'utf8')
    expect(text).toMatch(/^snapCount=7$/m)
    expect(text).not.toMatch(/jute/)
    // A group of its own: Ctrl-C at the terminal is not for it.
    const stat = readFileSync(`/proc/${servers[0]?.pid}/stat`, 'latin1')
    expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])).toBe(servers[0]?.pid)

    await ensemble.stop()
    expect(servers.map(({ pid }) => isRunning(pid))).toEqual([false, false])
    expect(existsSync(ensemble.folder)).toBe(false)
  })

  test('shows the end of the log of a server that does not come up, and leaves nothing', async () => {
    process.env['FAKE_JAVA'] = 'ends'
    await expect(boot({ dataParent: join(scratch, 'data') })).rejects.toMatchObject({
      code: 'ServerFailed',
      where: 'server 2',
      what: expect.stringMatching(/exit code 14.*Unexpected exception, exiting abnormally/s) as string,
    })
    expect(readdirSync(join(scratch, 'data'))).toEqual([])
  })

  test('starts again on other ports when its log says that one was taken', async () => {
    process.env['FAKE_JAVA'] = 'loses-port'
    await using ensemble = await boot()
    expect((await ensemble.servers()).map(({ role }) => role)).toEqual(['leader', 'follower'])
  })

  test('says how to bring back a server that was ended from outside, sees it again, and ends it with the rest', async () => {
    await using ensemble = await boot()
    const [, second] = await ensemble.servers()
    process.kill(second?.pid ?? 0, 'SIGKILL')
    await until(async () => (await ensemble.servers())[1]?.role === 'down')
    const [program = '', ...words] = (second?.restartCommand ?? '').split(' ')
    const back = spawn(program, words, { stdio: 'ignore' })
    const ended = new Promise((resolve) => back.once('exit', resolve))
    await until(async () => (await ensemble.servers())[1]?.role === 'follower')
    expect((await ensemble.servers())[1]?.pid).toBe(back.pid)
    await ensemble.stop()
    await ended
  })

  test('refuses the folder of an ensemble of the other engine, which it would take for an empty one', async () => {
    const folder = join(scratch, 'state')
    mkdirSync(join(folder, 'server-1/data/zktune-1'), { recursive: true })
    await expect(boot({ folder, replicas: 1 })).rejects.toMatchObject({ code: 'ForeignData' })
  })

  test.each([
    ['the kernel sees to it', ''],
    ['there is no setpriv, so that its keeper has to see to it', '/nowhere'],
  ])('does not outlive a parent that is killed, and neither do its folders: %s', async (_, path) => {
    const parent = spawn(process.execPath, [...nodeArguments(PARENT), zookeeperHome], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(path === '' ? {} : { PATH: path }) },
    })
    const line = await new Promise<string>((resolve) => parent.stdout.once('data', (chunk) => resolve(String(chunk))))
    const run = JSON.parse(line) as { folder: string; servers: LocalRunningServer[] }
    expect(run.servers.map(({ pid }) => isRunning(pid))).toEqual([true, true])
    parent.kill('SIGKILL')
    await until(() => run.servers.every(({ pid }) => !isRunning(pid)))
    await until(() => !existsSync(run.folder))
  })
})
