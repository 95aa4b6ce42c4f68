import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/kernel/bytes.ts'
import { firstDifference, transcriptText } from './compare.ts'
import { sequenceOf } from './generate.ts'
import { KNOWN_DIFFERENCES } from './known-differences.ts'
import { linesOf, type Lines } from './lines.ts'
import { isShared } from './pools.ts'
import { endsConnection, type Request, type Sequence } from './sequence.ts'
import { partsOf, shrink, withParts } from './shrink.ts'
import type { Entry, Transcript } from './transcript.ts'

const SEEDS = Array.from({ length: 400 }, (_each, index) => index + 1)

interface Seen {
  readonly root: string
  readonly session: bigint
  readonly zxid: bigint
  readonly timeMs: bigint
}

const ONE: Seen = { root: '/d1', session: 0x1234n, zxid: 100n, timeMs: 1_700_000_000_000n }

/** A session creates a znode, sets its data, and hears of it. */
function transcriptOf(
  { root, session, zxid, timeMs }: Seen,
  change: (entries: Entry[]) => void = () => undefined,
): Lines {
  const entries: Entry[] = []
  const add = (entry: Omit<Extract<Entry, { kind: 'reply' }>, 'connection' | 'step' | 'kind'>): void => {
    entries.push({ connection: 'a1', step: entries.length, kind: 'reply', ...entry })
  }
  entries.push({ connection: 'a1', step: 0, kind: 'handshake', payload: handshake(session) })
  add({
    frame: { request: { op: 'create', path: '~/x', data: '', acl: [], flags: 1 } },
    payload: reply(1, zxid + 1n, 0, (out) => out.string(`${root}/x`)),
  })
  entries.push({ connection: 'a1', step: 2, kind: 'event', group: null, payload: event(3, `${root}/x`) })
  add({
    frame: { request: { op: 'setData', path: '~/x', data: '', version: -1 } },
    payload: reply(2, zxid + 2n, 0, (out) => stat(out, { session, zxid, timeMs })),
  })
  add({ frame: { request: { op: 'delete', path: '~/x', version: 7 } }, payload: reply(3, zxid + 3n, -103) })
  change(entries)
  return linesOf({ root, entries, sessions: new Map([[session, 'a']]), rootZxid: zxid } satisfies Transcript)
}

function reply(xid: number, zxid: bigint, error: number, record: (out: ByteWriter) => unknown = () => 0): Buffer {
  const out = new ByteWriter(128)
  out.int32(xid).long(zxid).int32(error)
  record(out)
  return out.take()
}

function handshake(session: bigint): Buffer {
  return new ByteWriter(64).int32(0).int32(30_000).long(session).buffer(Buffer.alloc(16, 1)).boolean(false).take()
}

function event(type: number, path: string): Buffer {
  return new ByteWriter(64).int32(-1).long(-1n).int32(0).int32(type).int32(3).string(path).take()
}

function stat(out: ByteWriter, { session, zxid, timeMs }: Omit<Seen, 'root'>): void {
  out.long(zxid + 1n).long(zxid + 2n)
  out.long(timeMs).long(timeMs + 5n)
  out.int32(1).int32(0).int32(0).long(session).int32(0).int32(0)
  out.long(zxid + 1n)
}

/** A reply of the transcript, with one of its bytes changed: `at` counts from its end when it is negative. */
function withByte(index: number, at: number): (entries: Entry[]) => void {
  return (entries) => {
    const entry = entries[index]
    if (entry === undefined || !('payload' in entry)) throw new Error('there is no such frame')
    const payload = Buffer.from(entry.payload)
    const position = at < 0 ? payload.length + at : at
    payload[position] = (payload[position] ?? 0) ^ 1
    entries[index] = { ...entry, payload }
  }
}

