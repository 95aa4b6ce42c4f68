import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import { OPEN_ACL, type Acl } from '../../src/protocol/acl.ts'
import { CreateMode, isTtlMode } from '../../src/protocol/create-mode.ts'
import {
  readCreate2Response,
  readCreateResponse,
  writeCreateRequest,
  writeCreateTtlRequest,
} from '../../src/protocol/create.ts'
import { writeDeleteRequest } from '../../src/protocol/delete.ts'
import { readExistsResponse, writeExistsRequest } from '../../src/protocol/exists.ts'
import { readMultiResult, type MultiResult } from '../../src/protocol/multi-result.ts'
import { writeMultiRequest, type MultiOperation } from '../../src/protocol/multi.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { writeSetAclRequest } from '../../src/protocol/set-acl.ts'
import { writeSetDataRequest } from '../../src/protocol/set-data.ts'
import { readStat, type Stat } from '../../src/protocol/stat.ts'
import {
  COMMAND_FLAG,
  encodeCommand,
  NO_IDS,
  patchCommandGrant,
  patchCommandTime,
  tryEncodeIds,
} from '../../src/tree/command.ts'
import { encodeCreateSession } from '../../src/tree/create-session.ts'
import type { AuthId } from '../../src/tree/credentials.ts'
import type { DataTree } from '../../src/tree/data-tree.ts'
import { writeOutcome } from '../../src/tree/outcome.ts'
import { executeRead } from '../../src/tree/reads.ts'
import type { Watcher } from '../../src/tree/watch-index.ts'

export interface Written {
  readonly zxid: number
  readonly error: number
  readonly path: string
  readonly stat: Stat
  readonly results: readonly MultiResult[]
}

export interface CreateOptions {
  readonly data?: Uint8Array | null
  readonly acl?: readonly Acl[] | null
  readonly flags?: number
  readonly ttlMs?: number
  /** The op code; by default the one that goes with the flags (create2 for the plain ones). */
  readonly type?: number
}

export const NO_STAT: Stat = {
  czxid: -1,
  mzxid: -1,
  pzxid: -1,
  ctime: -1,
  mtime: -1,
  version: -1,
  cversion: -1,
  aversion: -1,
  ephemeralOwnerHigh: -1,
  ephemeralOwnerLow: -1,
  dataLength: -1,
  numChildren: -1,
}

export interface SeenEvent {
  readonly type: number
  readonly path: string
  readonly zxid: number
}

/** Writes down what it is told. */
export class TestWatcher implements Watcher {
  readonly events: SeenEvent[] = []

  onWatchEvent(type: number, path: string, zxid: number): void {
    this.events.push({ type, path, zxid })
  }

  /** `1 /a` for NodeCreated of /a; forgets what it gives. */
  take(): string[] {
    return this.events.splice(0).map(({ type, path }) => `${type} ${path}`)
  }
}

/** A session on a tree without any server: commands and requests as bytes, answers decoded from bytes. */
export class TestClient {
  ids: readonly AuthId[] = [{ scheme: 'ip', id: '127.0.0.1' }]
  flags = 0
  timeMs = 1_000
  grant = 0
  readonly watcher = new TestWatcher()
  readonly tree: DataTree
  readonly high: number
  readonly low: number
  cxid = 0

  /** @param low of the session id; its session is created unless `isOpen` says that it is there */
  constructor(tree: DataTree, low = 1, isOpen = false) {
    this.tree = tree
    this.high = 0x01000000
    this.low = low
    if (!isOpen) this.openSession()
  }

  openSession(timeoutMs = 6_000, password = Buffer.alloc(16, this.low)): Written {
    return this.command(OpCode.createSession, encodeCreateSession({ timeoutMs, password }))
  }

  closeSession(): Written {
    return this.command(OpCode.closeSession, Buffer.alloc(0))
  }

  create(path: string, options: CreateOptions = {}): Written {
    const { data = null, acl = OPEN_ACL, flags = CreateMode.persistent, ttlMs = 0 } = options
    const type = options.type ?? typeFor(flags)
    const record = new ByteWriter()
    if (type === OpCode.createTTL) writeCreateTtlRequest(record, { path, data, acl, flags, ttlMs })
    else writeCreateRequest(record, { path, data, acl, flags })
    return this.command(type, record.take())
  }

