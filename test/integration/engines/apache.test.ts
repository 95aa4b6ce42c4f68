import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalEnsemble } from '../../../src/ensemble/local-ensemble.ts'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import { WireError } from '../../../src/protocol/wire-error.ts'
import type { BenchResult } from '../../../src/measure/bench-result.ts'
import type { Inspection } from '../../../src/report/inspect-text.ts'
import { leftIn, processesIn, Run } from '../command-line.ts'
import { fastestWriteMs } from './fastest-write.ts'
import { connectedClient } from '../connected-client.ts'
import { isRunning, until } from '../processes.ts'
import { requirePackages } from '../servers-under-test.ts'

let ensemble: LocalEnsemble
let folder: string

// One ensemble of JVMs for everything that needs one; the test that hurts it comes last.
beforeAll(async () => {
  requirePackages()
  folder = mkdtempSync(join(tmpdir(), 'apache-test-'))
  ensemble = await startEnsemble({
    engine: 'apache',
    heapBytes: 128 * 2 ** 20,
    settings: { tickTime: '1000', snapCount: '20', 'jute.maxbuffer': '2048' },
    links: [
      { a: 1, b: 2, delayMs: 15, jitterMs: 1, lossPercent: 0 },
      { a: 1, b: 3, delayMs: 15, jitterMs: 1, lossPercent: 0 },
      { a: 2, b: 3, delayMs: 20, jitterMs: 1, lossPercent: 0 },
    ],
    readyTimeoutMs: 90_000,
  })
})

afterAll(async () => {
  const servers = await ensemble.servers()
  await ensemble.stop()
  expect(servers.map(({ pid }) => isRunning(pid))).toEqual([false, false, false])
  rmSync(folder, { recursive: true, force: true })
})

describe("Debian's Apache ZooKeeper as the engine", { timeout: 120_000 }, () => {
  test('serves in its roles and says what it is made of', async () => {
    const servers = await ensemble.servers()
    expect(servers.map(({ role }) => role).sort()).toEqual(['follower', 'follower', 'leader'])
    expect(ensemble.software).toMatchObject([
      { name: 'Apache ZooKeeper', version: '3.8.0' },
      { name: 'Java', version: /^\d+/ },
    ])
    const [first] = servers
    const command = readFileSync(`/proc/${first?.pid}/cmdline`, 'latin1').split('\0')
    expect(command).toEqual(expect.arrayContaining(['-Xmx131072k', '-Djute.maxbuffer=2048']))
    if (first?.adminPort !== null) {
      const answer = await fetch(`http://127.0.0.1:${first?.adminPort}/commands/ruok`)
      expect(await answer.json()).toMatchObject({ command: 'ruok', error: null })
    }
  })

  test('acknowledges no write sooner than the round trip to the nearest quorum', async () => {
    expect(await fastestWriteMs(ensemble.hosts)).toBeGreaterThanOrEqual(30)
  })

  test('takes a setting that acts as a JVM property only: a larger frame than it allows closes the connection', async () => {
    const client = await connectedClient(ensemble.hosts)
    await client.create('/limit', Buffer.alloc(1_500))
    await expect(client.setData('/limit', Buffer.alloc(3_000))).rejects.toMatchObject({
      code: WireError.connectionLoss,
    })
    await client.close()
  })

  test('carries out a plan with TLS by the command line, and leaves no process or folder', async () => {
    const words = 'bench --engine apache --heap 128MiB --profile standalone --profile mtls-client'.split(' ')
    const run = new Run(
      [...words, '--closed', '--duration', '500ms', '--warmup', '0', '--closed', '--json'],
      folder,
      {},
    )
    expect(await run.ended, run.stderr).toBe(0)
    const result = JSON.parse(run.stdout) as BenchResult
    expect(result.boots[0]).toMatchObject({
      engine: 'apache',
      software: [{ name: 'Apache ZooKeeper', version: '3.8.0' }, { name: 'Java' }],
      servers: [{ role: 'standalone' }],
    })
    expect(result.plan).toMatchObject({ engine: 'apache', apache: { heapBytes: 128 * 2 ** 20 } })
    expect(result.environment.tls).toMatchObject({ protocol: 'TLSv1.2' })
    expect(result.phases[0]?.operations).toBeGreaterThan(0)
    expect(result.phases[0]?.errors).toEqual({})
    expect(leftIn(folder)).toEqual([])
    expect(processesIn(folder)).toEqual([])
  })

  test('is measured as a running ensemble, too, and inspected', async () => {
    const words = `bench --engine remote --connect ${ensemble.hosts} --allow-remote-writes --closed --json`.split(' ')
    const run = new Run([...words, '--duration', '500ms', '--warmup', '0'], folder)
    expect(await run.ended, run.stderr).toBe(0)
    const [boot] = (JSON.parse(run.stdout) as BenchResult).boots
    expect(boot?.servers.map(({ id }) => id)).toEqual([1, 2, 3])
    expect(boot?.software).toEqual([{ name: 'ZooKeeper', version: '3.8.0' }])
    for (const server of boot?.servers ?? []) expect(server.figures?.syncs).toBeGreaterThan(0)
    const asked = new Run(['inspect', '--connect', ensemble.hosts, '--json'], folder)
    expect(await asked.ended, asked.stderr).toBe(0)
    const inspection = JSON.parse(asked.stdout) as Inspection
    expect(inspection.servers.map(({ id }) => id)).toEqual([1, 2, 3])
    expect(inspection.settings.find(({ key }) => key === 'initLimit')).toMatchObject({ value: '10', origin: 'given' })
    // A server that was started with this list would refuse a line that we had misread.
    const errors = inspection.findings.filter(({ severity }) => severity === 'error')
    // By their links each knows the others by other ports, which lint would not have on several machines.
    expect(
      errors.filter(({ rule, key }) => rule !== 'quorum-settings-differ' || key?.startsWith('server.') !== true),
    ).toEqual([])
    const client = await connectedClient(ensemble.hosts)
    expect((await client.getChildren('/')).filter((name) => name.startsWith('zktune-'))).toEqual([])
    await client.close()
  })

  test('tells of snapshots, and of the election when its leader is killed', async () => {
    const client = await connectedClient(ensemble.hosts)
    for (let count = 0; count < 60; count++)
      await client.create('/many-', Buffer.alloc(1_000), { mode: 'persistentSequential' })
    const kindsSeen = async (): Promise<string[]> => (await ensemble.events()).map(({ kind }) => kind)
    await until(async () => (await kindsSeen()).includes('snapshot'))
    const beforeMs = performance.now()
    const leader = (await ensemble.servers()).find(({ role }) => role === 'leader')
    process.kill(leader?.pid ?? 0, 'SIGKILL')
    await until(async () => (await ensemble.servers()).some(({ role }) => role === 'leader'))
    await until(async () => (await kindsSeen()).filter((kind) => kind === 'election').length === 2)
    for (const event of (await ensemble.events()).filter(({ kind }) => kind === 'election')) {
      expect(event.server).not.toBe(leader?.id)
      // On the clock of this process, to the resolution of the log's times.
      expect(event.atMs).toBeGreaterThan(beforeMs - 100)
      expect(event.atMs + (event.durationMs ?? 0)).toBeLessThan(performance.now() + 100)
    }
    await client.close()
  })
})
