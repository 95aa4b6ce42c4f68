import { ByteReader, DecodeError } from '../kernel/bytes.ts'
import { readCreateRequest, readCreateTtlRequest } from '../protocol/create.ts'
import { readDeleteRequest } from '../protocol/delete.ts'
import { OpCode } from '../protocol/op-code.ts'
import { readReconfigRequest } from '../protocol/reconfig.ts'
import { readSetAclRequest } from '../protocol/set-acl.ts'
import { readSetDataRequest } from '../protocol/set-data.ts'
import { WireError } from '../protocol/wire-error.ts'
import { closeSession } from './close-session.ts'
import { CommandHeader } from './command.ts'
import { createSession, readCreateSession } from './create-session.ts'
import { createZnode } from './create.ts'
import { deleteZnode, reapZnode } from './delete.ts'
import { configure, reconfigure } from './ensemble-config.ts'
import { HistoryWindow } from './history-window.ts'
import { History, type WindowLimits } from './history.ts'
import { readMulti, runMulti } from './multi.ts'
import { newRoot, NodeStore, plantSystemNodes } from './node-store.ts'
import { Outcome } from './outcome.ts'
import { Pin } from './pin.ts'
import { SessionTable } from './session-table.ts'
import { setZnodeAcl } from './set-acl.ts'
import { setZnodeData } from './set-data.ts'
import { mixInt, mixLong } from './state-hash.ts'
import { Transaction } from './transaction.ts'
import { WatchTable } from './watch-table.ts'
import type { Znode } from './znode.ts'

/** What a snapshot brings. */
export interface TreeParts {
  readonly history: History
  readonly sessions: SessionTable
  readonly store: NodeStore
  readonly lastZxid: number
  readonly digest: number
}

const EPOCH_SIZE = 2 ** 32

/**
 * The replicated state: znodes, sessions and the transaction counter, and, for this server alone, its clients' watches.
 * A function of the commands applied: no clock, no chance, no settings.
 *
 * zxid = epoch × 2^32 + counter. An opening entry of the log starts the next epoch, each command adds one, failed ones
 * too, but for `configure`; a counter that runs over carries into the epoch, which is what addition does.
 */
export class DataTree {
  readonly sessions: SessionTable
  readonly watches = new WatchTable()
  readonly store: NodeStore
  readonly #history: History
  readonly #header = new CommandHeader()
  readonly #reader = new ByteReader(Buffer.alloc(0))
  readonly #outcome = new Outcome()
  readonly #tx: Transaction
  #lastZxid: number

  constructor(parts: TreeParts = emptyParts()) {
    this.sessions = parts.sessions
    this.store = parts.store
    this.#history = parts.history
    this.#lastZxid = parts.lastZxid
    this.#tx = new Transaction(this.store, this.sessions, this.watches, this.#header)
    this.#tx.hash = parts.digest | 0
  }

  get lastZxid(): number {
    return this.#lastZxid
  }

  /** A uint32 that depends on every outcome so far: replicas at the same zxid must agree on it. */
  get digest(): number {
    return this.#tx.hash >>> 0
  }

  /** As Apache counts them: the root is there twice, as `/` and as the empty path. */
  get nodeCount(): number {
    return this.store.size + 1
  }

  get ephemeralCount(): number {
    return this.store.ephemeralCount
  }

  get approximateDataSizeBytes(): number {
    return this.store.approximateDataSizeBytes
  }

  /** Earlier states kept for pins. */
  get keptVersionCount(): number {
    return this.#history.size
  }

  /** @returns the znode as it is now, good until the next command; the empty path is the root */
  getNode(path: string): Znode | null {
    return this.store.get(path)
  }

  /** A new leader's first entry was chosen. */
  openEpoch(): void {
    this.#lastZxid = (Math.floor(this.#lastZxid / EPOCH_SIZE) + 1) * EPOCH_SIZE
    this.#tx.hash = mixLong(this.#tx.hash, this.#lastZxid)
  }

