/** The tree that a deployment holds, as `--tree` gives it: what syncs carry and heaps hold. */
import { ZktuneError } from '../../kernel/errors.ts'
import { parseCount, parseSizeBytes } from '../../kernel/quantity.ts'
import type { TreeSize } from '../../measure/recovery.ts'
import type { Workload } from '../../profile/plan.ts'

const ZNODES_MAX = 10_000_000
/** Beside a request's other parts, in jute.maxbuffer's default. */
const VALUE_BYTES_MAX = 2 ** 20 - 1024

/** `100000x1KiB`, `50k x 200B`. @throws ZktuneError BadConfigValue */
export function parseTree(text: string): TreeSize {
  const where = '--tree'
  const [, znodes, bytes] = /^\s*([\d.]+[kKM]?)\s*x\s*(\S+)\s*$/.exec(text) ?? []
  if (znodes === undefined || bytes === undefined) {
    const mend = 'Write how many znodes of how many bytes each: 100000x1KiB.'
    throw new ZktuneError('BadConfigValue', { where, what: `"${text}" is no size of a tree`, mend })
  }
  return {
    znodes: parseCount(znodes, { where, min: 1, max: ZNODES_MAX }),
    valueBytes: parseSizeBytes(bytes, { where, min: 0, max: VALUE_BYTES_MAX }),
  }
}

/** Without `--tree` it is the one that the trials have. */
export function treeOf({ keyCount, shape }: Pick<Workload, 'keyCount' | 'shape'>): TreeSize {
  const weights = shape.valueSizes.reduce((sum, { weight }) => sum + weight, 0)
  const bytes = shape.valueSizes.reduce((sum, { weight, minBytes, maxBytes }) => {
    return sum + ((weight / weights) * (minBytes + maxBytes)) / 2
  }, 0)
  return { znodes: Math.max(1, keyCount), valueBytes: Math.round(bytes) }
}

export function treeText({ znodes, valueBytes }: TreeSize): string {
  return `${znodes.toLocaleString('en-US')} znodes of ${valueBytes.toLocaleString('en-US')} bytes`
}
