import type { Plan } from './plan.ts'

/** `1 server`, `3 servers`, `3 voters and 2 observers` */
export function ensembleSizeText({ voters, observers }: Pick<Plan, 'voters' | 'observers'>): string {
  if (observers === 0) return voters === 1 ? '1 server' : `${voters} servers`
  return `${voters} voters and ${observers} ${observers === 1 ? 'observer' : 'observers'}`
}
