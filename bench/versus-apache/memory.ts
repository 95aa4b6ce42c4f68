import { connect } from '../../src/index.ts'
import { median } from '../../src/stats/quantile.ts'
import { fillTree, residentMiB } from '../crowd/fill-tree.ts'
import type { ComparedEnsemble } from '../engines.ts'

const ZNODE_BYTES = 100
/** Lets garbage and closed files of what was before go. */
const SETTLE_MS = 5000

/** Resident memory of a server by what the ensemble holds: the median of the servers, MiB. The ensemble has to be fresh. */
export async function memoryOf(ensemble: ComparedEnsemble, znodes: number): Promise<ReadonlyMap<string, number>> {
  const figures = new Map<string, number>()
  const measure = async (holding: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    figures.set(`memory of a server, ${holding}, MiB`, median(ensemble.pids.map(residentMiB)))
  }
  await measure('empty')
  await using client = await connect(ensemble.hosts, { sessionTimeoutMs: 40_000 })
  await fillTree(client, znodes, ZNODE_BYTES)
  await measure(`${znodes} znodes of ${ZNODE_BYTES} B`)
  return figures
}
