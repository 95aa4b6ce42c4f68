import { handshakeBytes, readHandshake } from './handshake.ts'
import type { Auditor } from './auditor.ts'
import { OPEN, QUOTAS } from './pools.ts'
import { RawConnection } from './raw-connection.ts'
import { frameOf } from './request-bytes.ts'
import {
  endsConnection,
  requestText,
  type NumberedStep,
  type RequestFrame,
  type Sequence,
  type Since,
} from './sequence.ts'
import type { Entry, Transcript } from './transcript.ts'

/** Servers that are said to be the same. */
export interface Target {
  readonly name: string
  /** One server, or several of one ensemble. */
  readonly ports: readonly number[]
}

/** For an answer: long, for it passes only when something is wrong, and a busy machine is not. */
const ANSWER_DEADLINE_MS = 15_000
/** For a close that must come. */
const CLOSE_DEADLINE_MS = 5_000
/** Larger than any zxid, and still an exact number. */
const FUTURE_ZXID = 2 ** 52
const BARRIER_XID = -2

interface Link {
  readonly name: string
  readonly session: Session
  readonly server: number
  /** The session has gone to another server. */
  isLeft: boolean
  readonly raw: RawConnection
  /** Requests without a reply yet; null is a barrier, which the transcript leaves out. */
  readonly pending: (RequestFrame | null)[]
  isShakingHands: boolean
  nextXid: number
}

interface Session {
  readonly name: string
  id: bigint
  password: Buffer | null
  isOver: boolean
  connectionCount: number
  server: number
  link: Link | null
  /** The connection to another server, before this one. */
  left: Link | null
  /** The latest zxid seen, and that of earlier steps. */
  lastZxid: number
  readonly zxids: { readonly step: number; readonly zxid: number }[]
}

/** One sequence with one target: sends each step, waits for its replies and keeps what came. */
export class Conversation {
  readonly #target: Target
  readonly #root: string
  readonly #auditors: readonly Auditor[]
  readonly #entries: Entry[] = []
  readonly #sessions = new Map<string, Session>()
  readonly #names = new Map<bigint, string>()
  #step = 0
  #group: number | null = null
  #groupCount = 0

  /** @param auditors one for each server */
  constructor(target: Target, root: string, auditors: readonly Auditor[]) {
    this.#target = target
    this.#root = root
    this.#auditors = auditors
  }

