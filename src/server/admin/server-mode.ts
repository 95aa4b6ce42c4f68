import type { AdminFacts } from './admin-facts.ts'

/** Whether this server answers reads without belonging to a quorum. */
export function isReadOnly(facts: AdminFacts): boolean {
  return facts.sessions.service.audience === 'readers'
}
