/**
 * One command: what the ensemble orders and every replica applies. Paxos carries these bytes without looking inside.
 *
 *    0  version        u8        1
 *    1  flags          u8        COMMAND_FLAG: settings and rights of the origin, decided before proposing
 *    2  origin         u8        id of the replica whose client asked; the leader's own for expiry and reaping
 *    3  (zero)         u8
 *    4  type           i32       op code; -10 createSession, -11 closeSession, -1 a write that could not be decoded,
 *                             -16 configure, which takes no zxid
 *    8  requestNumber  float64   the origin's number for finding the waiting request again; 0 none
 *   16  connection     u32       the origin's connection number
 *   20  session        i32 i32   high and low half of the session id
 *   28  cxid           i32       the client's xid
 *   32  timeMs         float64   the leader's wall clock, written just before proposing
 *   40  grant          float64   which attachment of the session sends this, written by the leader likewise; 0 none
 *   48  ids            u16 size, then that many bytes: count u8, then scheme and id (jute strings) each
 *   ..  record         the request record as the client sent it
 *                      (createSession: int timeoutMs, buffer password; closeSession: empty; error: int code;
 *                            configure: ustring members)
 *
 * All integers are big-endian.
 */
import { assert } from '../kernel/assert.ts'
import {
  readFloat64,
  readInt32,
  readUint16,
  readUint32,
  writeFloat64,
  writeInt32,
  writeUint16,
} from '../kernel/big-endian.ts'
import { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { OpCode } from '../protocol/op-code.ts'
import type { AuthId, Credentials } from './credentials.ts'

export const COMMAND_VERSION = 1

/** Bits of the flags byte. */
export const COMMAND_FLAG = {
  /** The connection holds the `super` id: no ACL is checked. */
  super: 1,
  /** The origin runs with skipACL=yes: no ACL is checked. */
  skipAcl: 2,
  /** The origin runs with extendedTypesEnabled: TTL nodes may be created. */
  extendedTypes: 4,
  /** The origin runs with enforceQuota. */
  enforceQuota: 8,
  /** The origin runs with reconfigEnabled. */
  reconfig: 16,
  /** The session is kept by the origin alone, which vouches for it: no replica knows it. */
  localSession: 32,
  /** The origin speaks TLS with clients: access lists may name the scheme x509. */
  x509: 64,
} as const

const FLAGS_AT = 1
const ORIGIN_AT = 2
const TYPE_AT = 4
const REQUEST_NUMBER_AT = 8
const CONNECTION_AT = 16
const SESSION_HIGH_AT = 20
const SESSION_LOW_AT = 24
const CXID_AT = 28
const TIME_AT = 32
const GRANT_AT = 40
const IDS_AT = 48
const HEADER_SIZE_MIN = IDS_AT + 2

/** The encoded ids of a connection that has none. */
export const NO_IDS: Buffer = encodeIds([])

export interface CommandFields {
  /** Sum of COMMAND_FLAG bits. */
  readonly flags: number
  readonly origin: number
  readonly type: number
  readonly requestNumber: number
  readonly connection: number
  readonly sessionHigh: number
  readonly sessionLow: number
  readonly cxid: number
  /** As `encodeIds` made them: a connection keeps them encoded, for they rarely change. */
  readonly ids: Uint8Array
}

/** What tells the leader whether the connection that sends a command still owns its session. */
export interface CommandOwner {
  readonly isLocalSession: boolean
  readonly origin: number
  readonly connection: number
  readonly sessionHigh: number
  readonly sessionLow: number
  readonly type: number
  readonly requestNumber: number
}

export function commandSizeBytes(idsSize: number, recordSize: number): number {
  return HEADER_SIZE_MIN + idsSize + recordSize
}

/**
 * Writes the header to the start of `command`; its time and grant are 0 until they are patched.
 *
 * @returns the offset where the record goes
 */
export function writeCommandHeader(command: Buffer, fields: CommandFields): number {
  command[0] = COMMAND_VERSION
  command[FLAGS_AT] = fields.flags
  command[ORIGIN_AT] = fields.origin
  command[3] = 0
  writeInt32(command, TYPE_AT, fields.type)
  writeFloat64(command, REQUEST_NUMBER_AT, fields.requestNumber)
  writeInt32(command, CONNECTION_AT, fields.connection)
  writeInt32(command, SESSION_HIGH_AT, fields.sessionHigh)
  writeInt32(command, SESSION_LOW_AT, fields.sessionLow)
  writeInt32(command, CXID_AT, fields.cxid)
  writeFloat64(command, TIME_AT, 0)
  writeFloat64(command, GRANT_AT, 0)
  writeUint16(command, IDS_AT, fields.ids.length)
  command.set(fields.ids, HEADER_SIZE_MIN)
  return HEADER_SIZE_MIN + fields.ids.length
}

/**
 * @param record copied
 * @returns a buffer of exactly the command's size
 */
export function encodeCommand(fields: CommandFields, record: Uint8Array): Buffer {
  const command = Buffer.allocUnsafeSlow(commandSizeBytes(fields.ids.length, record.length))
  command.set(record, writeCommandHeader(command, fields))
  return command
}

/** When the leader proposed it, by its wall clock: milliseconds since 1970. */
export function commandTimeMs(command: Buffer): number {
  return readFloat64(command, TIME_AT)
}

/** The session that a command ends; null for any other command. */
export function sessionToClose(command: Buffer): { readonly high: number; readonly low: number } | null {
  if (readInt32(command, TYPE_AT) !== OpCode.closeSession) return null
  return { high: readInt32(command, SESSION_HIGH_AT), low: readInt32(command, SESSION_LOW_AT) }
}

/** Stamps the leader's wall clock, in milliseconds since 1970, into a command that is about to be proposed. */
export function patchCommandTime(command: Buffer, timeMs: number): void {
  writeFloat64(command, TIME_AT, timeMs)
}

/** Stamps by which grant of the leader the sender's connection owns the session; see `Session.grant`. */
export function patchCommandGrant(command: Buffer, grant: number): void {
  writeFloat64(command, GRANT_AT, grant)
}

/** A command's header, read in place. One object serves for all commands: `reset` allocates nothing. */
export class CommandHeader implements CommandOwner, Credentials {
  command: Buffer = EMPTY
  flags = 0
  origin = 0
  type = 0
  requestNumber = 0
  connection = 0
  sessionHigh = 0
  sessionLow = 0
  cxid = 0
  timeMs = 0
  grant = 0
  /** Where the request record begins in `command`; it goes on to the end. */
  recordAt = 0

  /** @throws AssertionFailure when the bytes are no command of this version: a replica must not guess what it applies */
  reset(command: Buffer): this {
    assert(command.length >= HEADER_SIZE_MIN, 'a command has a whole header')
    assert(command[0] === COMMAND_VERSION, 'a command has a version that this replica knows')
    const recordAt = HEADER_SIZE_MIN + readUint16(command, IDS_AT)
    assert(recordAt <= command.length, 'the ids of a command end within it')
    this.command = command
    this.flags = command[FLAGS_AT] as number
    this.origin = command[ORIGIN_AT] as number
    this.type = readInt32(command, TYPE_AT)
    this.requestNumber = readFloat64(command, REQUEST_NUMBER_AT)
    this.connection = readUint32(command, CONNECTION_AT)
    this.sessionHigh = readInt32(command, SESSION_HIGH_AT)
    this.sessionLow = readInt32(command, SESSION_LOW_AT)
    this.cxid = readInt32(command, CXID_AT)
    this.timeMs = readFloat64(command, TIME_AT)
    this.grant = readFloat64(command, GRANT_AT)
    this.recordAt = recordAt
    return this
  }

  get isSuper(): boolean {
    return (this.flags & COMMAND_FLAG.super) !== 0
  }

  get skipAcl(): boolean {
    return (this.flags & COMMAND_FLAG.skipAcl) !== 0
  }

  get isLocalSession(): boolean {
    return (this.flags & COMMAND_FLAG.localSession) !== 0
  }

  get knowsX509(): boolean {
    return (this.flags & COMMAND_FLAG.x509) !== 0
  }

  get hasExtendedTypes(): boolean {
    return (this.flags & COMMAND_FLAG.extendedTypes) !== 0
  }

  get hasEnforcedQuotas(): boolean {
    return (this.flags & COMMAND_FLAG.enforceQuota) !== 0
  }

  get mayReconfigure(): boolean {
    return (this.flags & COMMAND_FLAG.reconfig) !== 0
  }

  /** Decoded anew at each call: asked for only where an ACL is not the open one. */
  get ids(): readonly AuthId[] {
    return decodeIds(new ByteReader(this.command, HEADER_SIZE_MIN, this.recordAt))
  }
}

const EMPTY = Buffer.alloc(0)
const IDS_MAX = 255
const IDS_SIZE_MAX = 0xffff

/**
 * The ids of a connection in the form that its commands carry.
 *
 * @returns null when they do not fit (255 ids, 65,535 bytes): the caller refuses the id that was added last
 */
export function tryEncodeIds(ids: readonly AuthId[]): Buffer | null {
  if (ids.length > IDS_MAX) return null
  const encoded = encodeIds(ids)
  return encoded.length > IDS_SIZE_MAX ? null : encoded
}

function encodeIds(ids: readonly AuthId[]): Buffer {
  const out = new ByteWriter(64)
  out.byte(ids.length)
  for (const { scheme, id } of ids) out.string(scheme).string(id)
  return out.take()
}

function decodeIds(from: ByteReader): readonly AuthId[] {
  const count = from.byte('command.ids')
  const ids: AuthId[] = []
  for (let index = 0; index < count; index++) {
    ids.push({ scheme: from.string('command.ids.scheme'), id: from.string('command.ids.id') })
  }
  return ids
}
