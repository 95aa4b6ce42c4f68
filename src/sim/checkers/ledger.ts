import { AgreementChecker } from './agreement.ts'
import {
  CONNECTION_LOSS,
  NO_NODE,
  NOT_READ_ONLY,
  SESSION_EXPIRED,
  THROTTLED,
  WRITE_ID,
  type ReadAnswer,
  type Write,
  type WriteAnswer,
} from './operation.ts'
import { ReferenceTree } from './reference-tree.ts'

/** Of a command's bytes, by the table in docs of the command: what the ledger reads for itself. */
const ORIGIN_AT = 2
const TYPE_AT = 4
const REQUEST_NUMBER_AT = 8
const SESSION_AT = 20
const SESSION_SIZE = 8
const CREATE_SESSION = -10
const CLOSE_SESSION = -11
/** The one command that takes no zxid. */
const CONFIGURE = -16
const EPOCH = 2 ** 32

interface Recorded {
  readonly slot: number
  readonly zxid: number
  readonly answer: WriteAnswer
}

/** One client, that is one session, as its replies tell of it. */
interface Witness {
  lastZxid: number
  lastOrder: number
  /** By order. */
  readonly sent: Write[]
  /** The highest sequence number it was given below the one parent that it creates them in. */
  lastSequence: number
  /** Paths that it watches, each with the zxid at which the watch was set. */
  readonly watches: Map<string, number>
}

/** What is different in some worlds. */
export interface LedgerRules {
  /** One server may keep a session by itself: its writes come without the log knowing of it. */
  readonly hasLocalSessions: boolean
  /** A write may be answered THROTTLED; those behind it on its connection are executed all the same. */
  readonly refusesWrites: boolean
}

const USUAL: LedgerRules = { hasLocalSessions: false, refusesWrites: false }

/**
 * Everything that was agreed, and what clients say about it. Judges from outside: it sees the entries that each replica
 * applied, what clients sent and what they were answered.
 *
 * - one entry a slot, no slot left out, no request executed twice, the same digest everywhere after each slot;
 * - a session's writes in the order sent, and none after one that is missing and went before it on the same connection;
 * - what was refused without being tried is in no slot;
 * - each answer is what the log makes of it, at the log's zxid; nothing answered is missing;
 * - no session sees an older zxid than before, nor another state than that of the zxid it is told;
 * - a session hears of a change that it watches before it sees anything as new as the change;
 * - a write, and what is read after a sync, comes after all that anybody was told before it was sent.
 */
export class Ledger {
  readonly #report: (violation: string) => void
  readonly #rules: LedgerRules
  readonly #agreement: AgreementChecker
  readonly #tree = new ReferenceTree()
  readonly #digests: number[] = []
  readonly #zxids: number[] = []
  readonly #writes = new Map<string, Write>()
  readonly #recorded = new Map<string, Recorded>()
  /** Writes that were answered as not tried. */
  readonly #refused = new Set<string>()
  readonly #requests = new Map<string, number>()
  readonly #witnesses = new Map<string, Witness>()
  #lastZxid = 0
  #ackedZxid = 0
  #ackedCount = 0
  #readCount = 0

  constructor(report: (violation: string) => void, rules = USUAL) {
    this.#report = report
    this.#rules = rules
    this.#agreement = new AgreementChecker(report)
  }

  get slotCount(): number {
    return this.#agreement.values.length
  }

  /** Writes that were answered, as done or as refused. */
  get answeredCount(): number {
    return this.#ackedCount
  }

  get readCount(): number {
    return this.#readCount
  }

  /** The highest zxid that any client was told of a write. */
  get ackedZxid(): number {
    return this.#ackedZxid
  }

  digestAt(slot: number): number | undefined {
    return this.#digests[slot]
  }

  // --- what replicas do ---

  onRestored(replica: string, slot: number): void {
    this.#agreement.onRestored(replica, slot)
  }

