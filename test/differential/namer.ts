import { QUOTAS } from './pools.ts'
import { isWrite } from './sequence.ts'
import type { Transcript } from './transcript.ts'

/**
 * Turns what differs between any two runs into names: zxids into their order among the run's own, session ids into who
 * they are, times into whether they are one and the same for one and the same change.
 */
export class Namer {
  readonly #root: string
  readonly #sessions: ReadonlyMap<bigint, string>
  /** Those of the subtree's creation and of the replies to writes, ascending. */
  readonly #zxids: readonly bigint[]
  readonly #timeOf = new Map<bigint, bigint>()

  constructor(transcript: Transcript) {
    this.#root = transcript.root
    this.#sessions = transcript.sessions
    const zxids = new Set([transcript.rootZxid])
    for (const entry of transcript.entries) {
      if (entry.kind !== 'reply' || entry.connection === 'audit' || !isWrite(entry.frame.request.op)) continue
      const zxid = entry.payload.readBigInt64BE(4)
      if (zxid > 0n) zxids.add(zxid)
    }
    this.#zxids = [...zxids].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }

  /** `z3`, the third write of the run; `z3+`, some change after it that no reply told of. 0 and -1 stay. */
  zxid(zxid: bigint): string {
    if (zxid <= 0n) return String(zxid)
    const rank = this.#zxids.findLastIndex((each) => each <= zxid)
    return this.#zxids[rank] === zxid ? `z${rank}` : `z${rank}+`
  }

  /** @param zxid of the change that happened then */
  time(timeMs: bigint, zxid: bigint): string {
    if (timeMs === 0n) return '0'
    const known = this.#timeOf.get(zxid)
    if (known === undefined) this.#timeOf.set(zxid, timeMs)
    return known === undefined || known === timeMs
      ? `t(${this.zxid(zxid)})`
      : `another time than that of ${this.zxid(zxid)}`
  }

  owner(id: bigint): string {
    if (id === 0n) return '0'
    return this.#sessions.get(id) ?? `0x${BigInt.asUintN(64, id).toString(16)}`
  }

  path(path: string | null): string {
    if (path === null) return 'null'
    const prefix = path.startsWith(`${QUOTAS}/`) ? QUOTAS : ''
    const rest = path.slice(prefix.length)
    const isOwn = rest === this.#root || rest.startsWith(`${this.#root}/`)
    return JSON.stringify(isOwn ? `${prefix}~${rest.slice(this.#root.length)}` : path)
  }
}
