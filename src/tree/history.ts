import { assert } from '../kernel/assert.ts'
import { Ring } from '../kernel/ring.ts'
import type { Session } from './session.ts'
import { nameOf, type Znode } from './znode.ts'

/** One state that a path had and has no more. */
interface Past {
  /** A copy; its state held from its `changedZxid` on … */
  readonly node: Znode
  /** … until this change, which ended it. */
  readonly untilZxid: number
  older: Past | null
  newer: Past | null
}

/** How much a window may hold, whatever span of time that is. */
export interface WindowLimits {
  readonly versionsMax: number
  readonly bytesMax: number
}

/** What an earlier state costs beside its path and data, roughly. */
const PAST_SIZE_BYTES = 300

/**
 * Earlier states of the tree, kept while somebody may ask for them: pins see one zxid each, a window all from its floor on.
 * Without either nothing is kept, and a change costs one comparison (`newestPin`).
 *
 *   now      /a changed at 9     the znode itself
 *   pasts    /a  [7, 9) → [3, 7)
 *   pins     5, 8                5 sees [3, 7), 8 sees [7, 9)
 *   window   from 4              sees both
 *
 * States are dropped in the order in which they ended, for whatever needs a state needs all that ended later.
 */
export class History {
  /** The highest pinned zxid; -1 without pins, infinite with a window. A state that began later is seen by nobody. */
  newestPin = -1
  /** One entry a pin. */
  readonly #pins: number[] = []
  #window: WindowLimits | null = null
  /** The lowest zxid that the window shows. */
  #floor = 0
  readonly #pasts = new Map<string, Past>()
  /** The same, by the time of their end. */
  readonly #byEnd = new Ring<Past>()
  #sizeBytes = 0
  /** By path of the parent: names that were taken from it though somebody sees them there. */
  readonly #takenNames = new Map<string, Set<string>>()
  #closedSessions: Session[] = []

  /** Earlier states held now: znodes only. */
  get size(): number {
    return this.#byEnd.length
  }

  /** What they cost, roughly; data that the present shares is counted, too. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The lowest zxid whose state the window shows; null without a window. */
  get windowFloor(): number | null {
    return this.#window === null ? null : this.#floor
  }

  addPin(zxid: number): void {
    this.#pins.push(zxid)
    this.newestPin = Math.max(this.newestPin, zxid)
  }

  releasePin(zxid: number): void {
    this.#pins.splice(this.#pins.indexOf(zxid), 1)
    this.#onFewerNeeds()
  }

  /** @param zxid of now: what was before is not known any more */
  openWindow(zxid: number, limits: WindowLimits): void {
    assert(this.#window === null, 'there is one window at a time')
    this.#window = limits
    this.#floor = zxid
    this.newestPin = Infinity
  }

  /** The window shows nothing before `zxid` from here on. */
  raiseFloor(zxid: number): void {
    if (this.#window === null || zxid <= this.#floor) return
    this.#floor = zxid
    this.#drop()
  }

  closeWindow(): void {
    this.#window = null
    this.#onFewerNeeds()
  }

  /** To be called before `node` is changed or taken away by the change `zxid`, if somebody sees its present state. */
  keep(node: Znode, zxid: number): void {
    if (node.changedZxid === zxid) return // it began with this very change
    const older = this.#pasts.get(node.path) ?? null
    const past: Past = { node: node.copy(), untilZxid: zxid, older, newer: null }
    if (older !== null) older.newer = past
    this.#pasts.set(node.path, past)
    this.#byEnd.push(past)
    this.#sizeBytes += sizeOf(node)
    this.#shed()
  }

  /** A child that somebody sees is taken from its parent. */
  keepName(parentPath: string, name: string): void {
    const names = this.#takenNames.get(parentPath)
    if (names === undefined) this.#takenNames.set(parentPath, new Set([name]))
    else names.add(name)
  }

  keepSession(session: Session): void {
    if (session.createdZxid <= this.newestPin) this.#closedSessions.push(session)
  }

  /** The earlier state that `path` had at `zxid`; null when it had none that is kept. */
  nodeAt(path: string, zxid: number): Znode | null {
    let past = this.#pasts.get(path) ?? null
    while (past !== null && past.node.changedZxid > zxid) past = past.older
    return past !== null && zxid < past.untilZxid ? past.node : null
  }

  /** Names that are or were taken from under `parentPath`; whether a pin sees one is for `nodeAt` to say. */
  takenNames(parentPath: string): ReadonlySet<string> {
    return this.#takenNames.get(parentPath) ?? NO_NAMES
  }

  /** Sessions that were open at `zxid` and are closed now. */
  closedSessionsAt(zxid: number): Session[] {
    return this.#closedSessions.filter((session) => session.createdZxid <= zxid && zxid < session.closedZxid)
  }

  #onFewerNeeds(): void {
    this.newestPin = this.#window === null ? Math.max(-1, ...this.#pins) : Infinity
    this.#drop()
  }

  /** Beyond its limits the window shows less far back; what a pin needs stays nevertheless. */
  #shed(): void {
    if (this.#window === null) return
    const { versionsMax, bytesMax } = this.#window
    while (this.#byEnd.length > versionsMax || this.#sizeBytes > bytesMax) {
      const oldest = this.#byEnd.at(0)
      if (oldest === undefined || oldest.untilZxid <= this.#floor) return
      this.#floor = oldest.untilZxid
      this.#drop()
    }
  }

  /** Lets go of every state that ended before anybody who is still there looks. */
  #drop(): void {
    const needed = Math.min(this.#window === null ? Infinity : this.#floor, ...this.#pins)
    for (let past = this.#byEnd.at(0); past !== undefined && past.untilZxid <= needed; past = this.#byEnd.at(0)) {
      this.#byEnd.shift()
      this.#sizeBytes -= sizeOf(past.node)
      this.#unlink(past)
    }
    const first = this.#closedSessions.findIndex((session) => session.closedZxid > needed)
    if (first !== 0) this.#closedSessions = first === -1 ? [] : this.#closedSessions.slice(first)
  }

  /** It is the last of its path's chain, for it ended first. */
  #unlink(past: Past): void {
    const { path } = past.node
    if (past.newer !== null) {
      past.newer.older = null
      return
    }
    this.#pasts.delete(path)
    const parentPath = path.slice(0, path.lastIndexOf('/')) || '/'
    const names = this.#takenNames.get(parentPath)
    if (names === undefined) return
    names.delete(nameOf(path))
    if (names.size === 0) this.#takenNames.delete(parentPath)
  }
}

function sizeOf(node: Znode): number {
  return PAST_SIZE_BYTES + node.path.length + node.dataLength
}

const NO_NAMES: ReadonlySet<string> = new Set()
