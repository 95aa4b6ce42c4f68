import { expect, test } from 'vitest'
import { connectedClient } from '../connected-client.ts'
import { leaderPort, poll, startZktune, type ServersUnderTest } from '../servers-under-test.ts'
import { wholeTree } from './whole-tree.ts'
import { faultsIn, Writer, type Promised } from './writer.ts'

const KILLS = 20
const WRITERS = 4
const REGISTERS_PER_WRITER = 4
/** How long until writes go on after a kill. Generous: the machine may be busy with other things. */
const RECOVERY_DEADLINE_MS = 20_000
const TEST_TIMEOUT_MS = 600_000

/** Writers at work; disposing ends them. */
class Writers implements AsyncDisposable {
  readonly all: Writer[] = []

  async start(servers: ServersUnderTest): Promise<void> {
    for (let index = 0; index < WRITERS; index++) {
      const client = await connectedClient(servers.hosts, { sessionTimeoutMs: 30_000 })
      const writer = new Writer(client, `/writer-${index}`, REGISTERS_PER_WRITER)
      this.all.push(writer)
      await writer.start()
    }
  }

  /** Waits until every one has been acknowledged anew. @returns after how many milliseconds */
  async untilAllWrite(): Promise<number> {
    const sinceMs = performance.now()
    const before = this.all.map((writer) => writer.acknowledgedCount)
    // More than were under way: these were sent after the call.
    const isThrough = (writer: Writer, index: number): boolean =>
      writer.acknowledgedCount > (before[index] ?? 0) + REGISTERS_PER_WRITER
    await poll(RECOVERY_DEADLINE_MS, 'every writer to be acknowledged again', () =>
      Promise.resolve(this.all.every(isThrough) ? true : null),
    )
    return performance.now() - sinceMs
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((writer) => writer.stop()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((writer) => writer[Symbol.asyncDispose]()))
  }
}

/** All servers show the same, all that was acknowledged is there, and nothing happened twice. */
async function checkTrees(servers: ServersUnderTest, writers: readonly Promised[]): Promise<void> {
  const trees = await Promise.all(servers.ports.map(wholeTree))
  const [first, ...others] = trees
  if (first === undefined) throw new Error('there are no servers')
  for (const other of others) expect(other).toEqual(first)

  expect(faultsIn(first, writers)).toEqual([])
  expect(writers.reduce((sum, { created }) => sum + created.length, 0)).toBeGreaterThan(0)
}

test(
  `the leader is killed ${KILLS} times under load: writes go on, none that was acknowledged is lost, all servers agree`,
  async () => {
    await using servers = await startZktune()
    await using writers = new Writers()
    await writers.start(servers)
    const recoveriesMs: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const port = await leaderPort(servers.ports)
      await servers.kill(port)
      recoveriesMs.push(Math.round(await writers.untilAllWrite()))
      await servers.restart(port)
    }
    console.log(`writes went on after ${recoveriesMs.join(', ')} ms`)
    await writers.stop()
    await checkTrees(servers, writers.all)
  },
  TEST_TIMEOUT_MS,
)

test(
  'all servers are killed at once under load: everything acknowledged is there again',
  async () => {
    await using servers = await startZktune()
    await using writers = new Writers()
    await writers.start(servers)
    await writers.untilAllWrite()
    await Promise.all(servers.ports.map((port) => servers.kill(port)))
    await Promise.all(servers.ports.map((port) => servers.restart(port)))
    await writers.untilAllWrite()
    await writers.stop()
    await checkTrees(servers, writers.all)
  },
  TEST_TIMEOUT_MS,
)

test('the check finds what is lost, what came from nowhere, and what was done twice', () => {
  const register = { path: '/r', attempted: 5, acknowledged: 4, acknowledgedCount: 4, mzxid: 9 }
  const promised = { registers: [register], created: ['/new'] }
  const check = (entries: [string, string, number][]): string[] =>
    faultsIn(new Map(entries.map(([path, data, version]) => [path, { data, version }])), [promised])
  expect(
    check([
      ['/r', '5', 5],
      ['/new', '', 0],
    ]),
  ).toEqual([])
  expect(check([['/r', '4', 4]])).toEqual(['/new was acknowledged and is missing'])
  expect(
    check([
      ['/r', '3', 4],
      ['/new', '', 0],
    ]),
  ).toEqual(['/r is 3 though 4 was acknowledged'])
  expect(
    check([
      ['/r', '6', 5],
      ['/new', '', 0],
    ]),
  ).toEqual(['/r is 6 though only 5 was sent'])
  expect(
    check([
      ['/r', '4', 3],
      ['/new', '', 0],
    ]),
  ).toEqual(['/r: 4 acknowledged, 3 done'])
  expect(
    check([
      ['/r', '5', 6],
      ['/new', '', 0],
    ]),
  ).toEqual(['/r: 5 sent, 6 done'])
})
