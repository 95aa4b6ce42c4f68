import type { Plan } from '../profile/plan.ts'
import { apacheEngine } from './apache/apache-engine.ts'
import type { Ensemble } from './ensemble.ts'
import { RemoteEnsemble } from './remote/remote-ensemble.ts'
import { startPlannedEnsemble, type RunOptions } from './start-ensemble.ts'

/**
 * For whoever does something else before the first boot: what the plan's engine needs is there, and runs.
 *
 * @throws ZktuneError as `apacheEngine`
 */
export async function requireEngine({ apache }: Plan): Promise<void> {
  if (apache !== null) await apacheEngine({ ...apache, environment: process.env })
}

/**
 * The ensemble of a plan: booted, or connected to where it runs already. Errors as for `startEnsemble`; of a remote one those
 * of `RemoteEnsemble.connect`.
 */
export async function openEnsemble(plan: Plan, options: RunOptions = {}): Promise<Ensemble> {
  if (plan.remote === null) return await startPlannedEnsemble(plan, options)
  const { signal, onLeftBehind } = options
  return await RemoteEnsemble.connect(plan.remote, {
    chroot: plan.remote.chroot,
    provesUser: plan.clients.auth === 'digest',
    ...(signal === undefined ? {} : { signal }),
    ...(onLeftBehind === undefined ? {} : { onLeftBehind }),
  })
}
