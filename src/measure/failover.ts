import { setTimeout as sleep } from 'node:timers/promises'
import type { Ensemble } from '../ensemble/ensemble.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Plan } from '../profile/plan.ts'
import { SteadyWriters } from './steady-writers.ts'

/** What losing the leader cost the writers. */
export interface FailoverResult {
  /** The server that was ended by SIGKILL. */
  readonly leader: number
  /** The longest time between two acknowledged writes of anybody's since then, in milliseconds; null: none came back in 30 s. */
  readonly withoutWritesMs: number | null
}

const STEADY_MS = 500
/** Writes that have flowed for so long since the longest gap will go on flowing. */
const FLOWING_MS = 1_000
const GIVE_UP_MS = 30_000
const POLL_MS = 50

/** @throws ZktuneError UsageConflict where the servers that are left are no quorum */
export function checkCanFailOver({ voters, origins }: Pick<Plan, 'voters' | 'origins'>): void {
  if (voters >= 3) return
  throw new ZktuneError('UsageConflict', {
    where: '--failover',
    what: `${voters === 1 ? 'one voter' : 'two voters'} (${origins.voters}) without the leader decide nothing`,
    mend: 'Leave it out, or take a cluster of three voters or more.',
  })
}

/**
 * Ends the leader of an ensemble by SIGKILL under a light load of writes from several sessions, and waits until they are acknowledged again.
 *
 * @param options `onKill` hears which server is about to be ended
 * @throws ZktuneError ServerFailed without a leader that can be ended, CannotConnect and the like from the clients, Interrupted
 */
export async function measureFailover(
  ensemble: Ensemble,
  { signal, onKill }: { readonly signal: AbortSignal | null; readonly onKill: (server: number) => void },
): Promise<FailoverResult> {
  const leader = (await ensemble.servers()).find(({ role }) => role === 'leader')
  if (leader === undefined || leader.pid === null) {
    throw new ZktuneError('ServerFailed', {
      where: 'failover',
      what: 'no server of this machine leads',
      mend: 'Look into the logs of the servers (--keep) for why they have no leader.',
    })
  }
  await using writers = await SteadyWriters.open(ensemble, signal)
  await sleep(STEADY_MS)
  signal?.throwIfAborted()
  onKill(leader.id)
  process.kill(leader.pid, 'SIGKILL')
  const gap = writers.watchGap()
  while (performance.now() - gap.sinceMs < GIVE_UP_MS) {
    await sleep(POLL_MS)
    signal?.throwIfAborted()
    if (gap.lastMs > gap.sinceMs && gap.lastMs - gap.longestEndMs > FLOWING_MS) {
      return { leader: leader.id, withoutWritesMs: gap.longestMs }
    }
  }
  return { leader: leader.id, withoutWritesMs: null }
}
