/** What workloads that go by HTTP can and cannot be. They are driven by autocannon. */
import type { Fault } from '../kernel/faults.ts'
import { refuseUnlessCan } from './engine.ts'
import type { Sourced } from './plan-flags.ts'
import type { OperationKind, Plan, PlannedLoad, Via, Workload } from './plan.ts'

const KINDS: Readonly<Record<Exclude<Via, 'sessions'>, readonly OperationKind[]>> = {
  gateway: ['get', 'set', 'exists', 'children'],
  admin: ['admin'],
}

/** By HTTP there is only the closed loop, so that is what is run where nothing else was asked for. */
export function loadOf(
  load: Sourced<PlannedLoad>,
  shape: Sourced<Pick<Workload['shape'], 'via'>>,
): Sourced<PlannedLoad> {
  if (shape.value.via === 'sessions' || load.origin !== 'default') return load
  return { value: { kind: 'closed' }, origin: shape.origin }
}

export function checkHttp(plan: Plan, faults: Fault[]): void {
  const { workload, origins, clients, engine, load } = plan
  const { via } = workload.shape
  const kinds = Object.keys(workload.mix)
  if (via === 'sessions') {
    if (kinds.includes('admin')) faults.push(wrongKind('admin', via, "Add via=admin to the workload's profile.", plan))
    return
  }
  for (const kind of kinds) {
    if (KINDS[via].some((known) => known === kind)) continue
    faults.push(wrongKind(kind, via, `By HTTP these can be asked for: ${KINDS[via].join(', ')}.`, plan))
  }
  if (via === 'gateway') refuseUnlessCan(engine, 'gateway', origins['workload.shape'], faults)
  if (load.kind !== 'closed') {
    const what =
      'autocannon, which drives HTTP, keeps no rate by which a latency could be believed: a closed loop is all'
    faults.push({ code: 'NotSupported', where: origins.load, what, mend: `Leave it out, or write --closed.` })
  }
  if (via === 'gateway' && clients.auth !== 'none') {
    const what = 'the REST gateway proves no identity, and so may not touch what a digest user owns'
    const mend = 'Leave out the security profile, or the workload.'
    faults.push({ code: 'UsageConflict', where: origins['clients.auth'], what, mend })
  }
}

function wrongKind(kind: string, via: Via, mend: string, { origins }: Plan): Fault {
  const what = `the mix has "${kind}", which does not go by ${via}`
  return { code: 'BadConfigValue', where: origins['workload.mix'], what, mend }
}
