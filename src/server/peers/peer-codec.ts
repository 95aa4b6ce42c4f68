import { unreachable } from '../../kernel/assert.ts'
import type { ByteReader, ByteWriter } from '../../kernel/bytes.ts'
import { DecodeError } from '../../kernel/bytes.ts'
import { SlabArena } from '../../kernel/slab-arena.ts'
import type { Ballot } from '../../paxos/ballot.ts'
import type { Entry, Slot } from '../../paxos/entry.ts'
import { slotOf } from '../../paxos/entry.ts'
import type { PeerMessage } from './peer-message.ts'
import type { AttachedSession } from '../replication/replicated-service.ts'

/**
 * Records between servers: a kind byte, then the fields in the order of their types, in jute's primitives. Ballots,
 * slots, grants and request numbers are 64-bit floats, which hold safe integers. Not a public format: `PEER_VERSION`
 * in the hello keeps unlike builds apart.
 */
export const PEER_VERSION = 1

const KINDS = [
  'hello',
  'forward',
  'refused',
  'syncAsked',
  'syncDone',
  'attachAsked',
  'attachDone',
  'touches',
  'sessionReport',
  'snapshotWanted',
  'snapshotPart',
  'snapshotTaken',
  'digest',
  'ask',
  'answer',
  'prepare',
  'promise',
  'reject',
  'fetch',
  'fetched',
  'install',
  'accept',
  'accepted',
  'gap',
  'chosen',
  'heartbeat',
  'heartbeatAck',
] as const satisfies readonly PeerMessage['kind'][]

const CODE = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<PeerMessage['kind'], number>
const ENTRY_SIZE_MIN = 5
const SESSION_SIZE = 24

export function writePeerMessage(out: ByteWriter, message: PeerMessage): void {
  out.byte(CODE[message.kind])
  switch (message.kind) {
    case 'accept':
      out.float64(message.ballot).float64(message.after).float64(message.chosenSlot)
      return writeEntries(out, message.entries)
    case 'accepted':
      out.float64(message.ballot).float64(message.slot)
      return
    case 'chosen':
      out.float64(message.ballot).float64(message.slot)
      return
    case 'forward':
      out.float64(message.ballot).float64(message.number).buffer(message.command)
      return
    case 'heartbeat':
      out.float64(message.ballot).float64(message.round).float64(message.chosenSlot)
      return
    case 'heartbeatAck':
      out.float64(message.ballot).float64(message.round).float64(message.slot)
      return
    case 'hello':
      out.byte(PEER_VERSION).byte(message.from).string(message.ensemble)
      return
    case 'refused':
      out.float64(message.requestNumber).boolean(message.refusal === 'moved')
      return
    case 'syncAsked':
      out.float64(message.ballot).float64(message.requestNumber)
      return
    case 'syncDone':
      out.float64(message.requestNumber).float64(message.slot)
      return
    case 'attachAsked': {
      const { request } = message
      out.float64(message.ballot).float64(request.requestNumber).int32(request.sessionHigh).int32(request.sessionLow)
      out.buffer(request.password).int32(request.timeoutMs).uint32(request.connection)
      return
    }
    case 'attachDone':
      out.float64(message.requestNumber).float64(message.grant ?? -1)
      return
    case 'touches':
      out.int32(message.sessions.length)
      for (const half of message.sessions) out.int32(half)
      return
    case 'sessionReport':
      out.float64(message.ballot).int32(message.sessions.length)
      for (const { high, low, timeoutMs, connection, grant } of message.sessions) {
        out.int32(high).int32(low).int32(timeoutMs).uint32(connection).float64(grant)
      }
      return
    case 'snapshotWanted':
      return
    case 'snapshotPart':
      out.float64(message.slot).int32(message.index).boolean(message.isLast).buffer(message.bytes)
      return
    case 'snapshotTaken':
      out.float64(message.slot).int32(message.index)
      return
    case 'digest':
      out.float64(message.slot).uint32(message.digest)
      return
    case 'ask':
      out.int32(message.attempt)
      return
    case 'answer':
      out.int32(message.attempt).boolean(message.hearsLeader).boolean(message.isVoting).boolean(message.isEmpty)
      out.float64(message.promised).float64(message.logBallot).float64(message.lastSlot)
      return
    case 'prepare':
      out.float64(message.ballot)
      return
    case 'promise':
      out.float64(message.ballot).boolean(message.isVoting).float64(message.logBallot)
      out.float64(message.startSlot).float64(message.lastSlot).float64(message.chosenSlot)
      return
    case 'reject':
      out.float64(message.promised)
      return
    case 'fetch':
      out.float64(message.ballot).float64(message.after)
      return
    case 'fetched':
      out.float64(message.ballot).float64(message.after).float64(message.lastSlot)
      return writeEntries(out, message.entries)
    case 'install':
      out.float64(message.ballot).float64(message.base).float64(message.after).boolean(message.isLast)
      out.float64(message.chosenSlot).float64(message.openingSlot)
      return writeEntries(out, message.entries)
    case 'gap':
      out.float64(message.ballot).float64(message.lastSlot)
      return
    default:
      unreachable(message, 'writePeerMessage')
  }
}

