/** Whose servers a run is about, and what can be asked of them. */
import type { Fault } from '../kernel/faults.ts'

/** `builtin` comes with zktune, `apache` is what is installed on this machine, `remote` runs already, wherever. */
export type EngineKind = 'builtin' | 'apache' | 'remote'

export const ENGINES: readonly EngineKind[] = ['builtin', 'apache', 'remote']

/** TLS to servers that run already; each text is the path of a file with PEM. */
export interface RemoteTls {
  /** Null: the authorities that come with Node. */
  readonly ca: string | null
  readonly cert: string | null
  /** Null: it stands in `cert`. */
  readonly key: string | null
  readonly passphraseFile: string | null
  readonly verifiesHost: boolean
}

/** How to come to servers that run already. Secrets are in files, and the plan knows their names only. */
export interface RemoteAccess {
  /** Null: in the clear. */
  readonly tls: RemoteTls | null
  /** A file whose first line is `user:password` for the digest scheme; null: prove nothing. */
  readonly authFile: string | null
  /** Where every server's AdminServer would be. */
  readonly adminPort: number
}

export interface PlannedRemote {
  /** `host:port,host:port/parent` */
  readonly connect: string
  /** The znode of the run, below the root of the connect string; null: one that no other run has. */
  readonly chroot: string | null
  readonly access: RemoteAccess
}

/** Something that can be asked of an engine and that not all of them can do. */
export type Capability =
  'java' | 'quorum-rule' | 'boot' | 'settings' | 'folders' | 'certificates' | 'links' | 'connect' | 'gateway'

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
  boot: {
    doing: 'be booted: it runs already',
    engines: ['builtin', 'apache'],
    mend: 'Measure it with zktune bench, or look at it with zktune inspect --connect.',
  },
  settings: {
    doing: 'be given another size or other settings: it runs already',
    engines: ['builtin', 'apache'],
    mend: 'Leave it out, or boot an ensemble for it with --engine builtin or apache.',
  },
  folders: {
    doing: 'be told where its files are: it runs already',
    engines: ['builtin', 'apache'],
    mend: 'Leave it out.',
  },
  certificates: {
    doing: 'be given certificates of the run: it has its own',
    engines: ['builtin', 'apache'],
    mend: 'Say with --tls, --tls-ca, --tls-cert and --tls-key how clients come to it.',
  },
  links: {
    doing: 'be given a network of the run: it has its own',
    engines: ['builtin', 'apache'],
    mend: 'Leave it out, or boot an ensemble for it with --engine builtin or apache.',
  },
  gateway: {
    doing: 'answer by a REST gateway that a run can find',
    engines: ['builtin'],
    mend: 'Leave it out and measure the AdminServer with --workload http-admin, or ask for --engine builtin.',
  },
  connect: {
    doing: 'be connected to from outside: the run boots it',
    engines: ['remote'],
    mend: 'Leave it out, or ask for --engine remote.',
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
