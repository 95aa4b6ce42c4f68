import { createServer, type Server, type Socket } from 'node:net'
import { ByteReader, ByteWriter } from '../../../../src/kernel/bytes.ts'
import { readConnectRequest, writeConnectResponse } from '../../../../src/protocol/connect.ts'
import { readCreateRequest, writeCreateResponse } from '../../../../src/protocol/create.ts'
import { readDeleteRequest } from '../../../../src/protocol/delete.ts'
import { beginFrame, endFrame } from '../../../../src/protocol/frame.ts'
import { FrameReader } from '../../../../src/protocol/frame-reader.ts'
import { readGetChildrenRequest, writeGetChildrenResponse } from '../../../../src/protocol/get-children.ts'
import { readGetDataRequest, writeGetDataResponse } from '../../../../src/protocol/get-data.ts'
import { OpCode } from '../../../../src/protocol/op-code.ts'
import { writeReplyHeader } from '../../../../src/protocol/reply-header.ts'
import { readRequestHeader } from '../../../../src/protocol/request-header.ts'
import type { Stat } from '../../../../src/protocol/stat.ts'
import { WireError } from '../../../../src/protocol/wire-error.ts'
import type { Script } from './script.ts'

const FRAME_MAX = 1e6
const NO_STAT: Stat = {
  ...{ czxid: 1, mzxid: 1, pzxid: 1, ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0 },
  ...{ ephemeralOwnerHigh: 0, ephemeralOwnerLow: 0, dataLength: 0, numChildren: 0 },
}

/** A record, or the error that comes in its place. */
type Answer = number | ((out: ByteWriter) => void)

interface Waiting {
  readonly frame: Buffer
  /** When it leaves, by `performance.now()`. */
  readonly atMs: number
}

/**
 * As much of a ZooKeeper server as a run needs that gets znodes, over TCP: each get is answered after a known time, and
 * for a known time nothing is. What it does not know it refuses; it checks no version, ACL or session.
 */
export class StallingServer {
  #script: Script | null = null
  /** When the first get after the script came; null: not yet. */
  #beganMs: number | null = null
  readonly #znodes = new Map<string, Buffer | null>([['/', null]])
  readonly #server: Server
  #sessionCount = 0
  #isTicking = false
  readonly #waiting = new Map<Socket, Waiting[]>()

  constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket))
  }

  listen(onPort: (port: number) => void): void {
    this.#server.listen(0, '127.0.0.1', () => onPort((this.#server.address() as { port: number }).port))
  }

  /** From the next get on, which its times count from. */
  play(script: Script): void {
    this.#script = script
    this.#beganMs = null
  }

  #serve(socket: Socket): void {
    const session = this.#sessionCount++
    const queue: Waiting[] = []
    let isNew = true
    this.#waiting.set(socket, queue)
    const frames = new FrameReader(FRAME_MAX, {
      onFrame: (bytes, start, end) => {
        const from = new ByteReader(bytes, start, end)
        if (isNew) queue.push({ frame: this.#welcome(from, session), atMs: 0 })
        else this.#take(from, session, queue)
        isNew = false
        this.#tick()
        return true
      },
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#waiting.delete(socket))
    // A four letter word is no frame: there is no answer to it, as from a server whose whitelist is empty.
    socket.on('data', (chunk: Buffer) => {
      if (frames.push(chunk) === 'badLength') socket.destroy()
    })
  }

  #welcome(from: ByteReader, session: number): Buffer {
    const { timeoutMs, readOnly } = readConnectRequest(from)
    return frameOf((out) =>
      writeConnectResponse(out, {
        ...{ protocolVersion: 0, timeoutMs, sessionHigh: 1, sessionLow: session + 1 },
        ...{ password: Buffer.alloc(16, 1), readOnly: readOnly === null ? null : false },
      }),
    )
  }

  #take(from: ByteReader, session: number, queue: Waiting[]): void {
    const { xid, type } = readRequestHeader(from)
    const answer = this.#answerOf(type, from)
    const frame = frameOf((out) => {
      writeReplyHeader(out, { xid, zxid: 1, error: typeof answer === 'number' ? answer : WireError.ok })
      if (typeof answer !== 'number') answer(out)
    })
    queue.push({ frame, atMs: type === OpCode.getData ? this.#replyMs(session) : 0 })
  }

  #replyMs(session: number): number {
    const nowMs = performance.now()
    if (this.#script === null) return 0
    this.#beganMs ??= nowMs
    return this.#beganMs + this.#script.replyMs(nowMs - this.#beganMs, session)
  }

  #answerOf(type: number, from: ByteReader): Answer {
    switch (type) {
      case OpCode.create: {
        const { path, data } = readCreateRequest(from)
        if (this.#znodes.has(path)) return WireError.nodeExists
        this.#znodes.set(path, data === null ? null : Buffer.from(data))
        return (out) => writeCreateResponse(out, path)
      }
      case OpCode.getData: {
        const data = this.#znodes.get(readGetDataRequest(from).path)
        return data === undefined ? WireError.noNode : (out) => writeGetDataResponse(out, data, NO_STAT)
      }
      case OpCode.getChildren: {
        const below = `${readGetChildrenRequest(from).path}/`
        const names = [...this.#znodes.keys()].filter((path) => path.startsWith(below))
        const own = names.map((path) => path.slice(below.length)).filter((name) => !name.includes('/'))
        return (out) => writeGetChildrenResponse(out, own)
      }
      case OpCode.delete:
        return this.#znodes.delete(readDeleteRequest(from).path) ? () => undefined : WireError.noNode
      case OpCode.ping:
      case OpCode.auth:
      case OpCode.closeSession:
        return () => undefined
      default:
        return WireError.unimplemented
    }
  }

  /** Node's timers may fire early by a fraction: what leaves is what is due by now, and nothing else. */
  #tick(): void {
    if (this.#isTicking) return
    const nowMs = performance.now()
    let isWaiting = false
    for (const [socket, queue] of this.#waiting) {
      while (queue[0] !== undefined && queue[0].atMs <= nowMs) {
        socket.write(queue[0].frame)
        queue.shift()
      }
      isWaiting ||= queue.length > 0
    }
    if (!isWaiting) return
    this.#isTicking = true
    setTimeout(() => {
      this.#isTicking = false
      this.#tick()
    }, 1)
  }
}

function frameOf(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter()
  const frame = beginFrame(out)
  write(out)
  endFrame(out, frame)
  return out.take()
}