/** @throws DecodeError for anything that `writePeerMessage` does not write */
export function readPeerMessage(from: ByteReader): PeerMessage {
  const code = from.byte('kind')
  const kind = KINDS[code]
  if (kind === undefined) throw new DecodeError(`a peer sent a record of the unknown kind ${code}`)
  switch (kind) {
    case 'accept':
      return {
        kind,
        ballot: readBallot(from),
        after: readSlot(from, 'after'),
        chosenSlot: readSlot(from, 'chosenSlot'),
        entries: readEntries(from),
      }
    case 'accepted':
    case 'chosen':
      return { kind, ballot: readBallot(from), slot: readSlot(from, 'slot') }
    case 'forward':
      return {
        kind,
        ballot: readBallot(from),
        number: from.float64('number'),
        command: ownBytes(from, 'command'),
      }
    case 'heartbeat':
      return {
        kind,
        ballot: readBallot(from),
        round: from.float64('round'),
        chosenSlot: readSlot(from, 'chosenSlot'),
      }
    case 'heartbeatAck':
      return { kind, ballot: readBallot(from), round: from.float64('round'), slot: readSlot(from, 'slot') }
    case 'hello': {
      const version = from.byte('version')
      if (version !== PEER_VERSION) throw new DecodeError(`the peer speaks version ${version}, not ${PEER_VERSION}`)
      return { kind, from: from.byte('from'), ensemble: from.string('ensemble') }
    }
    case 'refused':
      return {
        kind,
        requestNumber: from.float64('requestNumber'),
        refusal: from.boolean('refusal') ? 'moved' : 'closing',
      }
    case 'syncAsked':
      return { kind, ballot: readBallot(from), requestNumber: from.float64('requestNumber') }
    case 'syncDone':
      return { kind, requestNumber: from.float64('requestNumber'), slot: readSlot(from, 'slot') }
    case 'attachAsked':
      return {
        kind,
        ballot: readBallot(from),
        request: {
          requestNumber: from.float64('requestNumber'),
          sessionHigh: from.int32('sessionHigh'),
          sessionLow: from.int32('sessionLow'),
          password: ownBytes(from, 'password'),
          timeoutMs: from.int32('timeoutMs'),
          connection: from.uint32('connection'),
        },
      }
    case 'attachDone': {
      const requestNumber = from.float64('requestNumber')
      const grant = from.float64('grant')
      return { kind, requestNumber, grant: grant < 0 ? null : grant }
    }
    case 'touches': {
      const count = Math.max(0, from.count('sessions', 4))
      const sessions: number[] = []
      for (let index = 0; index < count; index++) sessions.push(from.int32('half'))
      return { kind, sessions }
    }
    case 'sessionReport': {
      const ballot = readBallot(from)
      const count = Math.max(0, from.count('sessions', SESSION_SIZE))
      const sessions: AttachedSession[] = []
      for (let index = 0; index < count; index++) {
        sessions.push({
          high: from.int32('high'),
          low: from.int32('low'),
          timeoutMs: from.int32('timeoutMs'),
          connection: from.uint32('connection'),
          grant: from.float64('grant'),
        })
      }
      return { kind, ballot, sessions }
    }
    case 'snapshotWanted':
      return { kind }
    case 'snapshotPart':
      return {
        kind,
        slot: readSlot(from, 'slot'),
        index: from.int32('index'),
        isLast: from.boolean('isLast'),
        bytes: ownBytes(from, 'bytes'),
      }
    case 'snapshotTaken':
      return { kind, slot: readSlot(from, 'slot'), index: from.int32('index') }
    case 'digest':
      return { kind, slot: readSlot(from, 'slot'), digest: from.uint32('digest') }
    case 'ask':
      return { kind, attempt: from.int32('attempt') }
    case 'answer':
      return {
        kind,
        attempt: from.int32('attempt'),
        hearsLeader: from.boolean('hearsLeader'),
        isVoting: from.boolean('isVoting'),
        isEmpty: from.boolean('isEmpty'),
        promised: readBallot(from),
        logBallot: readBallot(from),
        lastSlot: readSlot(from, 'lastSlot'),
      }
    case 'prepare':
      return { kind, ballot: readBallot(from) }
    case 'promise':
      return {
        kind,
        ballot: readBallot(from),
        isVoting: from.boolean('isVoting'),
        logBallot: readBallot(from),
        startSlot: readSlot(from, 'startSlot'),
        lastSlot: readSlot(from, 'lastSlot'),
        chosenSlot: readSlot(from, 'chosenSlot'),
      }
    case 'reject':
      return { kind, promised: readBallot(from) }
    case 'fetch':
      return { kind, ballot: readBallot(from), after: readSlot(from, 'after') }
    case 'fetched':
      return {
        kind,
        ballot: readBallot(from),
        after: readSlot(from, 'after'),
        lastSlot: readSlot(from, 'lastSlot'),
        entries: readEntries(from),
      }
    case 'install':
      return {
        kind,
        ballot: readBallot(from),
        base: readSlot(from, 'base'),
        after: readSlot(from, 'after'),
        isLast: from.boolean('isLast'),
        chosenSlot: readSlot(from, 'chosenSlot'),
        openingSlot: readSlot(from, 'openingSlot'),
        entries: readEntries(from),
      }
    case 'gap':
      return { kind, ballot: readBallot(from), lastSlot: readSlot(from, 'lastSlot') }
    default:
      return unreachable(kind, 'readPeerMessage')
  }
}

