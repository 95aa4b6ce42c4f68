import { expect, test } from 'vitest'
import { readEngineSettings } from '../../src/zoocfg/engine-settings.ts'
import type { Findings } from '../../src/zoocfg/findings.ts'

function faultsOf(lines: Readonly<Record<string, string>>): readonly string[] {
  const settings = new Map(Object.entries(lines).map(([key, value]) => [key, { key, value, where: 'zoo.cfg:1' }]))
  const findings: Findings = { faults: [], remarks: [] }
  readEngineSettings(settings, findings)
  return findings.faults.map(({ what }) => what)
}

const ENFORCED = { 'enforce.auth.enabled': 'true' }

test.each([
  ['no scheme at all', ENFORCED, 'names no scheme'],
  ['an empty list', { ...ENFORCED, 'enforce.auth.schemes': ' , ' }, 'names no scheme'],
  ['a scheme that nobody knows', { ...ENFORCED, 'enforce.auth.schemes': 'digest,key' }, 'has key'],
  ['sasl', { ...ENFORCED, 'enforce.auth.schemes': 'sasl' }, 'has sasl'],
  ['x509 without a port for TLS', { ...ENFORCED, 'enforce.auth.schemes': 'x509' }, 'has x509'],
  [
    'digest when it is off',
    { ...ENFORCED, 'enforce.auth.schemes': 'digest', 'DigestAuthenticationProvider.enabled': 'false' },
    'has digest',
  ],
  ['SASL for every session', { sessionRequireClientSASLAuth: 'true' }, 'has no SASL'],
  ['an unknown digest', { 'DigestAuthenticationProvider.digestAlg': 'MD2' }, 'no algorithm'],
])('who enforces %s locks everybody out: refused', (_title, lines, text) => {
  expect(faultsOf(lines)).toEqual([expect.stringContaining(text)])
})

test.each([
  { ...ENFORCED, 'enforce.auth.schemes': 'digest, ip' },
  { ...ENFORCED, 'enforce.auth.schemes': 'x509', secureClientPort: '2281' },
  { 'enforce.auth.enabled': 'false' },
  { 'enforce.auth.schemes': 'nonsense' },
  { 'DigestAuthenticationProvider.digestAlg': 'sha-256' },
])('%j is fine', (lines) => {
  expect(faultsOf(lines)).toEqual([])
})

test('the shares of the connection throttle lie between 0 and 1, or the server does not start', () => {
  for (const name of ['drop_increase', 'drop_decrease', 'decrease_ratio']) {
    for (const value of ['-0.1', '1.1', 'much', '']) {
      expect(faultsOf({ [`connection_throttle_${name}`]: value })).toHaveLength(1)
    }
    expect(faultsOf({ [`connection_throttle_${name}`]: '0.5' })).toEqual([])
  }
})
