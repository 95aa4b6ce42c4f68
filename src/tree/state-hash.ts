/**
 * A rolling 32-bit hash of everything that applying commands decided. Replicas that applied the same log have the same
 * one; a difference means that one of them went astray (consensus.md 2). It guards against bugs, not against malice.
 */
import type { Znode } from './znode.ts'

const TWO_32 = 2 ** 32

/** @returns an int32 */
export function mixInt(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

/** @param value a safe integer: zxids and times */
export function mixLong(hash: number, value: number): number {
  return mixInt(mixInt(hash, Math.floor(value / TWO_32)), value | 0)
}

/** Everything in a znode's Stat, as stored. */
export function mixZnode(hash: number, node: Znode): number {
  let mixed = mixLong(mixLong(mixLong(hash, node.czxid), node.mzxid), node.pzxid)
  mixed = mixLong(mixLong(mixed, node.ctime), node.mtime)
  mixed = mixInt(mixInt(mixInt(mixed, node.version), node.childCreations), node.aversion)
  mixed = mixInt(mixInt(mixed, node.ownerHigh), node.ownerLow)
  return mixInt(mixInt(mixed, node.dataLength), node.numChildren)
}
