import type { DataTree } from './data-tree.ts'

export interface ReapingRules {
  /** The leader's wall clock, ms since 1970, as it will stand in the commands. */
  readonly nowMs: number
  /** How long a container may stay that never had a child; 0 for ever (`znode.container.maxNeverUsedIntervalMs`). */
  readonly neverUsedMsMax: number
  /** At most so many paths (`znode.container.maxPerMinute`). */
  readonly countMax: number
}

/**
 * What a leader may propose to delete now, with deleteContainer: containers that lost their last child, and TTL znodes
 * that nobody has written to for their time. Children that come and go do not keep a TTL znode alive.
 *
 * Source: ContainerManager (Apache ZooKeeper 3.10).
 */
export function reapablePaths(tree: DataTree, rules: ReapingRules): string[] {
  const paths: string[] = []
  for (const path of tree.store.containerPaths) {
    if (paths.length === rules.countMax) return paths
    const node = tree.getNode(path)
    if (node === null || node.numChildren > 0) continue
    const wasUsed = node.childCreations !== 0
    const isForgotten = rules.neverUsedMsMax !== 0 && rules.nowMs - node.mtime > rules.neverUsedMsMax
    if (wasUsed || isForgotten) paths.push(path)
  }
  for (const path of tree.store.ttlPaths) {
    if (paths.length === rules.countMax) return paths
    const node = tree.getNode(path)
    if (node !== null && node.numChildren === 0 && rules.nowMs - node.mtime > node.ttlMs) paths.push(path)
  }
  return paths
}
