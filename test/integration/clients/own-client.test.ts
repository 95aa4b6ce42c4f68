import { describe, expect, test } from 'vitest'
import { ZooKeeperError } from '../../../src/client/zookeeper-error.ts'
import { connectedClient } from '../connected-client.ts'
import { poll, startApache, startZktune } from '../servers-under-test.ts'

const DEADLINE_MS = 30_000

/** The name of the error that a call ends in. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    if (error instanceof ZooKeeperError) return error.codeName
    throw error
  }
}

/** Asks again while the connection is lost; only for what may happen twice. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  return poll(DEADLINE_MS, 'a connection', async () => {
    try {
      return { answer: await call() }
    } catch (error) {
      if (error instanceof ZooKeeperError && error.codeName === 'CONNECTIONLOSS') return null
      throw error
    }
  }).then(({ answer }) => answer)
}

describe.each([
  ['Apache ZooKeeper 3.8.0', startApache],
  ['zktune', startZktune],
])('our client with %s', (_name, start) => {
  test('does what clients do, and goes on when its server dies', async () => {
    await using servers = await start()
    await using client = await connectedClient(servers.hosts)
    await using other = await connectedClient(servers.hosts)

    expect(await client.create('/app', 'one')).toBe('/app')
    expect(await errorOf(client.create('/app'))).toBe('NODEEXISTS')
    expect(await errorOf(client.getData('/nothing'))).toBe('NONODE')
    const first = await client.getData('/app')
    expect([first.data?.toString(), first.stat.version, first.stat.mzxid]).toEqual(['one', 0, first.stat.czxid])
    expect((await client.setData('/app', 'two', 0)).version).toBe(1)
    expect(await errorOf(client.setData('/app', 'three', 0))).toBe('BADVERSION')
    await client.setData('/app', null)
    expect((await client.getData('/app')).data).toBeNull()

    const names = await Promise.all([1, 2, 3].map(() => client.create('/app/n-', '', { mode: 'persistentSequential' })))
    expect(names).toEqual(['/app/n-0000000000', '/app/n-0000000001', '/app/n-0000000002'])
    const mine = await client.create2('/app/mine', '', { mode: 'ephemeral' })
    expect(mine.stat.ephemeralOwner).toBe(client.sessionId)
    expect(await errorOf(client.create('/app/mine/child'))).toBe('NOCHILDRENFOREPHEMERALS')
    expect((await client.getChildren('/app')).sort()).toEqual(['mine', 'n-0000000000', 'n-0000000001', 'n-0000000002'])
    await other.sync('/app')
    expect((await other.exists('/app/mine'))?.ephemeralOwner).toBe(client.sessionId)

    const results = await client.transaction().create('/app/t').setData('/app/t', 'x', 0).check('/app/t', 1).commit()
    expect(results).toHaveLength(3)
    const failing = client.transaction().create('/app/u').check('/app/t', 9).commit()
    await expect(failing).rejects.toMatchObject({ codeName: 'BADVERSION', index: 1 })
    expect(await client.exists('/app/u')).toBeNull()

    const heard: string[] = []
    await client.getData('/app', { watch: ({ kind, path }) => void heard.push(`${kind} ${path}`) })
    await other.setData('/app', 'watched')
    await poll(DEADLINE_MS, 'the event', () => Promise.resolve(heard.length === 0 ? null : true))
    expect(heard).toHaveLength(1)

    // A watch set before the kill hears of what happens after it.
    const later: string[] = []
    await client.exists('/app/later', { watch: ({ path }) => void later.push(path ?? '') })
    const session = client.sessionId
    const port = Number(client.server?.split(':')[1])
    await servers.kill(port)
    await poll(DEADLINE_MS, 'another server', () =>
      Promise.resolve(client.state === 'connected' && client.server?.endsWith(`:${port}`) === false ? true : null),
    )
    expect(client.sessionId).toBe(session)
    expect((await again(() => client.exists('/app/mine')))?.ephemeralOwner).toBe(session)
    await again(() => other.sync('/app'))
    expect(await errorOf(again(() => other.create('/app/later')))).toMatch(/^(none|NODEEXISTS)$/)
    await poll(DEADLINE_MS, 'the event of the watch', () => Promise.resolve(later.length === 0 ? null : true))
    expect(later).toEqual(['/app/later'])
    await servers.restart(port)

    // Closing a session ends its ephemerals, for all to see.
    await client.close()
    await again(() => other.sync('/app'))
    expect(await again(() => other.exists('/app/mine'))).toBeNull()
  })
})