  /** @param digest of the replica's tree after this entry */
  onApplied(replica: string, slot: number, isOpening: boolean, payload: Buffer, digest: number): void {
    // A replica that took over a snapshot goes on behind it; its digest shows whether it was the right one.
    if (slot > this.#agreement.appliedSlot(replica) + 1) this.#agreement.onRestored(replica, slot - 1)
    const isNew = slot > this.slotCount
    this.#agreement.onApplied(replica, slot, isOpening ? null : nameOf(payload))
    if (!isNew) {
      const known = this.#digests[slot]
      if (known !== digest) this.#report(`after slot ${slot} the tree of ${replica} differs from that of others`)
      return
    }
    this.#digests[slot] = digest
    const isConfigure = !isOpening && payload.readInt32BE(TYPE_AT) === CONFIGURE
    if (isOpening) this.#lastZxid = (Math.floor(this.#lastZxid / EPOCH) + 1) * EPOCH
    else if (!isConfigure) this.#lastZxid++
    this.#zxids[slot] = this.#lastZxid
    if (!isOpening && !isConfigure) this.#record(slot, payload)
  }

  #record(slot: number, payload: Buffer): void {
    const type = payload.readInt32BE(TYPE_AT)
    const session = payload.toString('hex', SESSION_AT, SESSION_AT + SESSION_SIZE)
    const request = `${payload[ORIGIN_AT]}:${payload.readDoubleBE(REQUEST_NUMBER_AT)}`
    if (!request.endsWith(':0')) {
      const earlier = this.#requests.get(request)
      if (earlier !== undefined) this.#report(`request ${request} of slot ${earlier} is executed again in slot ${slot}`)
      this.#requests.set(request, slot)
    }
    if (type === CREATE_SESSION) return this.#tree.openSession(session)
    if (type === CLOSE_SESSION) return this.#tree.closeSession(session, this.#lastZxid)
    const id = WRITE_ID.exec(payload.toString('latin1'))?.[0]
    const write = id === undefined ? undefined : this.#writes.get(id)
    if (write === undefined) return this.#report(`slot ${slot} holds a write that nobody has sent`)
    const isKnown = this.#tree.hasSession(session) || (this.#rules.hasLocalSessions && !this.#tree.isClosed(session))
    if (!isKnown) this.#report(`slot ${slot} holds ${id} of a session that is closed`)
    if (this.#refused.has(write.id)) this.#report(`slot ${slot} holds ${id}, which was refused`)
    if (this.#recorded.has(write.id)) this.#report(`${id} is executed again in slot ${slot}`)
    this.#checkOrder(slot, write)
    const answer = this.#tree.apply(write, session, this.#lastZxid)
    this.#recorded.set(write.id, { slot, zxid: this.#lastZxid, answer })
  }

  #checkOrder(slot: number, write: Write): void {
    const witness = this.#witnessOf(write.client)
    if (write.order <= witness.lastOrder) {
      this.#report(`slot ${slot} holds ${write.id}, though a later write of its session came before`)
    }
    for (let order = witness.lastOrder + 1; order < write.order; order++) {
      const skipped = witness.sent[order]
      if (skipped?.connection === write.connection && !this.#rules.refusesWrites) {
        this.#report(`slot ${slot} holds ${write.id} without ${skipped.id}, which went before it on its connection`)
      }
    }
    witness.lastOrder = write.order
  }

  // --- what clients do ---

  onSent(write: Write): void {
    this.#writes.set(write.id, write)
    this.#witnessOf(write.client).sent[write.order] = write
  }

  /** @param zxid of the reply; 0 when the client itself made the error */
  onWriteAnswer(write: Write, answer: WriteAnswer, zxid: number): void {
    if (answer.error === CONNECTION_LOSS || answer.error === SESSION_EXPIRED) return
    this.#checkZxid(write.client, zxid, write.id)
    const recorded = this.#recorded.get(write.id)
    if (answer.error === NOT_READ_ONLY || answer.error === THROTTLED) {
      this.#refused.add(write.id)
      if (recorded !== undefined)
        this.#report(`${write.id} was refused (${answer.error}) and is in slot ${recorded.slot}`)
      return
    }
    if (recorded === undefined) return this.#report(`${write.id} was answered (${answer.error}) and is in no slot`)
    if (recorded.zxid !== zxid) this.#report(`${write.id} was answered with zxid ${zxid}, it has ${recorded.zxid}`)
    if (zxid <= write.floorZxid) {
      this.#report(`${write.id} has zxid ${zxid}, though ${write.floorZxid} was answered before it was sent`)
    }
    this.#checkAnswer(write, answer, recorded.answer)
    this.#ackedCount++
    if (zxid > this.#ackedZxid) this.#ackedZxid = zxid
  }

  #checkAnswer(write: Write, answer: WriteAnswer, expected: WriteAnswer): void {
    const isSequential = write.changes.some((change) => change.kind === 'create' && change.isSequential)
    if (answer.error !== expected.error) {
      this.#report(`${write.id} was answered ${answer.error}, the log makes it ${expected.error}`)
    } else if (answer.version !== expected.version) {
      this.#report(`${write.id} was answered version ${answer.version}, the log makes it ${expected.version}`)
    } else if (isSequential && answer.error === 0) {
      this.#checkSequence(write, answer.path ?? '')
    } else if (answer.path !== expected.path) {
      this.#report(`${write.id} was answered ${answer.path}, the log makes it ${expected.path}`)
    }
  }

  #checkSequence(write: Write, path: string): void {
    const witness = this.#witnessOf(write.client)
    const sequence = Number(/^\/seq\/n(\d{10})$/.exec(path)?.[1] ?? NaN)
    if (!(sequence > witness.lastSequence)) {
      this.#report(`${write.id} was given ${path} after the number ${witness.lastSequence}`)
    }
    witness.lastSequence = sequence
  }

