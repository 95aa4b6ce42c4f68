import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { leftIn, MAIN, processesIn, Run } from './command-line.ts'
import { isRunning, until } from './processes.ts'

interface Ready {
  readonly hosts: string
  readonly servers: readonly { id: number; pid: number; role: string; clientPort: number; config: string }[]
}

let folder: string
const runs: Run[] = []

function zktune(words: string, environment: Record<string, string> = {}): Run {
  const run = new Run(words.split(' '), folder, environment)
  runs.push(run)
  return run
}

async function readyOf(run: Run): Promise<Ready> {
  await run.until('line that it is ready', () => run.stdout.endsWith('\n'))
  return JSON.parse(run.stdout) as Ready
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-test-'))
})

afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.child.kill('SIGKILL')
    await run.ended
  }
  for (const pid of processesIn(folder)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

describe('zktune bench', () => {
  test('prints a table on stdout and its progress on stderr, and leaves nothing behind', async () => {
    const run = zktune('bench --profile small-cluster --duration 1s --warmup 300ms')
    expect(await run.ended).toBe(0)
    expect(run.stdout).toMatch(/3 servers \(builtin\), server \d led, all serving after/)
    expect(run.stdout).toMatch(/^small-cluster.*\nat capacity: [\d,]+ ops\/s\nat 70 % of capacity: p50 /)
    expect(run.stdout).toMatch(/\nall +[\d,]+ +[\d,]+ +0 /)
    expect(run.stdout).toMatch(/\nNext, mostly writes: zktune bench .*\n$/)
    expect(run.stderr.split('\n')).toEqual(
      expect.arrayContaining([
        'booting 3 servers',
        'warming up (0.3 s)',
        'capacity (0.4 s)',
        '90 % of capacity (0.2 s)',
      ]),
    )
    expect(run.stderr).not.toContain('\x1b')
    expect(leftIn(folder)).toEqual([])
    expect(processesIn(folder)).toEqual([])
  })

  test('with --json prints one document that holds its plan, environment, ensemble and phases', async () => {
    const run = zktune(
      'bench --profile standalone --closed --duration 1s --warmup 0 --seed 7 --workload write-heavy --json',
    )
    expect(await run.ended).toBe(0)
    const document = JSON.parse(run.stdout) as { phases: { operations: number; errors: object }[] }
    expect(document).toMatchObject({
      schemaVersion: 1,
      command: 'bench',
      seed: 7,
      partial: false,
      plan: { voters: 1, durationMs: 1000, warmupMs: 0, workload: { name: 'write-heavy' } },
      boots: [{ engine: 'builtin', servers: [{ id: 1, role: 'standalone' }] }],
      notHonoured: [],
    })
    expect(document.phases.map(({ errors }) => errors)).toEqual([{}])
    expect(document.phases[0]?.operations).toBeGreaterThan(0)
  })

  test('interrupted while it measures prints what it has, marked as partial, ends with 130, leaves nothing', async () => {
    const run = zktune('bench --duration 60s --warmup 100ms')
    await run.until('measuring', () => run.stderr.includes('capacity'))
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(130)
    expect(run.stdout).toContain('PARTIAL')
    expect(leftIn(folder)).toEqual([])
    expect(processesIn(folder)).toEqual([])
  })

  test('interrupted while it boots ends with 130 and one JSON document, and leaves nothing', async () => {
    const run = zktune('bench --json')
    await run.until('booting', () => run.stderr.includes('booting'))
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(130)
    const document = JSON.parse(run.stdout) as { partial?: boolean; error?: { code: string } }
    expect(document.partial === true || document.error?.code === 'Interrupted').toBe(true)
    expect(leftIn(folder)).toEqual([])
    expect(processesIn(folder)).toEqual([])
  })

  test('interrupted twice ends at once, and still takes its children and folders along', async () => {
    const run = zktune('bench --duration 60s --warmup 100ms')
    await run.until('measuring', () => run.stderr.includes('capacity'))
    run.child.kill('SIGINT')
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(130)
    await until(() => processesIn(folder).length === 0)
    expect(leftIn(folder)).toEqual([])
  })

  test('killed outright leaves no process, port or folder either', async () => {
    const run = zktune('bench --duration 60s --warmup 100ms')
    await run.until('measuring', () => run.stderr.includes('capacity'))
    run.child.kill('SIGKILL')
    await run.ended
    await until(() => processesIn(folder).length === 0)
    await until(() => leftIn(folder).length === 0)
  })
})

describe('zktune up', () => {
  test('prints one line when ready, goes on when a server is killed, and takes it back from zktune server', async () => {
    const run = zktune('up --json')
    const { hosts, servers } = await readyOf(run)
    expect(hosts).toBe(servers.map(({ clientPort }) => `127.0.0.1:${clientPort}`).join(','))
    expect(servers.map(({ role }) => role).sort()).toEqual(['follower', 'follower', 'leader'])
    const leader = servers.find(({ role }) => role === 'leader')
    if (leader === undefined) throw new TypeError('one of them leads')

    process.kill(leader.pid, 'SIGKILL')
    await run.until('word of the dead server', () =>
      run.stderr.includes(`Server ${leader.id} was ended from outside (SIGKILL); 2 of 3 go on.`),
    )
    expect(run.stderr).toContain(`zktune server ${leader.config}`)
    const back = zktune(`server ${leader.config}`)
    await run.until('word of its return', () => run.stderr.includes(`Server ${leader.id} serves again`))

    run.child.kill('SIGINT')
    expect(await run.ended).toBe(130)
    expect(await back.ended).toBe(130)
    expect(leftIn(folder)).toEqual([])
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  test('with --data finds its state again, and keeps its folder', async () => {
    const words = `up --profile standalone --json --data ${join(folder, 'state')}`
    const first = zktune(words)
    const { servers } = await readyOf(first)
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(130)
    const config = servers[0]?.config ?? ''
    expect(existsSync(config)).toBe(true)
    const second = zktune(words)
    expect((await readyOf(second)).servers[0]?.config).toBe(config)
  })

  test('says so when 2181 is taken, and uses free ports', async () => {
    const holder = createServer()
    // Another test may have it for a while.
    for (let attempt = 0; attempt < 100 && !holder.listening; attempt++) {
      holder.listen(2181, '127.0.0.1')
      await once(holder, 'listening').catch(() => new Promise((resolve) => setTimeout(resolve, 100)))
    }
    try {
      const run = zktune('up --profile standalone --json')
      const { servers } = await readyOf(run)
      expect(run.stderr).toContain('127.0.0.1:2181 is taken: free ports are used instead.')
      expect(servers[0]?.clientPort).not.toBe(2181)
    } finally {
      holder.close()
    }
  })

  test('fails with 1 when the port that was asked for is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const run = zktune(`up --profile standalone --port ${port}`)
    expect(await run.ended).toBe(1)
    expect(run.stderr).toContain(`127.0.0.1:${port}: another program listens on this port.`)
    holder.close()
  })
})

describe('started by npm', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'zktune up ends cleanly when npm gets %s, which it does not pass on',
    async (name) => {
      const npm = spawn('npm', ['exec', '--call', `${process.execPath} ${MAIN} up --json`], {
        env: { ...process.env, TMPDIR: folder },
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const [line] = (await once(npm.stdout, 'data')) as [Buffer]
      const { servers } = JSON.parse(line.toString()) as Ready
      npm.kill(name)
      await until(() => !servers.some(({ pid }) => isRunning(pid)))
      await until(() => processesIn(folder).length === 0)
      expect(leftIn(folder)).toEqual([])
    },
  )
})

describe('zktune server', () => {
  test('refuses to start beside the data of Apache ZooKeeper, and names the remedy', async () => {
    mkdirSync(join(folder, 'version-2'))
    writeFileSync(join(folder, 'zoo.cfg'), `tickTime=2000\ndataDir=${folder}\nclientPort=0\n`)
    const run = zktune(`server ${join(folder, 'zoo.cfg')}`)
    expect(await run.ended).toBe(1)
    expect(run.stderr).toMatch(/version-2: this is the data of an Apache ZooKeeper/)
  })

  test('says which configuration is not there, and ends with 2', async () => {
    const run = zktune('server none.cfg')
    expect(await run.ended).toBe(2)
    expect(run.stderr).toContain('none.cfg: there is no such configuration.')
  })
})

test.runIf(existsSync('/dev/full'))('output that finds no room is a failure, and is told', () => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'profiles'], { stdio: ['ignore', full, 'pipe'] })
  closeSync(full)
  expect(stderr.toString()).toMatch(/^the output: it could not be written: .*no space left/)
  expect(status).toBe(1)
})
