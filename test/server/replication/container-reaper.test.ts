import { expect, test } from 'vitest'
import { CreateMode } from '../../../src/protocol/create-mode.ts'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { ReplicationCounters } from '../../../src/server/admin/replication-counters.ts'
import { LeaderDuties } from '../../../src/server/replication/leader-duties.ts'
import { COMMAND_FLAG, CommandHeader } from '../../../src/tree/command.ts'
import { DataTree } from '../../../src/tree/data-tree.ts'
import { FakeClock, serverSettings } from '../fake-world.ts'
import { TestClient } from '../../tree/test-client.ts'

const LEADER_ID = 3

/** A leader whose proposals are chosen at once, and a client who writes beside it. */
class LeadingWorld {
  readonly clock = new FakeClock()
  readonly tree = new DataTree()
  readonly client = new TestClient(this.tree)
  readonly duties: LeaderDuties
  /** `milliseconds path` of each deletion that the leader proposed. */
  readonly reaped: string[] = []

  constructor(lines: Readonly<Record<string, string>> = {}) {
    this.client.flags = COMMAND_FLAG.extendedTypes
    this.duties = new LeaderDuties({
      self: LEADER_ID,
      ballot: 0 as LeaderDuties['ballot'],
      tickTimeMs: 2_000,
      treeSettings: serverSettings(lines).tree,
      clock: this.clock,
      tree: () => this.tree,
      counters: new ReplicationCounters(),
      provenMs: () => this.clock.nowMs(),
      propose: (command) => this.#apply(command),
      refuse: () => undefined,
    })
    this.duties.open()
    // Kept alive by its own server: expiry is another test's affair.
    this.duties.report(1, [{ high: this.client.high, low: this.client.low, timeoutMs: 1e9, connection: 3, grant: 1 }])
  }

  emptyContainer(path: string): void {
    this.#write(() => {
      this.client.create(path, { flags: CreateMode.container })
      this.client.create(`${path}/x`)
      this.client.delete(`${path}/x`)
    })
  }

  unusedContainer(path: string): void {
    this.#write(() => this.client.create(path, { flags: CreateMode.container }))
  }

  ttlZnode(path: string, ttlMs: number): void {
    this.#write(() => this.client.create(path, { flags: CreateMode.persistentWithTtl, ttlMs }))
  }

  #write(write: () => void): void {
    this.client.timeMs = this.clock.wallMs()
    write()
  }

  #apply(command: Buffer): void {
    const header = new CommandHeader().reset(command)
    expect(header.timeMs).toBe(this.clock.wallMs())
    const { error } = this.tree.apply(command)
    if (header.type !== OpCode.deleteContainer) return
    expect({ origin: header.origin, error }).toEqual({ origin: LEADER_ID, error: 0 })
    const path = command.subarray(header.recordAt + 4).toString()
    this.reaped.push(`${this.clock.nowMs()} ${path}`)
  }
}

test('the leader deletes what has served each minute, and leaves the rest', () => {
  const world = new LeadingWorld()
  world.emptyContainer('/used')
  world.unusedContainer('/new')
  world.ttlZnode('/short', 60_000)
  world.ttlZnode('/long', 600_000)
  world.clock.advance(59_999)
  expect(world.reaped).toEqual([])
  world.clock.advance(1)
  expect(world.reaped).toEqual(['60000 /used'])
  world.clock.advance(60_000)
  expect(world.reaped).toEqual(['60000 /used', '120000 /short'])
  expect(world.tree.getNode('/new')).not.toBeNull()
  expect(world.tree.getNode('/long')).not.toBeNull()
})

test('znode.container.checkIntervalMs says how often', () => {
  const world = new LeadingWorld({ 'znode.container.checkIntervalMs': '500' })
  world.emptyContainer('/a')
  world.clock.advance(500)
  world.emptyContainer('/b')
  world.clock.advance(1_000)
  expect(world.reaped).toEqual(['500 /a', '1000 /b'])
})

test('znode.container.maxPerMinute spreads the deletions, whatever the interval', () => {
  const world = new LeadingWorld({ 'znode.container.maxPerMinute': '6', 'znode.container.checkIntervalMs': '1' })
  for (const name of ['a', 'b', 'c']) world.emptyContainer(`/${name}`)
  world.clock.advance(35_000)
  expect(world.reaped).toEqual(['10000 /a', '20000 /b', '30000 /c'])
})

test('many deletions come in small lots', () => {
  const world = new LeadingWorld({ 'znode.container.maxPerMinute': '10000' })
  for (let index = 0; index < 40; index++) world.ttlZnode(`/t${index}`, 1)
  world.clock.advance(60_000)
  expect(world.reaped).toHaveLength(16)
  world.clock.advance(200)
  expect(world.reaped).toHaveLength(40)
})

test('znode.container.maxNeverUsedIntervalMs lets containers go that never had a child; 0 keeps them', () => {
  for (const [maxMs, reaped] of [
    ['90000', ['120000 /c']],
    ['0', []],
  ] as const) {
    const world = new LeadingWorld({ 'znode.container.maxNeverUsedIntervalMs': maxMs })
    world.unusedContainer('/c')
    world.clock.advance(600_000)
    expect(world.reaped).toEqual(reaped)
  }
})

test('who leads no more searches no more', () => {
  const world = new LeadingWorld()
  world.emptyContainer('/a')
  world.duties.stop()
  world.clock.advance(600_000)
  expect(world.reaped).toEqual([])
})
