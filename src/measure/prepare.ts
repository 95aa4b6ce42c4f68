import type { ClientRequest } from '../client/client-request.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { ByteWriter } from '../kernel/bytes.ts'
import { OpCode } from '../protocol/op-code.ts'
import { WireError, wireErrorName } from '../protocol/wire-error.ts'
import type { LoadDoor } from './load-source.ts'
import type { KeySet, PreparedZnode } from './key-set.ts'

/** In flight at once: enough to share syncs, few enough to stay below any server's limit on outstanding requests. */
const WINDOW = 128
/** In all: a lost connection fails the whole window at once. */
const RETRIES_MAX = 20 * WINDOW

/**
 * Makes the znodes of a run through one session, in order, so that each parent is there before its children. One that exists already
 * is as good: after a lost connection nobody knows whether it had been made.
 *
 * @param onMade told how many there are so far
 * @throws ZktuneError ServerFailed when a znode cannot be made
 */
export function prepareZnodes(door: LoadDoor, keys: KeySet, onMade: (count: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const znodes = keys.prepared()
    let madeCount = 0
    let retryCount = 0
    const createNext = (): void => {
      const next = znodes.next()
      if (next.done !== true) door.submit(new Creation(next.value, onReply))
    }
    const onReply = (creation: Creation, error: number): void => {
      if (error === WireError.ok || error === WireError.nodeExists) {
        madeCount++
        onMade(madeCount)
        if (madeCount === keys.preparedCount) resolve()
        else createNext()
      } else if (mayPass(error) && retryCount++ < RETRIES_MAX) {
        // With its neighbours, and in their order: a child that comes back before its parent is tried once more.
        door.submit(creation)
      } else {
        reject(cannotMake(creation.path, error))
      }
    }
    for (let count = 0; count < WINDOW; count++) createNext()
  })
}

class Creation implements ClientRequest {
  readonly type = OpCode.create
  readonly path: string
  readonly #record: Buffer
  readonly #onReply: (creation: Creation, error: number) => void

  constructor(znode: PreparedZnode, onReply: (creation: Creation, error: number) => void) {
    this.path = znode.path
    this.#record = znode.createRecord
    this.#onReply = onReply
  }

  writeTo(out: ByteWriter): void {
    out.raw(this.#record)
  }

  onReply(error: number): void {
    this.#onReply(this, error)
  }
}

function mayPass(error: number): boolean {
  return error === WireError.connectionLoss || error === WireError.noNode
}

function cannotMake(path: string, error: number): ZktuneError {
  return new ZktuneError('ServerFailed', {
    where: path,
    what: `the znode could not be made before the run: ${wireErrorName(error)}`,
    mend: 'See whether the ensemble has a quorum, and the logs of its servers.',
  })
}