describe('the comparison', () => {
  test('takes two runs for the same that differ in zxids, session ids, times and where they happened', () => {
    const other = transcriptOf({ root: '/d77', session: 0x99n, zxid: 0x500000000n, timeMs: 1_800_000_000_000n })
    expect(firstDifference(transcriptOf(ONE), other)).toBeNull()
  })

  test.each<[string, (entries: Entry[]) => void]>([
    ['a negotiated timeout', withByte(0, 7)],
    ['a password', (entries) => entries.splice(0, 1, { ...entries[0], payload: handshake(0n) } as Entry)],
    ['an xid', withByte(1, 3)],
    ['an error code', withByte(4, 15)],
    ['a path', withByte(1, -1)],
    ["an event's type", withByte(2, 19)],
    ["an event's path", withByte(2, -1)],
    ['a version of a Stat', withByte(3, 16 + 35)],
    ['the owner of an ephemeral', withByte(3, 16 + 51)],
    ['the pzxid of a Stat', withByte(3, -1)],
    ['the mzxid of a Stat', withByte(3, 16 + 15)],
    ['the zxid of a write', withByte(3, 11)],
    ['an event too few', (entries) => entries.splice(2, 1)],
    ['an event behind the reply that it belongs before', (entries) => entries.splice(3, 0, ...entries.splice(2, 1))],
    ['a reply too few', (entries) => entries.splice(4, 1)],
    ['a byte behind a record', (entries) => entries.push(...entries.splice(4, 1).map(longer))],
    ['a close', (entries) => entries.push({ connection: 'a1', step: 9, kind: 'note', text: 'closed' })],
  ])('sees the difference in %s', (_what, change) => {
    expect(firstDifference(transcriptOf(ONE), transcriptOf(ONE, change))).not.toBeNull()
  })

  test('marks the line in both transcripts', () => {
    const [reference, ours] = [transcriptOf(ONE), transcriptOf(ONE, withByte(4, 15))]
    const difference = firstDifference(reference, ours)
    expect(transcriptText(reference, difference)).toMatch(/^=>.*delete BADVERSION/m)
    expect(transcriptText(ours, difference)).toMatch(/^=>.*delete ERROR -104/m)
  })

  test('has no order for the events of one closed session, and one for all others', () => {
    const events = (paths: readonly string[], group: number | null) => (entries: Entry[]) => {
      for (const path of paths)
        entries.push({ connection: 'b1', step: 5, kind: 'event', group, payload: event(2, path) })
    }
    const run = (paths: readonly string[], group: number | null): Lines => transcriptOf(ONE, events(paths, group))
    expect(firstDifference(run(['/d1/a', '/d1/b'], 1), run(['/d1/b', '/d1/a'], 1))).toBeNull()
    expect(firstDifference(run(['/d1/a', '/d1/b'], 1), run(['/d1/b', '/d1/b'], 1))).not.toBeNull()
    expect(firstDifference(run(['/d1/a', '/d1/b'], null), run(['/d1/b', '/d1/a'], null))).not.toBeNull()
  })

  test('sees that one may look and the other may not', () => {
    const looking = (op: 'exists' | 'getData', error: number) => (entries: Entry[]) => {
      const frame = { request: { op, path: '~/x', watch: false } }
      const payload = reply(4, 200n, error, (out) => (error === 0 ? stat(out, ONE) : 0))
      entries.push({ connection: 'a1', step: 5, kind: 'reply', frame, payload })
    }
    const compare = (op: 'exists' | 'getData') =>
      firstDifference(transcriptOf(ONE, looking(op, 0)), transcriptOf(ONE, looking(op, -102)))
    expect(compare('exists')).not.toBeNull()
    expect(compare('getData')).not.toBeNull()
  })
})

describe('the generator', () => {
  test('makes the same sequence of a seed each time, and another one of another', () => {
    expect(sequenceOf(5, { servers: 1 })).toEqual(sequenceOf(5, { servers: 1 }))
    expect(sequenceOf(5, { servers: 1 })).not.toEqual(sequenceOf(6, { servers: 1 }))
  })

  test('keeps to what has one right answer', () => {
    for (const seed of SEEDS) expect(strayRequests(sequenceOf(seed, { servers: 1 }))).toEqual([])
  })
})

/** Requests whose answer is not determined, or on which we differ from Apache on purpose. */
function strayRequests(sequence: Sequence): string[] {
  const stray: string[] = []
  for (const step of sequence.steps) {
    if (step.kind !== 'send') continue
    for (const [index, frame] of step.frames.entries()) {
      const { request } = frame
      const isLast = index === step.frames.length - 1
      if (request.op === 'check') stray.push('a bare check')
      if (request.op === 'auth' && index > 0) stray.push('auth behind another request')
      if (request.op === 'checkWatches' && sessionsOf(sequence) > 1) stray.push('checkWatches beside another session')
      if ((request.op === 'setACL' || endsConnection(frame)) && !isLast) stray.push(`${request.op} before the end`)
      for (const each of request.op === 'multi' ? request.requests : [request]) stray.push(...strayWrites(each))
    }
  }
  return stray
}

function sessionsOf({ steps }: Sequence): number {
  return new Set(steps.map(({ session }) => session)).size
}

function strayWrites(request: Request): string[] {
  const flags = 'flags' in request ? request.flags : 0
  const fits = { create: [0, 1, 2, 3], create2: [0, 1, 2, 3], createContainer: [4], createTTL: [5, 6] }
  const isMode = flags >= 0 && flags <= 6
  if (request.op in fits && isMode && !fits[request.op as keyof typeof fits].includes(flags)) return ['a wrong flag']
  const isOfAll = ['create', 'create2', 'createContainer', 'createTTL', 'setData', 'setACL'].includes(request.op)
  return isOfAll && 'path' in request && isShared(request.path) ? [`${request.op} of what all share`] : []
}

describe('shrinking', () => {
  test('leaves only what is needed', async () => {
    const sequence = sequenceOf(7, { servers: 1 })
    const all = partsOf(sequence)
    const needed = [all[1], all.at(-2)]
    const parts = await shrink(sequence, (shorter) => {
      // Of a shorter sequence the parts have other numbers, so look for what they are.
      const texts = new Set(shorter.steps.map((step) => JSON.stringify(step)))
      const wanted = withParts(
        sequence,
        needed.filter((part) => part !== undefined),
      ).steps
      return Promise.resolve(wanted.every((step) => [...texts].some((text) => contains(text, step))))
    })
    expect([...parts].sort()).toEqual([...needed].sort())
  })
})

/** Whether a step, as text, has all requests of another. */
function contains(text: string, step: Sequence['steps'][number]): boolean {
  const own = JSON.parse(text) as Sequence['steps'][number]
  if (own.id !== step.id || own.kind !== 'send' || step.kind !== 'send')
    return own.id === step.id && own.kind === step.kind
  const frames = own.frames.map((frame) => JSON.stringify(frame))
  return step.frames.every((frame) => frames.includes(JSON.stringify(frame)))
}

test('docs/differences.md explains each difference on purpose', () => {
  const text = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')
  const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading)
  expect(headings.sort()).toEqual(KNOWN_DIFFERENCES.map(({ name }) => name).sort())
})

function longer(entry: Entry): Entry {
  return 'payload' in entry ? { ...entry, payload: Buffer.concat([entry.payload, Buffer.from([7])]) } : entry
}
