import { afterEach, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../../src/index.ts'
import type { ZooKeeperClient } from '../../../src/client/zookeeper-client.ts'
import type { LocalEnsemble, LocalRunningServer } from '../../../src/ensemble/local-ensemble.ts'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import { startServerByHand } from './server-by-hand.ts'
import type { HandServer } from './server-by-hand.ts'

/** Real processes on two busy cores: an election, or a boot of seven, may take its time. */
const PATIENCE_MS = 60_000
const TIMEOUT = { timeout: 180_000 }
const QUICK = { tickTime: '500' }

const byHand: HandServer[] = []
const scratch = mkdtempSync(join(tmpdir(), 'zktune-forms-'))

afterEach(async () => {
  for (const server of byHand.splice(0)) await server.stop()
  rmSync(scratch, { recursive: true, force: true })
})

async function serversOnce(ensemble: LocalEnsemble, isSo: (servers: readonly LocalRunningServer[]) => boolean) {
  const deadlineMs = performance.now() + PATIENCE_MS
  for (;;) {
    const servers = await ensemble.servers()
    if (isSo(servers)) return servers
    if (performance.now() > deadlineMs) throw new Error(`roles: ${servers.map(({ role }) => role).join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function oneOf(servers: readonly LocalRunningServer[], role: LocalRunningServer['role']): LocalRunningServer {
  const found = servers.find((server) => server.role === role)
  if (found === undefined) throw new Error(`no server is ${role}`)
  return found
}

function clientOf(servers: readonly LocalRunningServer[]): Promise<ZooKeeperClient> {
  const hosts = servers.map(({ clientPort }) => `127.0.0.1:${clientPort}`).join()
  return connect(hosts, { sessionTimeoutMs: 10_000 })
}

test(
  'three voters and two observers go on without their leader and an observer, and take them back',
  TIMEOUT,
  async () => {
    await using ensemble = await startEnsemble({
      replicas: 3,
      observers: 2,
      settings: QUICK,
      readyTimeoutMs: PATIENCE_MS,
    })
    const before = await ensemble.servers()
    expect(before.map(({ role }) => role).sort()).toEqual(['follower', 'follower', 'leader', 'observer', 'observer'])
    const observer = oneOf(before, 'observer')
    const kept = before.filter(({ id, role }) => role === 'observer' && id !== observer.id)
    await using client = await clientOf(kept)
    await client.create('/a', Buffer.from('1'))

    const leader = oneOf(before, 'leader')
    for (const { pid } of [leader, observer]) process.kill(pid, 'SIGKILL')
    const gone = [leader.id, observer.id]
    const isBackWithout = (servers: readonly LocalRunningServer[]): boolean =>
      servers.every(({ id, role }) => (role === 'down') === gone.includes(id)) &&
      servers.some((one) => one.role === 'leader')
    await serversOnce(ensemble, isBackWithout)
    await client.connected({ timeoutMs: PATIENCE_MS })
    await client.setData('/a', Buffer.from('2'))

    for (const { config } of [leader, observer]) byHand.push(startServerByHand(config))
    const after = await serversOnce(ensemble, (servers) => servers.every(({ role }) => role !== 'down'))
    expect(after.find(({ id }) => id === observer.id)?.role).toBe('observer')
    await using late = await clientOf(after.filter(({ id }) => id === observer.id))
    await late.sync('/')
    expect(String((await late.getData('/a')).data)).toBe('2')
  },
)

test('of three groups one may be gone whole, and writes go on', TIMEOUT, async () => {
  const groups = { 'group.1': '1:2', 'group.2': '3:4', 'group.3': '5' }
  const settings = { ...QUICK, ...groups }
  await using ensemble = await startEnsemble({ replicas: 5, settings, readyTimeoutMs: PATIENCE_MS })
  const before = await ensemble.servers()
  for (const { id, pid } of before) if (id === 1 || id === 2) process.kill(pid, 'SIGKILL')
  await serversOnce(ensemble, (servers) => servers.filter(({ role }) => role === 'down').length === 2)
  const rest = await serversOnce(ensemble, (servers) => servers.some(({ role }) => role === 'leader'))
  await using client = await clientOf(rest.filter(({ id }) => id > 2))
  await client.create('/a', Buffer.from('1'))
  expect(String((await client.getData('/a')).data)).toBe('1')
})

test('unanimous: without one writes stop and reads go on, and with it again writes do too', TIMEOUT, async () => {
  const modes = { 'zktune.quorum': 'unanimous', 'readonlymode.enabled': 'true', localSessionsEnabled: 'true' }
  const upgrade = { localSessionsUpgradingEnabled: 'true' }
  const settings = { ...QUICK, ...modes, ...upgrade }
  await using ensemble = await startEnsemble({ replicas: 3, settings, readyTimeoutMs: PATIENCE_MS })
  const before = await ensemble.servers()
  const gone = oneOf(before, 'follower')
  {
    // Sessions are local here, so this one could not move to another server.
    await using client = await clientOf(before)
    await client.create('/a', Buffer.from('1'))
  }

  process.kill(gone.pid, 'SIGKILL')
  const rest = await serversOnce(ensemble, (servers) =>
    servers.every(({ id, role }) => role === (id === gone.id ? 'down' : 'read-only')),
  )
  const hosts = rest.filter(({ id }) => id !== gone.id).map(({ clientPort }) => `127.0.0.1:${clientPort}`)
  await using reader = await connect(hosts.join(), { sessionTimeoutMs: 10_000, readOnly: true })
  expect(String((await reader.getData('/a')).data)).toBe('1')
  await expect(reader.setData('/a', Buffer.from('2'))).rejects.toMatchObject({ code: -119 })

  byHand.push(startServerByHand(gone.config))
  await serversOnce(ensemble, (servers) => servers.some(({ role }) => role === 'leader'))
  await using again = await clientOf(before)
  await again.setData('/a', Buffer.from('3'))
  expect(String((await again.getData('/a')).data)).toBe('3')
})
