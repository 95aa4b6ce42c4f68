import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ZooKeeperClient } from '../../../src/client/zookeeper-client.ts'
import type { LocalEnsemble } from '../../../src/ensemble/local-ensemble.ts'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import type { BenchResult } from '../../../src/measure/bench-result.ts'
import type { Inspection } from '../../../src/report/inspect-text.ts'
import { Run } from '../command-line.ts'
import { connectedClient } from '../connected-client.ts'
import { startServerByHand } from '../ensemble/server-by-hand.ts'
import { until } from '../processes.ts'

let ensemble: LocalEnsemble
let client: ZooKeeperClient
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'remote-test-'))
  ensemble = await startEnsemble({ replicas: 1, folder: join(folder, 'state'), readyTimeoutMs: 60_000 })
  client = await connectedClient(ensemble.hosts)
  await client.create('/theirs', 'untouched')
})

afterAll(async () => {
  await client.close()
  await ensemble.stop()
  rmSync(folder, { recursive: true, force: true })
})

function bench(...more: string[]): Run {
  const words = ['bench', '--engine', 'remote', '--connect', ensemble.hosts, '--allow-remote-writes']
  return new Run([...words, '--sessions', '4', '--warmup', '0', ...more], folder)
}

async function roots(): Promise<string[]> {
  return (await client.getChildren('/')).filter((name) => name !== 'zookeeper').sort()
}

describe('a running ensemble as the engine', { timeout: 60_000 }, () => {
  test('is measured below a root of the run, which is gone afterwards, and says itself what it did', async () => {
    const run = bench('--duration', '500ms', '--closed', '--json')
    expect(await run.ended, run.stderr).toBe(0)
    const result = JSON.parse(run.stdout) as BenchResult
    expect(result.boots[0]).toMatchObject({ engine: 'remote', servers: [{ role: 'standalone', pid: null }] })
    expect(result.durability).toBe('unknown')
    expect(result.environment).toMatchObject({ dataFileSystem: null, logFileSystem: null })
    expect(result.phases[0]?.operations).toBeGreaterThan(0)
    // Its own counters saw at least what was answered.
    expect(result.boots[0]?.servers[0]?.figures?.writes).toBeGreaterThanOrEqual(
      result.phases[0]?.write?.operations ?? 1,
    )
    expect(run.stderr).toMatch(/This run stays below \/zktune-[0-9a-f]{12} of 127/)
    expect(await roots()).toEqual(['theirs'])
  })

  test('is left alone where the root exists already', async () => {
    const run = bench('--chroot', '/theirs')
    expect(await run.ended).toBe(1)
    expect(run.stderr).toMatch(/\/theirs: this znode exists already, and a run touches only what it has made/)
    expect((await client.getData('/theirs')).data?.toString()).toBe('untouched')
  })

  test('is tidied up after Ctrl-C, also where only the clients of the run may touch its znodes', async () => {
    const secret = join(folder, 'user')
    writeFileSync(secret, 'bench:pass\n')
    const run = bench('--chroot', '/bench', '--duration', '1m', '--auth-file', secret)
    await run.until('load', () => run.stderr.includes('capacity'))
    expect(await roots()).toEqual(['bench', 'theirs'])
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(130)
    expect(await roots()).toEqual(['theirs'])
  })

  test('is inspected without a session', async () => {
    const run = new Run(['inspect', '--connect', ensemble.hosts, '--json'], folder)
    expect(await run.ended, run.stderr).toBe(0)
    const inspection = JSON.parse(run.stdout) as Inspection
    expect(inspection).toMatchObject({
      command: 'inspect',
      servers: [{ endpoint: ensemble.hosts, role: 'standalone' }],
      workload: { znodes: expect.any(Number) as number },
    })
    expect(inspection.settings.find(({ key }) => key === 'tickTime')).toMatchObject({ value: '2000', origin: 'given' })
    expect(inspection.findings.map(({ rule }) => rule)).toContain('log-dir-shared')
    const text = new Run(['inspect', '--connect', ensemble.hosts], folder)
    expect(await text.ended).toBe(0)
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('is tidied up when its server is lost at the end of the run and comes back', async () => {
    const [server] = await ensemble.servers()
    if (server === undefined) throw new Error('there is a server')
    const run = bench('--duration', '1m')
    await run.until('load', () => run.stderr.includes('capacity'))
    process.kill(server.pid, 'SIGKILL')
    await until(async () => (await ensemble.servers())[0]?.role === 'down')
    run.child.kill('SIGINT')
    await run.until('line that it ends', () => run.stderr.includes('stopping'))
    const back = startServerByHand(server.config)
    expect(await run.ended).toBe(130)
    expect(await roots()).toEqual(['theirs'])
    await back.stop()
  })
})