  /**
   * Applies the next command of the log and then tells the watchers.
   *
   * @param command a buffer of exactly the command's size; znodes keep copies of what they need of it
   * @returns the same object each time
   * @throws AssertionFailure for bytes that are no command of a known version
   */
  apply(command: Buffer): Outcome {
    const header = this.#header.reset(command)
    const outcome = this.#outcome
    const tx = this.#tx
    const zxid = header.type === OpCode.configure ? this.#lastZxid : ++this.#lastZxid
    tx.begin(zxid)
    outcome.results = null
    outcome.zxid = zxid
    outcome.type = header.type
    outcome.origin = header.origin
    outcome.requestNumber = header.requestNumber
    outcome.connection = header.connection
    outcome.sessionHigh = header.sessionHigh
    outcome.sessionLow = header.sessionLow
    outcome.cxid = header.cxid
    tx.hash = mixLong(tx.hash, zxid)
    if (tx.session !== null && header.grant > tx.session.grant) tx.session.grant = header.grant
    outcome.error = this.#run()
    outcome.path = tx.path
    outcome.node = tx.node
    outcome.quotaExcess = tx.quotaExcess
    tx.hash = mixInt(tx.hash, outcome.error)
    tx.fireEvents()
    return outcome
  }

  /** Fixes this moment: what the pin shows stays while writes go on. Costs memory until it is released. */
  pin(): Pin {
    return new Pin({
      zxid: this.#lastZxid,
      digest: this.digest,
      history: this.#history,
      store: this.store,
      sessions: this.sessions,
    })
  }

  /** Keeps all states from now on, as far back as the holder moves its floor; one window at a time. */
  openWindow(limits: WindowLimits): HistoryWindow {
    this.#history.openWindow(this.#lastZxid, limits)
    return new HistoryWindow({
      history: this.#history,
      store: this.store,
      sessions: this.sessions,
      lastZxid: () => this.#lastZxid,
    })
  }

  /** Records are read whole before anything changes, so what cannot be read has changed nothing. */
  #run(): number {
    try {
      return this.#execute(this.#reader.reset(this.#header.command, this.#header.recordAt, this.#header.command.length))
    } catch (error) {
      if (error instanceof DecodeError) return WireError.marshallingError
      throw error
    }
  }

  #execute(from: ByteReader): number {
    const tx = this.#tx
    const { type } = this.#header
    switch (type) {
      case OpCode.createSession:
        return createSession(tx, readCreateSession(from))
      case OpCode.deleteContainer:
        return reapZnode(tx, from.string('deleteContainer.path'))
      case OpCode.configure:
        return configure(tx, from.string('configure.members'))
      case OpCode.error:
        return from.int32('error.code')
      // These look at the session themselves, after the flags.
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        return createZnode(tx, type, readCreateRequest(from), 0)
      case OpCode.createTTL: {
        const request = readCreateTtlRequest(from)
        return createZnode(tx, type, request, request.ttlMs)
      }
    }
    if (tx.session === null && !this.#header.isLocalSession) return WireError.sessionExpired
    switch (type) {
      case OpCode.setData:
        return setZnodeData(tx, readSetDataRequest(from))
      case OpCode.delete:
        return deleteZnode(tx, readDeleteRequest(from))
      case OpCode.setACL:
        return setZnodeAcl(tx, readSetAclRequest(from))
      case OpCode.multi:
        this.#outcome.results = runMulti(tx, readMulti(from))
        return WireError.ok
      case OpCode.closeSession:
        return closeSession(tx)
      case OpCode.reconfig:
        return reconfigure(tx, readReconfigRequest(from))
      default:
        return WireError.unimplemented
    }
  }
}

function emptyParts(): TreeParts {
  const history = new History()
  const sessions = new SessionTable(history)
  const store = new NodeStore(sessions, history, newRoot())
  plantSystemNodes(store)
  return { history, sessions, store, lastZxid: 0, digest: 0 }
}
