import type { Clock, Timer } from '../../kernel/ports.ts'
import { Effects } from '../../paxos/effects.ts'
import type { Envelope, ReplicaEvent } from '../../paxos/effects.ts'
import type { Entry, Slot } from '../../paxos/entry.ts'
import { slotOf } from '../../paxos/entry.ts'
import type { Message } from '../../paxos/message.ts'
import type { Input, Replica } from '../../paxos/replica.ts'
import type { WriteAheadLog } from '../../storage/write-ahead-log.ts'
import { appendRecord } from './replica-log.ts'

/** How often the core hears of the time. Its own limits are counted in these. */
export const CORE_TICK_MS = 25

export interface ConsensusLoopOptions {
  readonly self: number
  readonly replica: Replica
  readonly log: WriteAheadLog
  readonly clock: Clock
  /** False: acceptances are not synced (`forceSync=no`). Promises and changes of the log's ballot always are. */
  readonly forceSync: boolean
  /** False: what is learned is not written (`syncEnabled=false`). Only for an observer, whose word nobody counts on. */
  readonly keepsLog: boolean
  /** Records that one flush of the log carries at most; 0: any number. */
  readonly batchSizeMax: number
  /** Through this slot everything is applied already. */
  readonly appliedSlot: Slot
  readonly send: (to: number, message: Message) => void
  /** What was sent in this turn may leave. */
  readonly flush: () => void
  readonly onEvent: (event: ReplicaEvent) => void
  /** In slot order, each slot once. */
  readonly onChosen: (slot: Slot, entry: Entry) => void
  /** After the last `onChosen` of a turn. */
  readonly onTurnEnd: () => void
}

/**
 * The shell's contract with the core, once a turn of the event loop: what arrived was stepped; now append and sync what
 * must persist, send at once what vouches for nothing, send the rest when the sync is done, and apply what is chosen.
 * What arrives while a sync runs shares the next one.
 */
export class ConsensusLoop {
  readonly #options: ConsensusLoopOptions
  readonly #replica: Replica
  readonly #log: WriteAheadLog
  readonly #effects = new Effects()
  #applied: Slot
  #isTurnDue = false
  #isStopped = false
  #timer: Timer | null = null
  readonly #turn = (): void => this.#runTurn()

  constructor(options: ConsensusLoopOptions) {
    this.#options = options
    this.#replica = options.replica
    this.#log = options.log
    this.#applied = options.appliedSlot
  }

  get appliedSlot(): Slot {
    return this.#applied
  }

  start(): void {
    this.#timer = this.#options.clock.setTimer(CORE_TICK_MS, () => {
      this.start()
      this.offer({ kind: 'tick', nowMs: this.#options.clock.nowMs() })
    })
    this.#dueTurn()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  offer(input: Input): void {
    if (this.#isStopped) return
    this.#replica.step(input, this.#effects)
    this.#dueTurn()
  }

  /** The state through `slot` was replaced by a snapshot that is on disk. */
  onSnapshotInstalled(slot: Slot): void {
    this.#applied = slot
    this.offer({ kind: 'snapshotInstalled', slot })
  }

  /** Something was written for the peers or is to be applied: the turn must end with a flush. */
  dueTurn(): void {
    this.#dueTurn()
  }

  #dueTurn(): void {
    if (this.#isTurnDue || this.#isStopped) return
    this.#isTurnDue = true
    this.#options.clock.afterTurn(this.#turn)
  }

  #runTurn(): void {
    this.#isTurnDue = false
    if (this.#isStopped) return
    const { send, flush, onEvent } = this.#options
    const effects = this.#effects
    this.#replica.endTurn(effects)
    for (const { to, message } of effects.sendNow) send(to, message)
    flush()
    if (effects.persist.length + effects.send.length > 0) this.#persist()
    const events = effects.events.length > 0 ? effects.events.slice() : NO_EVENTS
    effects.clear()
    for (const event of events) onEvent(event)
    this.#applyChosen()
  }

  #persist(): void {
    const { persist, send } = this.#effects
    const { batchSizeMax, keepsLog, clock } = this.#options
    if (!keepsLog) {
      const unwritten = send.slice()
      clock.afterTurn(() => this.#onDurable(unwritten))
      return
    }
    let needsSync = this.#options.forceSync
    let count = 0
    for (const record of persist) {
      if (record.kind !== 'accept' && record.kind !== 'stage' && record.kind !== 'chosen') needsSync = true
      appendRecord(this.#log, record)
      if (++count % batchSizeMax === 0) this.#log.commit(NOTHING, needsSync)
    }
    const due = send.slice()
    this.#log.commit(() => this.#onDurable(due), needsSync)
  }

  #onDurable(due: readonly Envelope[]): void {
    if (this.#isStopped) return
    const { self, send } = this.#options
    for (const { to, message } of due) {
      if (to === self) this.#replica.step({ kind: 'message', from: self, message }, this.#effects)
      else send(to, message)
    }
    this.#dueTurn()
  }

  #applyChosen(): void {
    const { onChosen, onTurnEnd } = this.#options
    const chosen = this.#replica.chosenSlot
    while (this.#applied < chosen) {
      this.#applied = slotOf(this.#applied + 1)
      onChosen(this.#applied, this.#replica.log.get(this.#applied))
    }
    onTurnEnd()
  }
}

const NO_EVENTS: readonly ReplicaEvent[] = []
const NOTHING = (): void => {}