  async run(sequence: Sequence): Promise<Transcript> {
    const [auditor] = this.#auditors
    if (auditor === undefined) throw new Error('a target has at least one server')
    const hasQuotas = JSON.stringify(sequence).includes(`${QUOTAS}~`)
    const tops = hasQuotas ? ['~', `${QUOTAS}~`] : ['~']
    const rootZxid = await auditor.plant(this.#root)
    try {
      for (const step of sequence.steps) {
        this.#step = step.id
        await this.#take(step)
        for (const session of this.#sessions.values()) session.zxids.push({ step: step.id, zxid: session.lastZxid })
      }
      this.#step++
      await this.#barrier()
      await auditor.sync()
      this.#entries.push(...(await auditor.walk(tops, this.#root, this.#step)).entries)
      for (const session of this.#sessions.values()) {
        this.#step++
        await this.#closeSession(session)
      }
      this.#step++
      await auditor.sync()
      const { entries, paths } = await auditor.walk(tops, this.#root, this.#step)
      this.#entries.push(...entries)
      await auditor.remove(this.#root, paths)
      return { root: this.#root, entries: this.#entries, sessions: this.#names, rootZxid }
    } finally {
      for (const { link, left } of this.#sessions.values()) {
        link?.raw.cut()
        left?.raw.cut()
      }
    }
  }

  async #take(step: NumberedStep): Promise<void> {
    switch (step.kind) {
      case 'connect': {
        const session = this.#newSession(step.session)
        const password = { zeros: Buffer.alloc(16), empty: Buffer.alloc(0), null: null }[step.password]
        await this.#connect(session, { ...step, password })
        return
      }
      case 'attach': {
        const session = this.#sessions.get(step.session)
        if (session === undefined) return
        const isRight = step.password === 'right'
        // Apache would close the connection that the session has, whoever asks: see the differences on purpose.
        if (!isRight) await this.#cut(session)
        await this.#connect(session, { ...step, password: isRight ? session.password : Buffer.alloc(16, 0x55) })
        return
      }
      case 'cut': {
        const session = this.#sessions.get(step.session)
        if (session !== undefined) await this.#cut(session)
        return
      }
      case 'send': {
        const link = this.#linkOf(step.session)
        if (link !== null) await this.#send(link, step.frames)
        return
      }
      case 'sendLeft': {
        await this.#sendLeft(step.session, step.frames)
        return
      }
      case 'expire': {
        const session = this.#sessions.get(step.session)
        if (session !== undefined && session.id !== 0n && !session.isOver) await this.#expire(session, step)
        return
      }
      case 'raw': {
        const link = this.#linkOf(step.session)
        if (link === null) return
        await this.#barrier()
        this.#add(link.name, { kind: 'sent', text: `bytes ${step.bytes}` })
        link.raw.send(Buffer.from(step.bytes, 'hex'))
        await this.#awaitClose(link)
        return
      }
    }
  }

  async #send(link: Link, frames: readonly RequestFrame[]): Promise<void> {
    await this.#catchUp(link)
    const closesSession = frames.some(({ request }) => request.op === 'closeSession')
    if (frames.some(endsConnection)) await this.#barrier()
    // The ephemerals of a session go together, in no promised order.
    if (closesSession) this.#group = ++this.#groupCount
    this.#write(link, frames)
    await this.#awaitAnswers(link)
    if (frames.some(endsConnection)) await this.#awaitClose(link)
    if (!closesSession) return
    link.session.isOver = true
    await this.#barrier()
    this.#group = null
  }

  #write(link: Link, frames: readonly RequestFrame[]): void {
    const around = { root: this.#root, zxidOf: (since: Since) => zxidOf(link.session, since) }
    const bytes: Buffer[] = []
    for (const frame of frames) {
      this.#add(link.name, { kind: 'sent', text: requestText(frame) })
      link.pending.push(frame)
      bytes.push(frameOf(frame, frame.xid ?? link.nextXid++, around))
    }
    link.raw.send(Buffer.concat(bytes))
  }

  /** The first write through the old connection of a session that has moved ends that connection. */
  async #sendLeft(name: string, frames: readonly RequestFrame[]): Promise<void> {
    const link = this.#sessions.get(name)?.left ?? null
    if (link === null || link.raw.isClosed) {
      this.#add(name, { kind: 'note', text: 'no connection was left' })
      return
    }
    // Not by a sync of its own: that would be a write.
    await this.#auditors[link.server]?.sync()
    link.isLeft = false
    this.#write(link, frames)
    await this.#awaitAnswers(link)
    link.isLeft = true
  }

  async #expire(session: Session, how: { readonly server: number; readonly timeoutMs: number }): Promise<void> {
    await this.#connect(session, { ...how, since: 'seen', password: session.password })
    const { link } = session
    if (link === null || link.raw.isClosed || link.isShakingHands) return
    // Beside the subtree, so that the sequence does not see it.
    const trace = `${this.#root}-${link.name}`
    const frame: RequestFrame = { request: { op: 'create', path: trace, data: null, acl: OPEN, flags: 1 } }
    link.pending.push(null)
    link.raw.send(frameOf(frame, 1, { root: this.#root, zxidOf: () => 0 }))
    await this.#awaitAnswers(link)
    await this.#cut(session)
    this.#group = ++this.#groupCount
    const isExpired = await this.#auditors[0]?.untilGone(trace)
    this.#add(link.name, { kind: 'note', text: isExpired === true ? 'expired' : 'does not expire' })
    session.isOver = true
    for (const auditor of this.#auditors) await auditor.sync()
    await this.#barrier()
    this.#group = null
  }

  async #closeSession(session: Session): Promise<void> {
    if (session.isOver || session.id === 0n) return
    if (session.link === null || session.link.raw.isClosed) {
      const { server } = session
      await this.#connect(session, { server, timeoutMs: 30_000, since: 'seen', password: session.password })
    }
    if (session.link !== null) await this.#send(session.link, [{ request: { op: 'closeSession' } }])
  }

  #newSession(name: string): Session {
    const session: Session = {
      name,
      id: 0n,
      password: null,
      isOver: false,
      connectionCount: this.#sessions.get(name)?.connectionCount ?? 0,
      server: 0,
      link: null,
      left: null,
      lastZxid: 0,
      zxids: [],
    }
    this.#sessions.get(name)?.link?.raw.cut()
    this.#sessions.set(name, session)
    return session
  }

  async #connect(
    session: Session,
    how: {
      readonly server: number
      readonly timeoutMs: number
      readonly since: Since
      readonly password: Buffer | null
      readonly readOnly?: boolean | null
    },
  ): Promise<void> {
    const server = how.server % this.#target.ports.length
    await this.#barrier()
    const old = session.link
    // A server that has not seen what the client has seen would turn it away.
    if (this.#target.ports.length > 1) await this.#auditors[server]?.sync()
    const name = `${session.name}${++session.connectionCount}`
    const raw = new RawConnection(
      this.#target.ports[server] ?? 0,
      (payload) => this.#onFrame(link, payload),
      () => {
        if (!link.isLeft) this.#add(name, { kind: 'note', text: 'closed' })
      },
    )
    const link: Link = { name, session, server, isLeft: false, raw, pending: [], isShakingHands: true, nextXid: 1 }
    const { timeoutMs, password } = how
    const readOnly = how.readOnly === undefined ? false : how.readOnly
    this.#add(name, { kind: 'sent', text: session.id === 0n ? 'a new session' : `session ${session.name} again` })
    raw.send(handshakeBytes({ zxid: zxidOf(session, how.since), timeoutMs, id: session.id, password, readOnly }))
    session.server = server
    session.link = link
    const isInTime = await raw.until(() => raw.isClosed || !link.isShakingHands, ANSWER_DEADLINE_MS)
    if (!isInTime) this.#add(name, { kind: 'note', text: 'no answer to the handshake' })
    if (link.isShakingHands) return
    const isRefused = session.link === null
    if (isRefused) await this.#awaitClose(link)
    else if (old !== null && old.server !== server) this.#leave(session, old)
    else if (old !== null && !old.raw.isClosed) await this.#awaitClose(old)
  }

  #leave(session: Session, old: Link): void {
    old.isLeft = true
    session.left?.raw.cut()
    session.left = old
  }

  /** What the server has sent so far is read first. */
  async #cut(session: Session): Promise<void> {
    await this.#barrier()
    session.link?.raw.cut()
    session.link = null
  }

  /** @returns null, and says so in the transcript, when the session has no connection */
  #linkOf(name: string): Link | null {
    const link = this.#sessions.get(name)?.link ?? null
    if (link !== null && !link.raw.isClosed && !link.isShakingHands) return link
    this.#add(name, { kind: 'note', text: 'not connected' })
    return null
  }

