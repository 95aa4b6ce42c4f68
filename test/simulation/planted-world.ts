import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import { readPeerMessage, writePeerMessage } from '../../src/server/peers/peer-codec.ts'
import type { Forward, PeerMessage } from '../../src/server/peers/peer-message.ts'
import type { Meddler } from '../../src/sim/sim-connection.ts'

const FRAME_HEADER_BYTES = 4

interface LinkState {
  /** The bytes of a frame whose end is not written yet. */
  rest: Buffer
  /** What this link forwarded, to be sent again on the next one. */
  readonly forwarded: Buffer[]
  /** From the link before. */
  unsure: Buffer[]
  /** By how much the numbers of this link are shifted. */
  resentCount: number
}

/**
 * A link between servers that means well: what it forwarded to the leader and then broke, it forwards once more on the
 * next connection, correctly numbered, as soon as the leader may take it.
 */
export function resendingLink(): Meddler {
  const links = new Map<number, LinkState>()
  const lastOfPair = new Map<string, number>()
  return (from, to, connection, bytes) => {
    if (!from.startsWith('r') || !to.startsWith('r')) return bytes
    let link = links.get(connection)
    if (link === undefined) {
      const pair = `${from}>${to}`
      const before = links.get(lastOfPair.get(pair) ?? 0)
      link = { rest: Buffer.alloc(0), forwarded: [], unsure: before?.forwarded.slice(-20) ?? [], resentCount: 0 }
      links.set(connection, link)
      lastOfPair.set(pair, connection)
    }
    const out = new ByteWriter()
    let pending = Buffer.concat([link.rest, bytes])
    while (pending.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + pending.readInt32BE(0)
      if (pending.length < end) break
      for (const message of passed(readPeerMessage(new ByteReader(pending, FRAME_HEADER_BYTES, end)), link)) {
        writeFrame(out, message)
      }
      pending = pending.subarray(end)
    }
    link.rest = Buffer.from(pending)
    return out.take()
  }
}

function* passed(message: PeerMessage, link: LinkState): Iterable<PeerMessage> {
  if (message.kind === 'forward') {
    link.forwarded.push(Buffer.from(message.command))
    yield { ...message, number: message.number + link.resentCount }
    return
  }
  yield message
  if (message.kind !== 'sessionReport') return
  // A new ballot: the numbers begin again, and whatever came before is unsure.
  link.resentCount = 0
  for (const command of link.unsure) {
    link.resentCount++
    const again: Forward = { kind: 'forward', ballot: message.ballot, number: link.resentCount, command }
    yield again
  }
  link.unsure = []
}

function writeFrame(out: ByteWriter, message: PeerMessage): void {
  const at = out.reserve(FRAME_HEADER_BYTES)
  writePeerMessage(out, message)
  out.patchInt32(at, out.size - at - FRAME_HEADER_BYTES)
}
