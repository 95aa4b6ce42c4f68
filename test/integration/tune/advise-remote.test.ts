import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import type { RemoteAdvice } from '../../../src/tune/output/remote-advice.ts'
import { readZooCfg } from '../../../src/zoocfg/zoo-cfg.ts'
import { Run } from '../command-line.ts'
import { connectedClient } from '../connected-client.ts'

test('servers that run already are advised on, measured only with leave, and left as they were', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'advise-test-'))
  const ensemble = await startEnsemble({ replicas: 1, folder: join(folder, 'state'), readyTimeoutMs: 60_000 })
  const client = await connectedClient(ensemble.hosts)
  try {
    const words = ['recommend', '--engine', 'remote', '--connect', ensemble.hosts, '--json']
    const asked = new Run([...words, '--output', join(folder, 'asked')], folder)
    expect(await asked.ended, asked.stderr).toBe(0)
    const advice = JSON.parse(asked.stdout) as RemoteAdvice
    expect(advice).toMatchObject({ engine: 'remote', measured: null, configuredBy: ensemble.hosts })
    expect(advice.findings.map(({ rule }) => rule)).toContain('log-dir-shared')
    expect(advice.derived.map(({ key }) => key)).toContain('autopurge.purgeInterval')
    const text = readFileSync(join(folder, 'asked', 'zoo.cfg'), 'latin1')
    expect(readZooCfg('zoo.cfg', text).settings.get('tickTime')?.value).toBe('2000')
    expect(readFileSync(join(folder, 'asked', 'RECOMMENDATION.md'), 'utf8')).toContain('nothing here is a gain')

    const load = ['--workload', 'write-heavy', '--duration', '600ms', '--warmup', '0', '--sessions', '4']
    const measured = new Run([...words, ...load, '--allow-remote-writes', '--output', join(folder, 'measured')], folder)
    expect(await measured.ended, measured.stderr).toBe(0)
    const figures = (JSON.parse(measured.stdout) as RemoteAdvice).measured
    expect(figures?.metrics['all.opsPerSecond']).toBeGreaterThan(0)
    expect((await client.getChildren('/')).filter((name) => name !== 'zookeeper')).toEqual([])
  } finally {
    await client.close()
    await ensemble.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
