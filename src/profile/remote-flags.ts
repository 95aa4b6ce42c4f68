import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount } from '../kernel/quantity.ts'
import { refuseFlags } from './engine-flags.ts'
import type { EngineKind, PlannedRemote, RemoteAccess, RemoteTls } from './engine.ts'

/** How to come to servers that run already, as typed. */
export interface AccessFlags {
  readonly tls?: boolean | undefined
  readonly tlsCa?: string | undefined
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly tlsPassphraseFile?: string | undefined
  /** False for `--no-tls-verify-host`; otherwise true, given or not. */
  readonly tlsVerifyHost?: boolean | undefined
  readonly authFile?: string | undefined
  readonly adminPort?: string | undefined
}

export interface RemoteFlags extends AccessFlags {
  readonly connect?: string | undefined
  readonly chroot?: string | undefined
  readonly allowRemoteWrites?: boolean | undefined
  readonly dataDir?: string | undefined
  readonly logDir?: string | undefined
  readonly keep?: boolean | undefined
}

/** Where an AdminServer is unless admin.serverPort says otherwise. */
const ADMIN_PORT = 8080
const CHROOT = /^(?:\/[^/\s]+)+$/

/** @returns null for an engine that the run boots, to which none of these flags is for */
export function readRemote(engine: EngineKind, flags: RemoteFlags, faults: Fault[]): PlannedRemote | null {
  const given: Readonly<Record<string, unknown>> = {
    '--connect': flags.connect,
    '--chroot': flags.chroot,
    '--allow-remote-writes': flags.allowRemoteWrites,
    '--tls': flags.tls,
    '--tls-ca': flags.tlsCa,
    '--tls-cert': flags.tlsCert,
    '--tls-key': flags.tlsKey,
    '--tls-passphrase-file': flags.tlsPassphraseFile,
    '--no-tls-verify-host': flags.tlsVerifyHost === false ? true : undefined,
    '--auth-file': flags.authFile,
    '--admin-port': flags.adminPort,
    '--data-dir': flags.dataDir,
    '--log-dir': flags.logDir,
    '--keep': flags.keep,
  }
  refuseFlags(engine, given, faults)
  if (engine !== 'remote') return null
  const connect = flags.connect ?? ''
  if (connect === '') {
    const what = 'it is not said where the ensemble is'
    faults.push({ code: 'UsageConflict', where: '--engine remote', what, mend: 'Add --connect host:port,host:port.' })
  }
  if (flags.allowRemoteWrites !== true) {
    faults.push({
      code: 'UsageConflict',
      where: '--engine remote',
      what: 'a run writes znodes to this ensemble and puts load on it, which its other clients feel',
      mend: 'Add --allow-remote-writes when it may: the run stays below a new znode of its own, and removes that.',
    })
  }
  return { connect, chroot: readChroot(flags.chroot, faults), access: readAccessFlags(flags, faults) }
}

export function readAccessFlags(flags: AccessFlags, faults: Fault[]): RemoteAccess {
  const { adminPort } = flags
  return {
    tls: readTls(flags, faults),
    authFile: flags.authFile ?? null,
    adminPort:
      (adminPort === undefined
        ? null
        : gather(faults, () => parseCount(adminPort, { where: '--admin-port', min: 1, max: 65_535 }))) ?? ADMIN_PORT,
  }
}

function readTls(flags: AccessFlags, faults: Fault[]): RemoteTls | null {
  const { tlsCa: ca, tlsCert: cert, tlsKey: key, tlsPassphraseFile: passphraseFile } = flags
  const verifiesHost = flags.tlsVerifyHost !== false
  const isAsked =
    flags.tls === true || !verifiesHost || [ca, cert, key, passphraseFile].some((each) => each !== undefined)
  if (!isAsked) return null
  if (key !== undefined && cert === undefined) {
    const what = 'there is a key, but no certificate'
    faults.push({ code: 'UsageConflict', where: '--tls-key', what, mend: 'Add --tls-cert.' })
  }
  return {
    ca: ca ?? null,
    cert: cert ?? null,
    key: key ?? null,
    passphraseFile: passphraseFile ?? null,
    verifiesHost,
  }
}

function readChroot(chroot: string | undefined, faults: Fault[]): string | null {
  if (chroot === undefined) return null
  if (!CHROOT.test(chroot) || chroot === '/zookeeper' || chroot.startsWith('/zookeeper/')) {
    const what = `"${chroot}" is no znode that a run could have to itself`
    faults.push({ code: 'BadConfigValue', where: '--chroot', what, mend: 'Write one that does not exist yet: /bench.' })
  }
  return chroot
}
