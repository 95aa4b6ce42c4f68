import { ByteReader } from '../../src/kernel/bytes.ts'
import { handshakeBytes, readHandshake } from './handshake.ts'
import { SUPER } from './pools.ts'
import { RawConnection } from './raw-connection.ts'
import { frameOf } from './request-bytes.ts'
import type { Request, RequestFrame } from './sequence.ts'
import type { Entry } from './transcript.ts'

const DEADLINE_MS = 20_000
const POLL_MS = 100
const OPEN_ACL = [{ perms: 31, scheme: 'world', id: 'anyone' }]

/** A server left an auditor without its answers: what the sequence saw there says nothing of how requests are answered. */
export class Interrupted extends Error {}

/** A session of its own, with all rights, that makes the subtree of a sequence, looks at it and takes it away. */
export class Auditor {
  readonly #connection: RawConnection
  readonly #server: string
  readonly #replies: Buffer[] = []
  #asked = 0

  private constructor(port: number, server: string) {
    this.#server = server
    this.#connection = new RawConnection(
      port,
      (payload) => this.#replies.push(payload),
      () => undefined,
    )
  }

  /** @param server what to call it when it does not answer */
  static async connect(port: number, server: string): Promise<Auditor> {
    const auditor = new Auditor(port, server)
    auditor.#connection.send(
      handshakeBytes({ zxid: 0, timeoutMs: 60_000, id: 0n, password: Buffer.alloc(16), readOnly: false }),
    )
    auditor.#asked = 1
    await auditor.#answered()
    const [payload] = auditor.#replies.splice(0)
    if (payload === undefined || readHandshake(payload).timeoutMs === 0) throw new Error('the auditor got no session')
    await auditor.#ask([{ op: 'auth', scheme: 'digest', auth: SUPER }], '')
    return auditor
  }

  /** @throws Interrupted when the server has closed the connection, as it does when it loses its leader */
  expectConnected(): void {
    if (this.#connection.isClosed) throw new Interrupted(`${this.#server} closed the connection of the auditor`)
  }

  /** @returns the zxid of the creation */
  async plant(root: string): Promise<bigint> {
    const [reply] = await this.#ask([{ op: 'create', path: '~', data: null, acl: OPEN_ACL, flags: 0 }], root)
    if (reply === undefined || reply.readInt32BE(12) !== 0) throw new Error(`${root} could not be made`)
    return reply.readBigInt64BE(4)
  }

  /** Resolves when this server has applied all that was chosen before. */
  async sync(): Promise<void> {
    await this.#ask([{ op: 'sync', path: '/' }], '')
  }

  /** Resolves when there is no znode of that path. @returns false when it does not go */
  async untilGone(path: string): Promise<boolean> {
    const untilMs = performance.now() + DEADLINE_MS
    for (;;) {
      const [reply] = await this.#ask([{ op: 'exists', path, watch: false }], '')
      if (reply === undefined || reply.readInt32BE(12) !== 0) return true
      if (performance.now() > untilMs) return false
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /** Data, Stat, children and ACL of every znode of the subtrees, breadth first. */
  async walk(
    tops: readonly string[],
    root: string,
    step: number,
  ): Promise<{ readonly entries: Entry[]; readonly paths: string[] }> {
    const entries: Entry[] = []
    const paths: string[] = []
    for (let level = [...tops]; level.length > 0;) {
      paths.push(...level)
      const requests = level.flatMap((path): Request[] => [
        { op: 'getData', path, watch: false },
        { op: 'getChildren', path, watch: false },
        { op: 'getACL', path },
      ])
      const replies = await this.#ask(requests, root)
      level = []
      for (const [index, payload] of replies.entries()) {
        const request = requests[index]
        if (request === undefined) continue
        entries.push({ connection: 'audit', step, kind: 'reply', frame: { request }, payload })
        if (request.op === 'getChildren') level.push(...childrenOf(payload).map((name) => `${request.path}/${name}`))
      }
    }
    return { entries, paths }
  }

  /** @param paths parents before their children */
  async remove(root: string, paths: readonly string[]): Promise<void> {
    await this.#ask(
      paths.toReversed().map((path): Request => ({ op: 'delete', path, version: -1 })),
      root,
    )
  }

  async close(): Promise<void> {
    if (!this.#connection.isClosed) await this.#ask([{ op: 'closeSession' }], '')
    this.cut()
  }

  /** Without a word to a server that may not answer: the session ends by its timeout. */
  cut(): void {
    this.#connection.cut()
  }

  async #ask(requests: readonly Request[], root: string): Promise<Buffer[]> {
    const around = { root, zxidOf: () => 0 }
    const frames = requests.map((request, index) => frameOf({ request } satisfies RequestFrame, index + 1, around))
    this.#asked = requests.length
    this.#connection.send(Buffer.concat(frames))
    await this.#answered()
    return this.#replies.splice(0)
  }

  async #answered(): Promise<void> {
    const isOver = (): boolean => this.#connection.isClosed || this.#replies.length >= this.#asked
    const isInTime = await this.#connection.until(isOver, DEADLINE_MS)
    if (isInTime && this.#replies.length >= this.#asked) return
    const what = isInTime ? 'closed the connection of the auditor' : `left the auditor waiting for ${DEADLINE_MS} ms`
    throw new Interrupted(`${this.#server} ${what} after ${this.#replies.length} of ${this.#asked} answers`)
  }
}

/** Of a getChildren reply, in order; none after an error. */
function childrenOf(payload: Buffer): string[] {
  if (payload.readInt32BE(12) !== 0) return []
  const from = new ByteReader(payload, 16)
  const names = Array.from({ length: from.int32('children') }, () => from.string('child'))
  return names.sort()
}
