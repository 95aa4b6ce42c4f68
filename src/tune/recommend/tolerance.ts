import { ZktuneError } from '../../kernel/errors.ts'
import type { Plan } from '../../profile/plan.ts'

/**
 * Whether the ensemble goes on when so many of its voters are lost. The size is no knob: it is asked for, not searched.
 *
 * @throws ZktuneError UsageConflict when it does not
 */
export function checkTolerance({ voters, settings, origins }: Plan, tolerate: number): void {
  const quorum = settings.find(({ key }) => key === 'zktune.quorum')?.value ?? 'majority'
  const needed =
    quorum === 'unanimous' ? voters : quorum === 'majority' ? Math.floor(voters / 2) + 1 : largestOf(quorum)
  if (voters - needed >= tolerate) return
  throw new ZktuneError('UsageConflict', {
    where: `--tolerate ${tolerate}`,
    what: `${voters} ${voters === 1 ? 'voter' : 'voters'} (${origins.voters}) may lose ${Math.max(0, voters - needed)}`,
    mend: `It takes ${2 * tolerate + 1} voters: ${2 * tolerate + 1 <= 3 ? '--profile small-cluster' : 'a larger cluster profile, or a file with so many server lines'}.`,
  })
}

/** Of `p1:p2`: both are needed, one to elect and one to write. */
function largestOf(quorum: string): number {
  return Math.max(...quorum.split(':').map(Number).filter(Number.isFinite), 1)
}
