import { Namer } from './namer.ts'
import { errorText, eventText, handshakeText, recordText } from './reply-text.ts'
import { isWrite, type OpName } from './sequence.ts'
import type { Entry, Transcript } from './transcript.ts'

/** An entry as it is compared and printed. */
export interface Line {
  readonly step: number
  /** `<` came from the server, `>` went to it. */
  readonly text: string
  /** Of a reply. */
  readonly reply: { readonly op: OpName; readonly error: number; readonly resultErrors: readonly number[] } | null
}

/** What was seen, connection by connection: between two connections there is no order to compare. */
export type Lines = ReadonlyMap<string, readonly Line[]>

export function linesOf(transcript: Transcript): Lines {
  const namer = new Namer(transcript)
  const lines = new Map<string, Line[]>()
  const groups = new Map<string, Line[]>()
  // Over all connections: a read may show any state that is not older than what was answered before.
  let newest = 0n
  for (const entry of transcript.entries) {
    const own = lines.get(entry.connection) ?? []
    lines.set(entry.connection, own)
    if (entry.kind === 'event' && entry.group !== null) {
      const key = `${entry.connection} ${entry.group}`
      const group = groups.get(key) ?? []
      groups.set(key, group)
      group.push(lineOf(entry, namer, newest))
      group.sort((a, b) => (a.text < b.text ? -1 : 1))
      own.splice(own.length - group.length + 1, group.length - 1, ...group)
      continue
    }
    own.push(lineOf(entry, namer, newest))
    if (entry.kind === 'reply' && entry.connection !== 'audit' && isWrite(entry.frame.request.op)) {
      const zxid = entry.payload.readBigInt64BE(4)
      if (zxid > newest) newest = zxid
    }
  }
  return lines
}

function lineOf(entry: Entry, namer: Namer, newest: bigint): Line {
  const { step } = entry
  switch (entry.kind) {
    case 'sent':
      return { step, text: `> ${entry.text}`, reply: null }
    case 'note':
      return { step, text: `< ${entry.text}`, reply: null }
    case 'handshake':
      return { step, text: `< ${handshakeText(entry.payload, namer)}`, reply: null }
    case 'event':
      return { step, text: `< ${eventText(entry.payload, namer)}`, reply: null }
    case 'reply':
      return replyLine(entry, namer, newest)
  }
}

function replyLine(entry: Entry & { readonly kind: 'reply' }, namer: Namer, newest: bigint): Line {
  const { payload, frame, step } = entry
  if (payload.length < 16) return { step, text: `< a short reply: ${payload.toString('hex')}`, reply: null }
  const { request } = frame
  const xid = payload.readInt32BE(0)
  const error = payload.readInt32BE(12)
  const text = recordText(request, error, payload, namer)
  const reply = {
    op: request.op,
    error,
    resultErrors: request.op === 'multi' && error === 0 ? resultErrors(payload) : [],
  }
  if (entry.connection === 'audit')
    return { step, text: `< ${pathOf(request)} ${request.op} ${errorText(error)}${text}`, reply }
  const zxid = payload.readBigInt64BE(4)
  const when = zxid <= 0n || isWrite(request.op) ? namer.zxid(zxid) : zxid >= newest ? 'now' : `old ${namer.zxid(zxid)}`
  return { step, text: `< ${xid} ${request.op} ${errorText(error)} at ${when}${text}`, reply }
}

function pathOf(request: object): string {
  return 'path' in request ? String(request.path) : ''
}

/** Codes of the results of a multi that failed: each takes 9 bytes of header and 4 of its code. */
function resultErrors(payload: Buffer): number[] {
  const errors: number[] = []
  for (let at = 16; at + 13 <= payload.length && payload.readInt32BE(at) === -1 && payload[at + 4] === 0; at += 13) {
    errors.push(payload.readInt32BE(at + 5))
  }
  return errors
}
