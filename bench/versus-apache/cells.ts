import { plainShape } from '../../src/profile/workload-shape.ts'
import type { OperationKind, Workload } from '../../src/profile/plan.ts'

/** One load under which the engines are compared. */
export interface Cell {
  /** As the table shows it and `--cells` picks it: `set 1024 B, 16 × 16`. */
  readonly name: string
  readonly workload: Workload
}

/** Sessions and requests that each keeps in flight: from one lone client to more than the servers can take. */
const SHAPES = [
  [1, 1],
  [16, 1],
  [16, 16],
  [64, 32],
] as const

const LOADS: readonly { readonly name: string; readonly mix: Workload['mix']; readonly sizes: readonly number[] }[] = [
  { name: 'set', mix: { set: 1 }, sizes: [1024, 100] },
  { name: 'get', mix: { get: 1 }, sizes: [1024, 100] },
  // Each request creates one or deletes the one that it made before, so the tree keeps its size.
  { name: 'create and delete ephemeral', mix: { ephemeral: 1 }, sizes: [100] },
  { name: '90 % get, 10 % set', mix: { get: 9, set: 1 }, sizes: [1024] },
]

const KEY_COUNT = 1000

/** What both engines compile their code under before anything counts. */
export const WARMUP: Cell = cellOf({ name: 'warm-up', mix: { get: 1, set: 1 } }, 1024, [16, 16])

/** @param pattern part of a name, or a regular expression over it; null takes all */
export function cellsNamed(pattern: string | null): readonly Cell[] {
  const wanted = pattern === null ? null : new RegExp(pattern)
  return LOADS.flatMap((load) => load.sizes.flatMap((size) => SHAPES.map((shape) => cellOf(load, size, shape)))).filter(
    ({ name }) => wanted === null || wanted.test(name),
  )
}

function cellOf(
  load: { readonly name: string; readonly mix: Partial<Record<OperationKind, number>> },
  valueSizeBytes: number,
  [sessions, inFlight]: readonly [number, number],
): Cell {
  const name = `${load.name} ${valueSizeBytes} B, ${sessions} × ${inFlight}`
  const shape = plainShape(valueSizeBytes)
  return { name, workload: { name, mix: load.mix, sessions, inFlight, valueSizeBytes, keyCount: KEY_COUNT, shape } }
}
