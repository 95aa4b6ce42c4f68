import type { Knob } from './knob.ts'

/**
 * Settings of the built-in engine itself. Apache takes any key without a word and reads none of these, so a file with
 * them still serves both.
 */
// prettier-ignore
export const OWN_CATALOGUE_DATA: readonly Knob[] = [
  { key: 'zktune.gatewayPort', group: 'zktune', type: 'int', unit: 'port', min: 0, max: 65535, onInvalid: 'refuse' },
  { key: 'zktune.historyWindowMs', group: 'zktune', type: 'duration-ms', unit: 'ms', default: 0, min: 0, onInvalid: 'refuse' },
  { key: 'zktune.logSync', group: 'zktune', type: 'enum', default: 'async', words: ['async', 'inline'], onInvalid: 'refuse' },
  { key: 'zktune.logWritesInFlight', group: 'zktune', type: 'int', default: 3, min: 1, max: 4, onInvalid: 'refuse' },
  { key: 'zktune.quorum', group: 'zktune', type: 'string', default: 'majority', onInvalid: 'refuse' },
]
