import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildLean, runLean, type LeanLoad } from '../../../bench/lean-generator/lean.ts'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import { connectedClient } from '../connected-client.ts'

test('the lean generator in C can be built, loads an ensemble in both ways, and cleans up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lean-test-'))
  try {
    const program = buildLean(folder)
    await using ensemble = await startEnsemble({ replicas: 1 })
    await using client = await connectedClient(ensemble.hosts)
    const before = await client.getAllChildrenNumber('/')
    const load: LeanLoad = {
      ...{ sessions: 4, inFlight: 4, get: 50, set: 50, valueBytes: 100, keys: 40 },
      ...{ warmupSeconds: 0.1, seconds: 0.5, ratePerSecond: null },
    }
    const closed = await runLean(program, ensemble.hosts, load)
    expect(closed.opsPerSecond).toBeGreaterThan(10)
    const open = await runLean(program, ensemble.hosts, { ...load, ratePerSecond: 100 })
    expect(open.opsPerSecond).toBe(100)
    expect(open.latencyUs.p99).toBeGreaterThanOrEqual(open.latencyUs.p50)
    expect(await client.getAllChildrenNumber('/')).toBe(before)
    await expect(runLean(program, '127.0.0.1:1', load)).rejects.toThrow(/^lean: 127\.0\.0\.1:1: Connection refused/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
