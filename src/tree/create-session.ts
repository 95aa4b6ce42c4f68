import type { ByteReader } from '../kernel/bytes.ts'
import { WireError } from '../protocol/wire-error.ts'
import { Session } from './session.ts'
import type { Transaction } from './transaction.ts'

/**
 * createSession: the record of a command that a server makes for a client's handshake.
 *
 *   timeoutMs: int · password: buffer
 */
export interface CreateSessionRecord {
  readonly timeoutMs: number
  readonly password: Uint8Array
}

export function encodeCreateSession(record: CreateSessionRecord): Buffer {
  const bytes = Buffer.allocUnsafe(8 + record.password.length)
  bytes.writeInt32BE(record.timeoutMs, 0)
  bytes.writeInt32BE(record.password.length, 4)
  bytes.set(record.password, 8)
  return bytes
}

export function readCreateSession(from: ByteReader): CreateSessionRecord {
  const timeoutMs = from.int32('createSession.timeoutMs')
  // Copied: 16 bytes should not keep a command alive.
  return { timeoutMs, password: Buffer.from(from.buffer('createSession.password') ?? NO_BYTES) }
}

/** Fails with SYSTEMERROR, which no client sees, when the id is taken: its server draws another one. */
export function createSession(tx: Transaction, record: CreateSessionRecord): number {
  const { sessionHigh: high, sessionLow: low } = tx.header
  if ((high === 0 && low === 0) || !tx.sessions.isFree(high, low)) return WireError.systemError
  tx.sessions.add(new Session({ high, low }, record.timeoutMs, record.password, tx.zxid))
  tx.mixNumber(high)
  tx.mixNumber(low)
  tx.mixNumber(record.timeoutMs)
  return WireError.ok
}

const NO_BYTES = Buffer.alloc(0)
