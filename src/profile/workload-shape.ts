import type { WorkloadShape } from './plan.ts'

/** Where no profile says otherwise; of the sizes every workload says something. */
export const PLAIN_SHAPE: Omit<WorkloadShape, 'valueSizes'> = {
  keyOrder: 'uniform',
  folderSize: 16,
  depth: 1,
  multiSize: 4,
  watchers: 8,
  parties: 4,
  stormSize: 25,
  stormSpreadMs: 0,
  via: 'sessions',
}

/** That shape, with values of one size. */
export function plainShape(valueSizeBytes: number): WorkloadShape {
  return { ...PLAIN_SHAPE, valueSizes: [{ weight: 1, minBytes: valueSizeBytes, maxBytes: valueSizeBytes }] }
}