  delete(path: string, version = -1): Written {
    const record = new ByteWriter()
    writeDeleteRequest(record, { path, version })
    return this.command(OpCode.delete, record.take())
  }

  setData(path: string, data: Uint8Array | null, version = -1): Written {
    const record = new ByteWriter()
    writeSetDataRequest(record, { path, data, version })
    return this.command(OpCode.setData, record.take())
  }

  setAcl(path: string, acl: readonly Acl[] | null, version = -1): Written {
    const record = new ByteWriter()
    writeSetAclRequest(record, { path, acl, version })
    return this.command(OpCode.setACL, record.take())
  }

  multi(operations: readonly MultiOperation[]): Written {
    const record = new ByteWriter()
    writeMultiRequest(record, operations)
    return this.command(OpCode.multi, record.take())
  }

  reap(path: string): Written {
    return this.command(OpCode.deleteContainer, new ByteWriter().string(path).take())
  }

  encode(type: number, record: Uint8Array): Buffer {
    const command = encodeCommand(
      {
        flags: this.flags,
        origin: 1,
        type,
        requestNumber: 7,
        connection: 3,
        sessionHigh: this.high,
        sessionLow: this.low,
        cxid: ++this.cxid,
        ids: tryEncodeIds(this.ids) ?? NO_IDS,
      },
      record,
    )
    patchCommandTime(command, this.timeMs)
    patchCommandGrant(command, this.grant)
    return command
  }

  command(type: number, record: Uint8Array): Written {
    const outcome = this.tree.apply(this.encode(type, record))
    const out = new ByteWriter()
    writeOutcome(out, outcome)
    return { zxid: outcome.zxid, error: outcome.error, ...decodeAnswer(type, out.take()) }
  }

  /** @returns the answer's bytes, or the error */
  read(type: number, write: (record: ByteWriter) => void): ByteReader | number {
    const record = new ByteWriter()
    write(record)
    const out = new ByteWriter()
    const error = executeRead(this.tree, type, new ByteReader(record.take()), out, {
      ids: this.ids,
      isSuper: (this.flags & COMMAND_FLAG.super) !== 0,
      skipAcl: (this.flags & COMMAND_FLAG.skipAcl) !== 0,
      sessionHigh: this.high,
      sessionLow: this.low,
      watcher: this.watcher,
    })
    const answer = out.take()
    if (error !== 0 && answer.length !== 0) throw new Error('an error came with a record')
    return error === 0 ? new ByteReader(answer) : error
  }

  exists(path: string, watch = false): Stat | number {
    const answer = this.read(OpCode.exists, (record) => writeExistsRequest(record, { path, watch }))
    return typeof answer === 'number' ? answer : readExistsResponse(answer)
  }

  /** The Stat of a znode that must be there. */
  stat(path: string): Stat {
    const stat = this.exists(path)
    if (typeof stat === 'number') throw new Error(`no Stat of ${path}: ${stat}`)
    return stat
  }
}

function typeFor(flags: number): number {
  if (flags === CreateMode.container) return OpCode.createContainer
  return isTtlMode(flags) ? OpCode.createTTL : OpCode.create2
}

function decodeAnswer(type: number, bytes: Buffer): Pick<Written, 'path' | 'stat' | 'results'> {
  const nothing = { path: '', stat: NO_STAT, results: [] }
  if (bytes.length === 0) return nothing
  const from = new ByteReader(bytes)
  switch (type) {
    case OpCode.create:
      return { ...nothing, path: readCreateResponse(from) }
    case OpCode.multi: {
      const results: MultiResult[] = []
      for (let result = readMultiResult(from); result !== null; result = readMultiResult(from)) results.push(result)
      return { ...nothing, results }
    }
    case OpCode.setData:
    case OpCode.setACL:
      return { ...nothing, stat: readStat(from) }
    default:
      return { ...nothing, ...readCreate2Response(from) }
  }
}