  #onFrame(link: Link, payload: Buffer): void {
    const { session } = link
    if (link.isShakingHands) {
      link.isShakingHands = false
      this.#add(link.name, { kind: 'handshake', payload })
      const { timeoutMs, id, password } = readHandshake(payload)
      if (timeoutMs === 0) {
        session.link = null
      } else {
        session.id = id
        session.password = password
        this.#names.set(id, session.name)
      }
      return
    }
    if (payload.readInt32BE(0) === -1) {
      this.#add(link.name, { kind: 'event', payload, group: this.#group })
      return
    }
    const zxid = Number(payload.readBigInt64BE(4))
    if (zxid > session.lastZxid) session.lastZxid = zxid
    const frame = link.pending.shift()
    if (frame === undefined) this.#add(link.name, { kind: 'note', text: `unasked: ${payload.toString('hex')}` })
    else if (frame !== null) this.#add(link.name, { kind: 'reply', frame, payload })
  }

  /** In an ensemble a session sees what others did through other servers once it has synced. */
  async #catchUp(link: Link): Promise<void> {
    if (this.#target.ports.length === 1) return
    this.#sendBarrier(link)
    await this.#awaitAnswers(link)
  }

  /** Brings in all events of what has happened so far. */
  async #barrier(): Promise<void> {
    const links = [...this.#sessions.values()].flatMap(({ link }) => (link === null ? [] : [link]))
    const open = links.filter((link) => !link.raw.isClosed && !link.isShakingHands)
    for (const link of open) this.#sendBarrier(link)
    await Promise.all(open.map((link) => this.#awaitAnswers(link)))
  }

  #sendBarrier(link: Link): void {
    const isAlone = this.#target.ports.length === 1
    const frame: RequestFrame = { request: isAlone ? { op: 'ping' } : { op: 'sync', path: '/' } }
    link.pending.push(null)
    link.raw.send(frameOf(frame, BARRIER_XID, { root: this.#root, zxidOf: () => 0 }))
  }

  async #awaitAnswers(link: Link): Promise<void> {
    const isInTime = await link.raw.until(() => link.raw.isClosed || link.pending.length === 0, ANSWER_DEADLINE_MS)
    if (isInTime) return
    this.#add(link.name, { kind: 'note', text: 'no answer' })
    link.raw.cut()
  }

  async #awaitClose(link: Link): Promise<void> {
    if (await link.raw.until(() => link.raw.isClosed, CLOSE_DEADLINE_MS)) return
    this.#add(link.name, { kind: 'note', text: 'stays open' })
    link.raw.cut()
  }

  #add(connection: string, what: EntryBody): void {
    this.#entries.push({ connection, step: this.#step, ...what })
  }
}

/** Distributes over the union, as `Omit` alone does not. */
type EntryBody = Entry extends infer Each ? (Each extends Entry ? Omit<Each, 'connection' | 'step'> : never) : never

function zxidOf(session: Session, since: Since): number {
  if (since === 'zero') return 0
  if (since === 'seen') return session.lastZxid
  if (since === 'future') return FUTURE_ZXID
  return session.zxids.findLast(({ step }) => step <= since.step)?.zxid ?? 0
}
