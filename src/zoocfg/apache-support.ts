/** What an Apache server makes of a setting that a run hands it. */
import { findKnob } from './catalogue.ts'
import type { Support } from './engine-support.ts'

const PEER_TLS = /^(?:sslQuorum|ssl\.quorum\.|portUnification$)/

/**
 * @param isInZooCfg the setting is a line of the user's zoo.cfg, which stays what it is: a run may not make it act where it
 *   does nothing for the user. Settings of profiles reach the server by whatever way it takes them.
 */
export function apacheSupport(key: string, isInZooCfg: boolean): Support {
  const knob = findKnob(key)
  // Taken as a property that nothing reads; that the key is unknown is remarked elsewhere.
  if (knob === null) return { honoured: true, how: 'it is handed to the server as it is' }
  if (knob.group === 'zktune') {
    return { honoured: false, why: 'unknown', reason: 'it is a setting of the built-in engine alone' }
  }
  if (knob.group === 'client-side') {
    return { honoured: false, why: 'client-side', reason: 'it is a setting of clients, not of servers' }
  }
  if (PEER_TLS.test(key)) {
    const reason = 'a run makes no certificates for the links between its servers, so these stay in the clear'
    return { honoured: false, why: 'not-yet', reason }
  }
  if (knob.inZooCfg === false && isInZooCfg) {
    const reason = 'it does nothing in zoo.cfg: Apache takes it as a JVM property only; a profile may set it for a run'
    return { honoured: false, why: 'no-effect', reason }
  }
  return { honoured: true, how: 'it is handed to the server' }
}
