import { timingSafeEqual } from 'node:crypto'
import { ByteWriter } from '../../kernel/bytes.ts'
import type { Clock, Timer } from '../../kernel/ports.ts'
import type { Ballot } from '../../paxos/ballot.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { WireError } from '../../protocol/wire-error.ts'
import type { CommandOwner } from '../../tree/command.ts'
import { CommandHeader, encodeCommand, NO_IDS, patchCommandGrant, patchCommandTime } from '../../tree/command.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { membersIn } from '../../tree/ensemble-config.ts'
import { CONFIG_PATH } from '../../tree/node-store.ts'
import type { Outcome } from '../../tree/outcome.ts'
import type { TreeSettings } from '../../zoocfg/settings/tree-settings.ts'
import { ContainerReaper } from './container-reaper.ts'
import type { ReplicationCounters } from '../admin/replication-counters.ts'
import type { LeasedSession } from './leader-sessions.ts'
import { LeaderSessions } from './leader-sessions.ts'
import type { AttachedSession, AttachRequest, Refusal } from './replicated-service.ts'

const NOTHING = Buffer.alloc(0)
const NO_SESSION = { high: 0, low: 0 }

export interface LeaderDutiesOptions {
  readonly self: number
  readonly ballot: Ballot
  readonly tickTimeMs: number
  readonly treeSettings: TreeSettings
  /** What `/zookeeper/config` is to show while this leader leads, without its version. */
  readonly membersText: string
  readonly clock: Clock
  readonly tree: () => DataTree
  /** When this leader was last proven to lead; monotonic milliseconds. */
  readonly provenMs: () => number
  readonly counters: ReplicationCounters
  readonly propose: (command: Buffer) => void
  readonly onNote: (note: string) => void
  readonly refuse: (origin: number, requestNumber: number, refusal: Refusal) => void
}

/**
 * What one leader does beside consensus, in one ballot: it lets a write through only from the connection that owns its
 * session, stamps it with the time, sees to it that `/zookeeper/config` has its members, expires sessions, and has containers and TTL znodes deleted that have served. Writes that come before the opening command is applied wait,
 * for until then the leader does not know which sessions there are.
 */
export class LeaderDuties {
  readonly ballot: Ballot
  /** When it began to lead; monotonic milliseconds. */
  readonly sinceMs: number
  readonly #options: LeaderDutiesOptions
  readonly #header = new CommandHeader()
  readonly #reaper: ContainerReaper
  #sessions: LeaderSessions | null = null
  #early: (() => void)[] = []
  #timer: Timer | null = null
  #lastTimeMs = 0
  #lastSize = -1
  #minSize = -1
  #maxSize = -1

