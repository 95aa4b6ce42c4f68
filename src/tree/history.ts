import type { Session } from './session.ts'
import { childPath, type Znode } from './znode.ts'

/** One state that a path had and has no more. */
interface Past {
  /** A copy; its state held from its `changedZxid` on … */
  readonly node: Znode
  /** … until this change, which ended it. */
  readonly untilZxid: number
  older: Past | null
}

/**
 * Earlier states of the tree, kept only while somebody has pinned a zxid that sees them. Without a pin nothing is kept,
 * and a change costs one comparison (`newestPin`).
 *
 *   now      /a changed at 9     the znode itself
 *   pasts    /a  [7, 9) → [3, 7)
 *   pins     5, 8                5 sees [3, 7), 8 sees [7, 9)
 */
export class History {
  /** The highest pinned zxid; -1 without pins. A state that began later than this is seen by nobody. */
  newestPin = -1
  /** One entry a pin. */
  readonly #pins: number[] = []
  readonly #pasts = new Map<string, Past>()
  /** By path of the parent: names that were taken from it though a pin sees them there. */
  readonly #takenNames = new Map<string, Set<string>>()
  #closedSessions: Session[] = []

  /** Earlier states held now: znodes only. */
  get size(): number {
    let size = 0
    for (let past of this.#pasts.values()) {
      for (size++; past.older !== null; past = past.older) size++
    }
    return size
  }

  addPin(zxid: number): void {
    this.#pins.push(zxid)
    this.newestPin = Math.max(this.newestPin, zxid)
  }

  releasePin(zxid: number): void {
    this.#pins.splice(this.#pins.indexOf(zxid), 1)
    if (this.#pins.length === 0) {
      this.newestPin = -1
      this.#pasts.clear()
      this.#takenNames.clear()
      this.#closedSessions = []
      return
    }
    this.newestPin = Math.max(...this.#pins)
    this.#dropBelow(Math.min(...this.#pins))
  }

  /** To be called before `node` is changed or taken away by the change `zxid`, if a pin sees its present state. */
  keep(node: Znode, zxid: number): void {
    const older = this.#pasts.get(node.path) ?? null
    this.#pasts.set(node.path, { node: node.copy(), untilZxid: zxid, older })
  }

  /** A child that a pin sees is taken from its parent. */
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

  #dropBelow(oldestPin: number): void {
    for (const [path, newest] of this.#pasts) {
      if (newest.untilZxid <= oldestPin) {
        this.#pasts.delete(path)
        continue
      }
      let last = newest
      while (last.older !== null && last.older.untilZxid > oldestPin) last = last.older
      last.older = null
    }
    for (const [parentPath, names] of this.#takenNames) {
      for (const name of names) if (!this.#pasts.has(childPath(parentPath, name))) names.delete(name)
      if (names.size === 0) this.#takenNames.delete(parentPath)
    }
    this.#closedSessions = this.#closedSessions.filter((session) => session.closedZxid > oldestPin)
  }
}

const NO_NAMES: ReadonlySet<string> = new Set()
