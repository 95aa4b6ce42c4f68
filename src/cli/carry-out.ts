import type { BenchResult } from '../measure/bench-result.ts'
import type { BenchOptions } from '../measure/run-bench.ts'
import type { Plan } from '../profile/plan.ts'
import { resultsParent } from './results-place.ts'
import type { Shell } from './shell.ts'

export interface CarriedOut {
  readonly result: BenchResult
  /** Where it is kept; null: it is not. */
  readonly folder: string | null
  /** Something that was made elsewhere could not be removed, as was told. */
  readonly hasLeftSomething: boolean
}

export interface CarryOutFlags {
  readonly keep?: boolean
  /** False: `--no-results`. */
  readonly results?: string | false
}

/** Runs a plan, and tells on stderr where it stands and what happens meanwhile. */
export async function carryOut(
  plan: Plan,
  flags: CarryOutFlags,
  options: Pick<BenchOptions, 'thresholds' | 'capacity'>,
  { progress, signal, environment }: Shell,
): Promise<CarriedOut> {
  let hasLeftSomething = false
  let kept: string | null = null
  const { runBench } = await import('../measure/run-bench.ts')
  const result = await runBench(plan, {
    ...options,
    signal,
    keep: flags.keep === true,
    ...(flags.results === false ? {} : { results: resultsParent(flags.results, environment) }),
    onRecord: (folder) => (kept = folder),
    onProgress: (step) => progress.show(step),
    onBooted: ({ folder, hosts, chroot }) => {
      if (flags.keep === true && folder !== null) progress.note(`This run is kept in ${folder}`)
      if (chroot !== '') progress.note(`This run stays below ${chroot} of ${hosts}, and removes it.`)
    },
    onLeftBehind: (error) => {
      hasLeftSomething = true
      progress.note(error.message)
    },
    onServerExit: (id, code, killedBy) => {
      progress.note(`Server ${id} was ended from outside (${killedBy ?? `exit code ${code}`}); the run goes on.`)
    },
  })
  progress.end()
  if (kept !== null) progress.note(`Kept: zktune report ${String(kept)}`)
  return { result, folder: kept, hasLeftSomething }
}