  /** @param floorZxid what a sync before this read promises; 0 without one */
  onReadAnswer(client: string, read: ReadAnswer, floorZxid: number): void {
    this.#readCount++
    const what = `${client} reading ${read.path}`
    this.#checkZxid(client, read.zxid, what)
    if (read.zxid > this.#lastZxid) this.#report(`${what} is told zxid ${read.zxid}, which nobody has applied`)
    if (read.zxid < floorZxid) {
      this.#report(`${what} after a sync is told zxid ${read.zxid}, though ${floorZxid} was answered before the sync`)
    }
    const expected = this.#tree.at(read.path, read.zxid)
    const isSame =
      expected === null
        ? read.error === NO_NODE
        : read.error === 0 && read.value === expected.value && read.version === expected.version
    if (isSame) return
    const found = read.error === 0 ? `${read.value} version ${read.version}` : `error ${read.error}`
    const wanted = expected === null ? 'nothing' : `${expected.value} version ${expected.version}`
    this.#report(`${what} at zxid ${read.zxid} found ${found}, the log has ${wanted}`)
  }

  /** @param zxid of the read that left the watch */
  onWatchSet(client: string, path: string, zxid: number): void {
    const { watches } = this.#witnessOf(client)
    if (!watches.has(path)) watches.set(path, zxid)
  }

  onWatchEvent(client: string, path: string): void {
    const { watches } = this.#witnessOf(client)
    if (!watches.delete(path)) this.#report(`${client} is told of a change of ${path}, which it does not watch`)
  }

  /** The connection is gone, and its watches with it. */
  onDisconnected(client: string): void {
    this.#witnessOf(client).watches.clear()
  }

  /** Any other reply of the session. */
  onOtherAnswer(client: string, zxid: number, what: string): void {
    this.#checkZxid(client, zxid, `${client} ${what}`)
  }

  #checkZxid(client: string, zxid: number, what: string): void {
    const witness = this.#witnessOf(client)
    if (zxid < witness.lastZxid) {
      this.#report(`${what}: zxid ${zxid} was told to a session that had seen ${witness.lastZxid}`)
    }
    witness.lastZxid = zxid
    for (const [path, setZxid] of witness.watches) {
      if (!this.#tree.hasChanged(path, setZxid, zxid)) continue
      this.#report(`${what}: told zxid ${zxid} before the change of ${path} that ${client} watches since ${setZxid}`)
      witness.watches.delete(path)
    }
  }

  #witnessOf(client: string): Witness {
    let witness = this.#witnesses.get(client)
    if (witness === undefined) {
      witness = { lastZxid: 0, lastOrder: -1, sent: [], lastSequence: -1, watches: new Map() }
      this.#witnesses.set(client, witness)
    }
    return witness
  }
}

/** Who asked, for what, and a hash of all the bytes: short enough to read in a report, and different for any other. */
function nameOf(payload: Buffer): string {
  let low = 0x811c9dc5
  let high = 0x2545f491
  for (const byte of payload) {
    low = Math.imul(low ^ byte, 0x01000193)
    high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 13)
  }
  const id = WRITE_ID.exec(payload.toString('latin1'))?.[0] ?? `type ${payload.readInt32BE(TYPE_AT)}`
  const hash = ((high >>> 0) * 2 ** 20 + ((low >>> 0) % 2 ** 20)).toString(36)
  return `${id} of r${payload[ORIGIN_AT]}, request ${payload.readDoubleBE(REQUEST_NUMBER_AT)}, bytes ${hash}`
}
