import type { Fault } from '../kernel/faults.ts'
import { can, refuseUnlessCan } from './engine.ts'
import type { Capability, EngineKind } from './engine.ts'

/** What a flag asks of the engine; one that is not here is for all of them. */
const NEEDS: Readonly<Record<string, Capability>> = {
  '--zookeeper-home': 'java',
  '--heap': 'java',
  '--link-delay': 'links',
  '--link-jitter': 'links',
  '--link-loss': 'links',
  '--connect': 'connect',
  '--chroot': 'connect',
  '--allow-remote-writes': 'connect',
  '--tls': 'connect',
  '--tls-ca': 'connect',
  '--tls-cert': 'connect',
  '--tls-key': 'connect',
  '--tls-passphrase-file': 'connect',
  '--no-tls-verify-host': 'connect',
  '--auth-file': 'connect',
  '--admin-port': 'connect',
  '--data-dir': 'folders',
  '--log-dir': 'folders',
  '--keep': 'folders',
}

/** Whether a flag means anything to an engine. */
export function isFlagFor(engine: EngineKind, flag: string): boolean {
  const needed = NEEDS[flag]
  return needed === undefined || can(engine, needed)
}

/** Refuses by name the flags that ask for what an engine cannot do. @param given undefined or false: it is not given */
export function refuseFlags(engine: EngineKind, given: Readonly<Record<string, unknown>>, faults: Fault[]): void {
  for (const [flag, value] of Object.entries(given)) {
    const needed = NEEDS[flag]
    if (needed !== undefined && value !== undefined && value !== false) refuseUnlessCan(engine, needed, flag, faults)
  }
}
