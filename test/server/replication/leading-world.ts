import { expect } from 'vitest'
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
export class LeadingWorld {
  readonly clock = new FakeClock()
  readonly tree = new DataTree()
  readonly client = new TestClient(this.tree)
  duties: LeaderDuties
  readonly #lines: Readonly<Record<string, string>>
  /** `milliseconds path` of each deletion that the leader proposed. */
  readonly reaped: string[] = []

  readonly proposedTypes: number[] = []
  readonly notes: string[] = []

  /**
   * @param lines of zoo.cfg
   * @param membersText of the leader
   */
  constructor(lines: Readonly<Record<string, string>> = {}, membersText = '') {
    this.client.flags = COMMAND_FLAG.extendedTypes
    this.#lines = lines
    this.duties = this.#lead(membersText)
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

  /** Another leader, with these members. */
  reopen(membersText: string): void {
    this.duties.stop()
    this.#lead(membersText)
  }

  #lead(membersText: string): LeaderDuties {
    const duties = new LeaderDuties({
      self: LEADER_ID,
      ballot: 0 as LeaderDuties['ballot'],
      tickTimeMs: 2_000,
      treeSettings: serverSettings(this.#lines).tree,
      clock: this.clock,
      tree: () => this.tree,
      counters: new ReplicationCounters(),
      provenMs: () => this.clock.nowMs(),
      propose: (command) => this.#apply(command),
      membersText,
      onNote: (note) => this.notes.push(note),
      refuse: () => undefined,
    })
    this.duties = duties
    duties.open()
    return duties
  }

  #write(write: () => void): void {
    this.client.timeMs = this.clock.wallMs()
    write()
  }

  #apply(command: Buffer): void {
    const header = new CommandHeader().reset(command)
    this.proposedTypes.push(header.type)
    expect(header.timeMs).toBe(this.clock.wallMs())
    const outcome = this.tree.apply(command)
    const { error } = outcome
    this.duties.onApplied(outcome)
    if (header.type !== OpCode.deleteContainer) return
    expect({ origin: header.origin, error }).toEqual({ origin: LEADER_ID, error: 0 })
    const path = command.subarray(header.recordAt + 4).toString()
    this.reaped.push(`${this.clock.nowMs()} ${path}`)
  }
}
