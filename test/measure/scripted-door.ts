import type { ClientRequest } from '../../src/client/client-request.ts'
import { bytesOf } from '../../src/kernel/byte-string.ts'
import type { KeptBytes } from '../../src/kernel/byte-string.ts'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import type { LoadDoor } from '../../src/measure/load-source.ts'
import { readCreateRequest } from '../../src/protocol/create.ts'
import { readDeleteRequest } from '../../src/protocol/delete.ts'
import { readExistsRequest } from '../../src/protocol/exists.ts'
import { readGetChildrenRequest } from '../../src/protocol/get-children.ts'
import { readGetDataRequest } from '../../src/protocol/get-data.ts'
import { readMultiOperation } from '../../src/protocol/multi.ts'
import { OpCode, opName } from '../../src/protocol/op-code.ts'
import { readSetDataRequest } from '../../src/protocol/set-data.ts'
import { readSyncRequest } from '../../src/protocol/sync.ts'

export interface Asked {
  readonly operation: string
  readonly path: string
  readonly data: Buffer | null
  /** Answers it. @param record the response record; empty when absent */
  readonly reply: (error: number, record?: Buffer) => void
}

const NOTHING = new ByteReader(Buffer.alloc(0))

/** A session whose replies the test gives, one by one; it reads what it is asked as a server would. */
export class ScriptedDoor implements LoadDoor {
  /** Not answered yet, oldest first. */
  readonly asked: Asked[] = []
  /** All that ever was: `getData /a`. */
  readonly log: string[] = []

  submit(request: ClientRequest): void {
    const out = new ByteWriter()
    request.writeTo(out)
    const { path, data } = recordOf(request.type, new ByteReader(out.take()))
    const operation = opName(request.type) ?? 'unknown'
    this.log.push(`${operation} ${path}`)
    this.asked.push({
      operation,
      path,
      data,
      reply: (error, record) => request.onReply(error, 1, record === undefined ? NOTHING : new ByteReader(record)),
    })
  }

  /** Answers the oldest. */
  answer(error = 0, record?: Buffer): Asked {
    const asked = this.asked.shift()
    if (asked === undefined) throw new Error('nothing is asked')
    asked.reply(error, record)
    return asked
  }
}

function recordOf(type: number, from: ByteReader): { readonly path: string; readonly data: Buffer | null } {
  const copy = (data: KeptBytes | null): Buffer | null => (data === null ? null : Buffer.from(bytesOf(data)))
  switch (type) {
    case OpCode.create: {
      const { path, data } = readCreateRequest(from)
      return { path, data: copy(data) }
    }
    case OpCode.setData: {
      const { path, data } = readSetDataRequest(from)
      return { path, data: copy(data) }
    }
    case OpCode.delete:
      return { path: readDeleteRequest(from).path, data: null }
    case OpCode.getData:
      return { path: readGetDataRequest(from).path, data: null }
    case OpCode.exists:
      return { path: readExistsRequest(from).path, data: null }
    case OpCode.getChildren:
      return { path: readGetChildrenRequest(from).path, data: null }
    case OpCode.sync:
      return { path: readSyncRequest(from).path ?? '', data: null }
    case OpCode.multi: {
      const paths: string[] = []
      for (let next = readMultiOperation(from); next !== null; next = readMultiOperation(from)) {
        paths.push(next.request.path)
      }
      return { path: paths.join(' '), data: null }
    }
    default:
      throw new Error(`the load asks for ${type}`)
  }
}
