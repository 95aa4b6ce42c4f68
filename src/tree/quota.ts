/**
 * Quotas. A path has one when `/zookeeper/quota<path>/zookeeper_limits` is there; `zookeeper_stats` beside it holds what is
 * used, and clients read it there. Both are ordinary creates of clients; the second is kept up to date in place, without
 * a version, a zxid or a watch event of its own. A path is charged to the quota nearest above it, and to no other.
 *
 * | limit                          | beyond it a create or setData                                          |
 * |--------------------------------|------------------------------------------------------------------------|
 * | count, bytes                   | is done, and told (`Transaction.quotaExcess`)                          |
 * | countHardLimit, byteHardLimit  | is refused, if its command says that quotas are enforced; else as above |
 *
 * The usage is a part of the state like any other: in every snapshot, the same on every replica, and computed anew whenever
 * a client writes one of the two znodes. So there is nothing to count again at a restart, as Apache does, whose servers
 * may each come to a number of their own.
 *
 * Source: DataTree, Quotas, ZooKeeperServer.checkQuota (Apache ZooKeeper 3.8).
 */
import type { NodeStore } from './node-store.ts'
import type { QuotaExcess } from './quota-excess.ts'
import { QUOTA_LIMITS, QUOTA_PATH, QUOTA_STATS, quotaPathOf } from './quota-paths.ts'
import { readQuotaText, writeUsageText } from './quota-text.ts'
import type { Transaction } from './transaction.ts'
import { childPath, type Znode } from './znode.ts'

/** What a write adds to the usage; negative for what it takes away. */
export interface QuotaChange {
  readonly count: number
  readonly bytes: number
}

/**
 * Whether a quota forbids the write. To be asked only if the tree `hasQuotas`.
 *
 * @param path of the znode that is to be created or set
 */
export function isForbiddenByQuota(tx: Transaction, path: string, change: QuotaChange): boolean {
  const quota = quotaAbove(tx.store, path)
  const stats = quota === null ? null : tx.store.get(QUOTA_PATH + quota + QUOTA_STATS)
  const limits = quota === null ? null : tx.store.get(QUOTA_PATH + quota + QUOTA_LIMITS)
  if (quota === null || stats === null || limits === null) return false
  const limit = readQuotaText(limits.dataBytes)
  const used = readQuotaText(stats.dataBytes)
  const isEnforced = tx.header.hasEnforcedQuotas
  const isOver = (what: QuotaExcess['what'], isHard: boolean, limitValue: number): boolean => {
    const usage = used[what] + change[what]
    if (change[what] === 0 || limitValue <= -1 || usage <= limitValue) return false
    const isRefused = isHard && isEnforced
    tx.quotaExcess = { path: quota, what, isHard, isRefused, usage, limit: limitValue }
    return isRefused
  }
  // All that is only told comes before what is refused, so that the refusal is what is told.
  isOver('bytes', false, limit.bytes)
  isOver('count', false, limit.count)
  return isOver('count', true, limit.countHardLimit) || isOver('bytes', true, limit.byteHardLimit)
}

/**
 * Books a change that was made. To be called only if the tree `hasQuotas`.
 *
 * @param path of the znode that was created, set or deleted
 */
export function chargeQuota(tx: Transaction, path: string, change: QuotaChange): void {
  const written = quotaPathOf(path)
  if (written !== null) {
    if (change.count >= 0) countAnew(tx, written.path)
    return
  }
  const quota = quotaAbove(tx.store, path)
  const stats = quota === null ? null : tx.store.get(QUOTA_PATH + quota + QUOTA_STATS)
  if (stats === null) return
  const used = readQuotaText(stats.dataBytes)
  writeUsage(tx, stats, { count: used.count + change.count, bytes: used.bytes + change.bytes })
}

/** A client wrote the limits or the usage: whatever stood there, from now on it is what is there. */
function countAnew(tx: Transaction, path: string): void {
  const stats = tx.store.get(QUOTA_PATH + path + QUOTA_STATS)
  if (stats !== null) writeUsage(tx, stats, usageBelow(tx.store, path))
}

function writeUsage(tx: Transaction, stats: Znode, usage: QuotaChange): void {
  tx.store.touch(stats, tx.zxid)
  tx.store.replaceData(stats, writeUsageText(usage))
  tx.mixNumber(usage.count)
  tx.mixNumber(usage.bytes)
}

/** The nearest path above, or `path` itself, that has a quota. */
function quotaAbove(store: NodeStore, path: string): string | null {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const prefix = path.slice(0, end)
    if (store.quotaPaths.has(prefix)) return prefix
  }
  return null
}

/** Of the whole subtree, whoever else has a quota in it. Walks with a stack of its own: a tree may be deep. */
function usageBelow(store: NodeStore, path: string): QuotaChange {
  const top = store.get(path)
  const waiting: Znode[] = top === null ? [] : [top]
  let count = 0
  let bytes = 0
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    count++
    bytes += node.dataLength
    for (const name of node.children?.keys() ?? []) {
      const child = store.get(childPath(node.path, name))
      if (child !== null) waiting.push(child)
    }
  }
  return { count, bytes }
}
