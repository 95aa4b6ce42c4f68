import type { ZooKeeperClient } from '../../../src/client/zookeeper-client.ts'
import { ZooKeeperError } from '../../../src/client/zookeeper-error.ts'

/** What one writer asked for and what it was promised, of one znode that only it writes. */
export interface Register {
  readonly path: string
  /** Values 1, 2, 3… are written in order; this many were sent. */
  attempted: number
  /** The last one that was acknowledged, and how many were. */
  acknowledged: number
  acknowledgedCount: number
  /** The zxid of the last acknowledged write. */
  mzxid: number
}

/** What a writer can vouch for. */
export interface Promised {
  readonly registers: readonly Register[]
  readonly created: readonly string[]
}

/**
 * Compares what is there with what was promised.
 *
 * @param tree data and version by path
 * @returns a sentence for each fault
 */
export function faultsIn(
  tree: ReadonlyMap<string, { readonly data: string | null; readonly version: number }>,
  promises: readonly Promised[],
): string[] {
  const faults: string[] = []
  for (const { registers, created } of promises) {
    for (const path of created) if (!tree.has(path)) faults.push(`${path} was acknowledged and is missing`)
    for (const { path, attempted, acknowledged, acknowledgedCount } of registers) {
      const { data, version } = tree.get(path) ?? { data: null, version: 0 }
      const value = data === null ? 0 : Number(data)
      if (value < acknowledged) faults.push(`${path} is ${value} though ${acknowledged} was acknowledged`)
      if (value > attempted) faults.push(`${path} is ${value} though only ${attempted} was sent`)
      if (version < acknowledgedCount) faults.push(`${path}: ${acknowledgedCount} acknowledged, ${version} done`)
      if (version > attempted) faults.push(`${path}: ${attempted} sent, ${version} done`)
    }
  }
  return faults
}

/**
 * Writes without a pause: several registers at a time, and now and then a new znode. A lost connection is taken as it
 * comes: that write may have happened or not, and it is not repeated.
 */
export class Writer implements Promised, AsyncDisposable {
  readonly registers: Register[]
  /** Paths of new znodes whose creation was acknowledged. */
  readonly created: string[] = []
  acknowledgedCount = 0
  readonly #client: ZooKeeperClient
  readonly #folder: string
  #isStopping = false
  #running: Promise<unknown> = Promise.resolve()

  constructor(client: ZooKeeperClient, folder: string, registerCount: number) {
    this.#client = client
    this.#folder = folder
    this.registers = Array.from({ length: registerCount }, (_, index) => ({
      path: `${folder}/register-${index}`,
      attempted: 0,
      acknowledged: 0,
      acknowledgedCount: 0,
      mzxid: 0,
    }))
  }

  async start(): Promise<void> {
    await this.#client.create(this.#folder)
    for (const { path } of this.registers) await this.#client.create(path, '0')
    this.#running = Promise.all(this.registers.map((register) => this.#write(register)))
    this.#running.catch(() => undefined) // seen by stop()
  }

  /** Lets what is under way end. @throws what went wrong, other than a lost connection */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    await this.#client.close()
  }

  async #write(register: Register): Promise<void> {
    while (!this.#isStopping) {
      const value = ++register.attempted
      const stat = await unlessLost(this.#client.setData(register.path, String(value)))
      if (stat !== null) {
        if (stat.mzxid <= register.mzxid) throw new Error(`${register.path}: zxid ${stat.mzxid} came twice or late`)
        register.mzxid = stat.mzxid
        register.acknowledged = value
        register.acknowledgedCount++
        this.acknowledgedCount++
      }
      if (value % 10 !== 0) continue
      const path = await unlessLost(this.#client.create(`${register.path}-new-${value}`))
      if (path !== null) this.created.push(path)
    }
  }
}

/** @returns null when the connection was lost */
async function unlessLost<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ZooKeeperError && error.codeName === 'CONNECTIONLOSS') return null
    throw error
  }
}