/** The kind byte and the payload of one entry; also the form in which the log keeps it. */
export function writeEntry(out: ByteWriter, entry: Entry): void {
  out.byte(entry.kind === 'opening' ? 0 : 1).buffer(entry.payload)
}

export function readEntry(from: ByteReader): Entry {
  const code = from.byte('entry.kind')
  if (code > 1) throw new DecodeError(`a log entry has the unknown kind ${code}`)
  return { kind: code === 0 ? 'opening' : 'command', payload: ownBytes(from, 'entry.payload') }
}

function writeEntries(out: ByteWriter, entries: readonly Entry[]): void {
  out.int32(entries.length)
  for (const entry of entries) writeEntry(out, entry)
}

function readEntries(from: ByteReader): Entry[] {
  const count = Math.max(0, from.count('entries', ENTRY_SIZE_MIN))
  const entries: Entry[] = []
  for (let index = 0; index < count; index++) entries.push(readEntry(from))
  return entries
}

/**
 * Where commands lie until the log needs them no more. They go in the order in which they came, so a slab is never kept by
 * a few of them for long.
 */
const commandRoom = new SlabArena()

/** A copy: what was read is written over. */
function ownBytes(from: ByteReader, field: string): Buffer {
  const view = from.buffer(field)
  if (view === null) throw new DecodeError(`${field} is null`)
  const own = commandRoom.piece(view.length)
  own.set(view)
  return own
}

function readBallot(from: ByteReader): Ballot {
  return whole(from.float64('ballot'), 'ballot') as Ballot
}

function readSlot(from: ByteReader, field: string): Slot {
  return slotOf(whole(from.float64(field), field))
}

function whole(value: number, field: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new DecodeError(`${field} is ${value}`)
  return value
}
