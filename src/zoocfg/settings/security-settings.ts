import type { SettingReader } from '../setting-reader.ts'

/** Who clients are, and what that lets them do. */
export interface SecuritySettings {
  /** No access list is looked at. */
  readonly skipAcl: boolean
  /** The leader's check of the access list comes after one by the server that has the client. */
  readonly checksAclEagerly: boolean
  /** Null: clients cannot prove a digest. */
  readonly digest: DigestSettings | null
  /** Without an id of one of these schemes a client may do nothing but prove one; empty lets everybody in. */
  readonly requiredSchemes: readonly string[]
}

export interface DigestSettings {
  /** As node:crypto spells it. */
  readonly algorithm: string
  /** The `user:hash` whose owner is above all access lists; null for nobody. */
  readonly superDigest: string | null
}

/** The names of Java's MessageDigest, in capitals, and those of node:crypto. MD2, which Java has, is none of them. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA', 'sha1'],
  ['SHA1', 'sha1'],
  ['SHA-1', 'sha1'],
  ['SHA-224', 'sha224'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
  ['SHA-512/224', 'sha512-224'],
  ['SHA-512/256', 'sha512-256'],
  ['SHA3-224', 'sha3-224'],
  ['SHA3-256', 'sha3-256'],
  ['SHA3-384', 'sha3-384'],
  ['SHA3-512', 'sha3-512'],
])

const PREFIX = 'DigestAuthenticationProvider'

export function readSecuritySettings(from: SettingReader): SecuritySettings {
  const digest = readDigest(from)
  return {
    // Only the exact word counts: true is no yes.
    skipAcl: from.get('skipACL')?.value === 'yes',
    checksAclEagerly: from.lenientSwitch('enableEagerACLCheck', false),
    digest,
    requiredSchemes: readRequiredSchemes(from, digest !== null),
  }
}

function readDigest(from: SettingReader): DigestSettings | null {
  if (!from.lenientSwitch(`${PREFIX}.enabled`, true)) return null
  const named = from.get(`${PREFIX}.digestAlg`)
  const algorithm = named === null ? 'sha1' : ALGORITHMS.get(named.value.toUpperCase())
  if (named !== null && algorithm === undefined) {
    from.fault(
      named,
      `${PREFIX}.digestAlg is "${named.value}", which is no algorithm that this server has`,
      `Write one of ${[...ALGORITHMS.keys()].join(', ')}, the same on every server.`,
    )
  }
  return { algorithm: algorithm ?? 'sha1', superDigest: from.get(`${PREFIX}.superDigest`)?.value ?? null }
}

/** Who requires what no client can prove locks everybody out: refused at the start, as Apache does. */
function readRequiredSchemes(from: SettingReader, hasDigest: boolean): readonly string[] {
  const sasl = from.get('sessionRequireClientSASLAuth')
  if (sasl !== null && from.lenientSwitch('sessionRequireClientSASLAuth', false)) {
    from.fault(
      sasl,
      'sessionRequireClientSASLAuth is true, but this server has no SASL for clients',
      'Delete the line, or require another scheme by enforce.auth.enabled and enforce.auth.schemes.',
    )
  }
  const enabled = from.get('enforce.auth.enabled')
  if (enabled === null || !from.lenientSwitch('enforce.auth.enabled', false)) return []
  const listed = from.get('enforce.auth.schemes')
  const schemes = (listed?.value ?? '')
    .split(',')
    .map((scheme) => scheme.trim())
    .filter((scheme) => scheme !== '')
  if (schemes.length === 0) {
    from.fault(
      enabled,
      'enforce.auth.enabled is true, but enforce.auth.schemes names no scheme',
      'Name the schemes, for instance enforce.auth.schemes=digest, or delete the line.',
    )
  }
  const known = new Set(['ip', ...(hasDigest ? ['digest'] : []), ...(from.get('secureClientPort') ? ['x509'] : [])])
  for (const scheme of schemes) {
    if (known.has(scheme) || listed === null) continue
    from.fault(
      listed,
      `enforce.auth.schemes has ${scheme}, by which no client can prove anything to this server`,
      `Name schemes of ${[...known].join(', ')} only.`,
    )
  }
  return [...new Set(schemes)]
}
