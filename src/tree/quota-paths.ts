/** Where quotas stand: `/zookeeper/quota<path>/zookeeper_limits`. Source: Quotas (Apache ZooKeeper 3.8). */

export const QUOTA_PATH = '/zookeeper/quota'
export const QUOTA_LIMITS = '/zookeeper_limits'
export const QUOTA_STATS = '/zookeeper_stats'

const BELOW_QUOTA_PATH = `${QUOTA_PATH}/`
/** Neither the root nor what the servers keep for themselves has quotas. */
const WITHOUT_QUOTA = /^(\/zookeeper(\/.*)?)?$/

/**
 * @param path of any znode
 * @returns which path's quota it is a part of; null for nearly all znodes
 */
export function quotaPathOf(path: string): { readonly path: string; readonly kind: 'limits' | 'stats' } | null {
  if (!path.startsWith(BELOW_QUOTA_PATH)) return null
  const kind = path.endsWith(QUOTA_LIMITS) ? 'limits' : path.endsWith(QUOTA_STATS) ? 'stats' : null
  if (kind === null) return null
  const end = path.length - (kind === 'limits' ? QUOTA_LIMITS : QUOTA_STATS).length
  const quota = path.slice(QUOTA_PATH.length, end)
  return WITHOUT_QUOTA.test(quota) ? null : { path: quota, kind }
}