  constructor(options: LeaderDutiesOptions) {
    this.ballot = options.ballot
    this.sinceMs = options.clock.nowMs()
    this.#options = options
    this.#reaper = new ContainerReaper({
      settings: options.treeSettings,
      clock: options.clock,
      tree: options.tree,
      timeMs: () => this.#timeMs(),
      reap: (path) => this.#proposeOwn(OpCode.deleteContainer, NO_SESSION, new ByteWriter().string(path).take()),
    })
  }

  /** Sessions that are neither expired nor closed; 0 before the opening command is applied. */
  get sessionCount(): number {
    return this.#sessions?.count ?? 0
  }

  /** Bytes of the commands proposed in this ballot; -1 each before the first. */
  get proposalSizes(): { readonly last: number; readonly min: number; readonly max: number } {
    return { last: this.#lastSize, min: this.#minSize, max: this.#maxSize }
  }

  /** When which sessions expire; null before the opening command is applied. */
  expiries(): { readonly atMs: number; readonly sessions: readonly LeasedSession[] }[] | null {
    return this.#sessions?.expiries() ?? null
  }

  /** The opening command is applied: all sessions get their full timeout from now. */
  open(): void {
    const { clock, tickTimeMs, tree } = this.#options
    const nowMs = clock.nowMs()
    this.#sessions = new LeaderSessions({ tickTimeMs, openingZxid: tree().lastZxid, nowMs })
    this.#sessions.restart(tree().sessions, nowMs)
    this.#configure()
    this.#expireLater()
    this.#reaper.start()
    const early = this.#early
    this.#early = []
    for (const run of early) run()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#reaper.stop()
    this.#early = []
  }

  /** @param command belongs to this object */
  write(command: Buffer): void {
    if (this.#sessions === null) {
      this.#early.push(() => this.write(command))
      return
    }
    const owner = this.#header.reset(command)
    const refusal = this.#refusalOf(owner, this.#sessions)
    if (refusal !== null) return this.#options.refuse(owner.origin, owner.requestNumber, refusal)
    if (owner.type !== OpCode.createSession) {
      patchCommandGrant(command, this.#sessions.grantOf(owner.sessionHigh, owner.sessionLow))
    }
    if (owner.type === OpCode.closeSession) this.#sessions.markClosing(owner.sessionHigh, owner.sessionLow)
    this.#propose(command)
  }

  /** @param onAnswer never called within this call's caller when it is early, else at once */
  attach(replica: number, request: AttachRequest, onAnswer: (grant: number | null) => void): void {
    if (this.#sessions === null) {
      this.#early.push(() => this.attach(replica, request, onAnswer))
      return
    }
    const { sessionHigh: high, sessionLow: low, password, timeoutMs, connection } = request
    const session = this.#options.tree().sessions.get(high, low)
    const isKnown = session !== null && isSamePassword(session.password, password)
    const owner = { replica, connection }
    onAnswer(isKnown ? this.#sessions.attach({ high, low, timeoutMs }, owner, this.#options.clock.nowMs()) : null)
  }

  report(replica: number, sessions: readonly AttachedSession[]): void {
    if (this.#sessions === null) this.#early.push(() => this.report(replica, sessions))
    else this.#sessions.report(replica, sessions, this.#options.clock.nowMs())
  }

  /** @param halves high and low halves of session ids, one after the other */
  touch(halves: readonly number[]): void {
    const nowMs = this.#options.clock.nowMs()
    for (let index = 0; index + 1 < halves.length; index += 2) {
      this.#sessions?.touch(halves[index] as number, halves[index + 1] as number, nowMs)
    }
  }

  onApplied(outcome: Outcome): void {
    if (this.#sessions === null) return
    const { sessionHigh: high, sessionLow: low, origin, connection, zxid } = outcome
    if (outcome.type === OpCode.createSession && outcome.error === 0) {
      const timeoutMs = this.#options.tree().sessions.get(high, low)?.timeoutMs ?? 0
      this.#sessions.onCreated(
        { high, low, timeoutMs },
        { replica: origin, connection, zxid },
        this.#options.clock.nowMs(),
      )
    } else if (outcome.type === OpCode.closeSession) {
      this.#sessions.onClosed(high, low)
    } else if (outcome.type === OpCode.reconfig && outcome.error === WireError.unimplemented) {
      this.#options.onNote('refused a reconfig: this engine does not change the members of a running ensemble yet')
    }
  }

  #refusalOf(owner: CommandOwner, sessions: LeaderSessions): Refusal | null {
    // Of a local session only its server knows, and that server has looked.
    if (owner.type === OpCode.createSession || owner.isLocalSession) return null
    switch (sessions.checkOwner(owner.sessionHigh, owner.sessionLow, owner.origin, owner.connection)) {
      case 'ok':
        return null
      case 'moved':
        return 'moved'
      case 'closing':
      case 'unknown':
        return 'closing'
    }
  }

  #propose(command: Buffer): void {
    patchCommandTime(command, this.#timeMs())
    this.#lastSize = command.length
    if (this.#minSize < 0 || command.length < this.#minSize) this.#minSize = command.length
    if (command.length > this.#maxSize) this.#maxSize = command.length
    this.#options.counters.proposals++
    this.#options.propose(command)
  }

  /** Before any other command of this ballot: the znode then has the zxid with which the epoch opened. */
  #configure(): void {
    const { tree, membersText } = this.#options
    if (membersIn(tree().getNode(CONFIG_PATH)) === membersText) return
    this.#proposeOwn(OpCode.configure, NO_SESSION, new ByteWriter().string(membersText).take())
  }

  #expireLater(): void {
    const { clock, tickTimeMs } = this.#options
    this.#timer = clock.setTimer(tickTimeMs, () => {
      this.#expireLater()
      this.#expire()
    })
  }

  #expire(): void {
    const { clock, provenMs } = this.#options
    for (const expired of this.#sessions?.tick(clock.nowMs(), provenMs()) ?? []) {
      this.#options.counters.expiredSessions++
      this.#proposeOwn(OpCode.closeSession, expired, NOTHING)
    }
  }

  /** A command that no client asked for. */
  #proposeOwn(type: number, session: { readonly high: number; readonly low: number }, record: Uint8Array): void {
    const fields = {
      flags: 0,
      origin: this.#options.self,
      type,
      requestNumber: 0,
      connection: 0,
      sessionHigh: session.high,
      sessionLow: session.low,
      cxid: 0,
      ids: NO_IDS,
    }
    this.#propose(encodeCommand(fields, record))
  }

  /** Times in the tree never run backwards under one leader, whatever its wall clock does. */
  #timeMs(): number {
    this.#lastTimeMs = Math.max(this.#lastTimeMs, this.#options.clock.wallMs())
    return this.#lastTimeMs
  }
}

function isSamePassword(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
