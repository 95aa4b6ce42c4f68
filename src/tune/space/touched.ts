import type { OperationKind, Workload } from '../../profile/plan.ts'
import type { Touch } from './search-knob.ts'

/** What each kind of operation exercises. A kind that is not here is taken to exercise everything. */
const TOUCHES: Readonly<Partial<Record<OperationKind, readonly Touch[]>>> = {
  get: ['reads'],
  exists: ['reads'],
  children: ['reads'],
  set: ['writes'],
  create: ['writes'],
  delete: ['writes'],
  ephemeral: ['writes'],
  sequential: ['writes'],
  multi: ['writes'],
  // A quorum round and the get behind it.
  sync: ['writes', 'reads'],
  // Opening and closing a session are writes, too.
  connect: ['connections', 'writes'],
  close: ['connections', 'writes'],
  watch: ['watches', 'writes', 'reads'],
}
const EVERYTHING: readonly Touch[] = ['writes', 'reads', 'connections', 'watches']

/** What of a server a workload exercises. */
export function touchedBy({ mix }: Workload): ReadonlySet<Touch> {
  const touched = new Set<Touch>()
  for (const [kind, weight] of Object.entries(mix)) {
    if (weight <= 0) continue
    for (const touch of TOUCHES[kind as OperationKind] ?? EVERYTHING) touched.add(touch)
  }
  return touched
}
