import type { TreeSize } from '../../measure/recovery.ts'
import type { Plan } from '../../profile/plan.ts'
import { findKnob } from '../../zoocfg/catalogue.ts'
import { treeText } from '../recommend/tree-size.ts'

const MIB = 2 ** 20
/** A JVM that does nothing yet, and requests that wait. */
const BASE_BYTES = 512 * MIB
/** Objects, strings and maps around a value; and a snapshot or a resync holds parts twice. */
const HEAP_PER_VALUE = 4
const OVERHEAD_PER_ZNODE_BYTES = 500
/** The page cache of log and snapshots wants the rest. */
const HEAP_SHARE_MAX = 0.5

export interface HeapAdvice {
  readonly heapMiB: number
  readonly why: string
}

/** From the tree that the servers hold, with a margin; for Apache. */
export function heapFor(size: TreeSize, memoryBytes: number): HeapAdvice {
  const tree = size.znodes * (size.valueBytes + OVERHEAD_PER_ZNODE_BYTES)
  const wanted = BASE_BYTES + HEAP_PER_VALUE * tree
  const limit = HEAP_SHARE_MAX * memoryBytes
  const heapMiB = Math.ceil(Math.min(Math.max(wanted, 1024 * MIB), limit) / (64 * MIB)) * 64
  const takes = `a tree of ${treeText(size)} takes about ${Math.ceil(tree / MIB)} MiB`
  const why = `${takes}; ${HEAP_PER_VALUE} times that and ${BASE_BYTES / MIB} MiB, at least 1 GiB, at most half of the memory`
  return { heapMiB, why }
}

/** conf/java.env, which zkEnv.sh reads: the heap, and settings that do nothing in zoo.cfg. */
export function javaEnv(plan: Plan, tree: TreeSize, memoryBytes: number): string {
  const { heapMiB, why } = heapFor(tree, memoryBytes)
  const properties = plan.settings.filter(({ key }) => findKnob(key)?.inZooCfg === false)
  const flags = [
    `-Xms${heapMiB}m`,
    `-Xmx${heapMiB}m`,
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=100',
    ...properties.map(({ key, value }) => `-D${key}=${value}`),
  ]
  return [
    '# Heap, computed: ' + why + '.',
    '# A pause of the collector beyond syncLimit * tickTime is a failover.',
    `SERVER_JVMFLAGS="${flags.join(' ')}"`,
    '# zkEnv.sh adds its own -Xmx from this.',
    `ZK_SERVER_HEAP=${heapMiB}`,
    '',
  ].join('\n')
}
