/** Whose servers a run is about, and what can be asked of them. */
import type { Fault } from '../kernel/faults.ts'

/** `builtin` comes with zktune, `apache` is what is installed on this machine, `remote` runs already, wherever. */
export type EngineKind = 'builtin' | 'apache' | 'remote'

export const ENGINES: readonly EngineKind[] = ['builtin', 'apache', 'remote']

/** Something that can be asked of an engine and that not all of them can do. */
export type Capability = 'java' | 'quorum-rule'

interface CapabilityRow {
  /** Goes on after `the engine "apache" cannot`. */
  readonly doing: string
  readonly engines: readonly EngineKind[]
  /** What to do instead; a full sentence. */
  readonly mend: string
}

/** The one table of what differs; everything else is the same for all three. */
const CAPABILITIES: Readonly<Record<Capability, CapabilityRow>> = {
  java: {
    doing: 'run on Java',
    engines: ['apache'],
    mend: 'Leave it out, or ask for --engine apache.',
  },
  'quorum-rule': {
    doing: 'decide by quorums of other sizes than a majority',
    engines: ['builtin'],
    mend: 'Leave it out, or ask for --engine builtin.',
  },
}

export function can(engine: EngineKind, capability: Capability): boolean {
  return CAPABILITIES[capability].engines.includes(engine)
}

/**
 * Refuses by name, before anything starts, what an engine cannot do.
 *
 * @param where what asked for it: a flag, a profile, a line
 */
export function refuseUnlessCan(engine: EngineKind, capability: Capability, where: string, faults: Fault[]): void {
  if (can(engine, capability)) return
  const { doing, mend } = CAPABILITIES[capability]
  faults.push({ code: 'NotSupported', where, what: `the engine "${engine}" cannot ${doing}`, mend })
}
