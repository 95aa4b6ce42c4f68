import { ZktuneError } from '../kernel/errors.ts'
import type { Network } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import type { ServerSettings } from '../server/settings.ts'
import { INITIALIZE_FLAG, STATE_FOLDER, ZooServer, type Parts } from '../server/zoo-server.ts'
import type { Ledger } from './checkers/ledger.ts'
import type { Machine } from './faults.ts'
import type { SimClock } from './sim-clock.ts'
import type { SimDisk } from './sim-disk.ts'
import type { SimProcess } from './sim-process.ts'

/** Operating errors that end a server: it is brought back after a while, as a supervisor would. */
const SUPERVISOR_MS = 500

export interface SimServerOptions {
  readonly settings: ServerSettings
  readonly process: SimProcess
  readonly disk: SimDisk
  readonly clock: SimClock
  readonly network: Network
  readonly prng: Prng
  readonly ledger: Ledger
  /** Null for the honest ones. */
  readonly parts: Parts | null
  /** The server ended for a reason that no fault explains. */
  readonly onFailure: (reason: string) => void
  readonly onNote: (note: string) => void
}

/** One machine of the ensemble, with the real server on it. */
export class SimServer implements Machine {
  readonly process: SimProcess
  readonly disk: SimDisk
  readonly clock: SimClock
  readonly #options: SimServerOptions
  /** A bit of its disk flipped: it may refuse to start, and then begins with an empty one. */
  #isRotten = false
  #server: ZooServer | null = null

  constructor(options: SimServerOptions) {
    this.#options = options
    this.process = options.process
    this.disk = options.disk
    this.clock = options.clock
    this.process.onCrash(() => {
      this.#server = null
    })
  }

  get id(): number {
    return this.#options.settings.id
  }

  get isServing(): boolean {
    return this.#server?.server.isServing ?? false
  }

  get appliedSlot(): number {
    return this.#server?.server.appliedSlot ?? 0
  }

  get digest(): number {
    return this.#server?.server.tree.digest ?? 0
  }

  /** For a person who wonders. */
  get text(): string {
    const { name } = this.process
    if (this.#server === null) return `${name} down`
    return `${name} ${this.#server.server.state} at slot ${this.appliedSlot}${this.isServing ? ' serving' : ''}`
  }

  /** An empty disk of a fresh ensemble. */
  format(): void {
    const { dataDir } = this.#options.settings
    this.disk.makeFolder(dataDir)
    this.disk.open(`${dataDir}/${INITIALIZE_FLAG}`).closeNow()
    this.disk.syncFolder(dataDir)
  }

  /**
   * The end of the newest segment is spared: there nobody can tell a flipped bit from a torn write, and what was synced
   * would be cut with good reason.
   */
  rot(prng: Prng): string | null {
    const segments = [...this.#files(this.#options.settings.dataLogDir, 'log.')].sort(
      (left, right) => sequenceOf(left) - sequenceOf(right),
    )
    const newest = segments.at(-1) ?? ''
    const used = newest === '' ? 0 : this.disk.read(newest).findLastIndex((byte) => byte !== 0)
    const path = this.disk.rot(prng, (candidate, byteAt) => candidate !== newest || byteAt < used / 2)
    this.#isRotten = path !== null
    return path
  }

  loseSnapshots(): void {
    const { dataDir } = this.#options.settings
    for (const path of this.#files(dataDir, 'snapshot.')) this.disk.remove(path)
    if (this.disk.exists(`${dataDir}/${STATE_FOLDER}`)) this.disk.syncFolder(`${dataDir}/${STATE_FOLDER}`)
  }

  *#files(of: string, prefix: string): Iterable<string> {
    const folder = `${of}/${STATE_FOLDER}`
    for (const name of this.disk.list(folder)) if (name.startsWith(prefix)) yield `${folder}/${name}`
  }

  /** The process's main function. */
  boot(): void {
    try {
      this.#start()
    } catch (error) {
      if (!(error instanceof ZktuneError)) throw error
      this.#onFatal(error)
    }
  }

  #start(): void {
    const { settings, disk, clock, network, prng, ledger, parts, onNote } = this.#options
    const { name } = this.process
    disk.makeFolder(settings.dataDir)
    disk.makeFolder(settings.dataLogDir)
    const isInitial = disk.exists(`${settings.dataDir}/${INITIALIZE_FLAG}`)
    const server: ZooServer = new ZooServer(
      { ...settings, isInitial },
      { clock, disk, network, entropy: prng },
      {
        onListening: () => onNote(`${name} listens`),
        onServing: (isServing, mode) => onNote(`${name} ${isServing ? 'serves' : 'serves no more'} as ${mode}`),
        onFatal: (error) => this.#onFatal(error),
        onNote: (note) => onNote(`${name} ${note}`),
        onApplied: (slot, entry) => {
          const isOpening = entry.kind === 'opening'
          ledger.onApplied(name, slot, isOpening, entry.payload as Buffer, server.server.tree.digest)
        },
      },
      ...(parts === null ? [] : [parts]),
    )
    this.#server = server
    ledger.onRestored(name, server.server.appliedSlot)
    server.start()
  }

  #onFatal(error: Error): void {
    const { onNote, onFailure } = this.#options
    const { name } = this.process
    onNote(`${name} ends: ${error.message}`)
    const code = error instanceof ZktuneError ? error.code : null
    const isDamaged = code === 'DamagedFile' && this.#isRotten
    if (code !== 'DiskFailed' && !isDamaged) return onFailure(`${name} ended: ${error.stack ?? error.message}`)
    this.process.crash('kill')
    if (isDamaged) {
      onNote(`${name} begins again with an empty disk`)
      this.#isRotten = false
      this.disk.wipe()
    }
    this.process.scheduler.after(SUPERVISOR_MS, `${name} supervisor`, () => {
      if (!this.process.isUp) this.process.restart()
    })
  }
}

/** A segment's name is `log.<first mark>-<sequence>-<salt>`. */
function sequenceOf(path: string): number {
  return Number(path.split('-').at(-2) ?? 0)
}
