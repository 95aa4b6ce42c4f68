/**
 * The cipher suites that zoo.cfg may name in Java's spelling (IANA's), and OpenSSL's names for them. The order is the one in
 * which a server prefers them when zoo.cfg names none: ephemeral keys and authenticated encryption first.
 */
export interface CipherSuite {
  readonly iana: string
  readonly openssl: string
  readonly version: 'TLSv1.2' | 'TLSv1.3'
  /** Offered when zoo.cfg names none. */
  readonly isDefault: boolean
}

// prettier-ignore
const SUITES: readonly (readonly [iana: string, openssl: string, isDefault: boolean])[] = [
  ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384', true],
  ['TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256', true],
  ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', true],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', true],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', true],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384', true],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', true],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305', true],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305', true],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-SHA256', true],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256', true],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA', true],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA', true],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'ECDHE-ECDSA-AES256-SHA384', true],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384', true],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA', true],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA', true],
  ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'DHE-RSA-AES128-GCM-SHA256', false],
  ['TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', 'DHE-RSA-AES256-GCM-SHA384', false],
  ['TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'DHE-RSA-CHACHA20-POLY1305', false],
  ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA256', 'DHE-RSA-AES128-SHA256', false],
  ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA256', 'DHE-RSA-AES256-SHA256', false],
  ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA', 'DHE-RSA-AES128-SHA', false],
  ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA', 'DHE-RSA-AES256-SHA', false],
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256', false],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384', false],
  ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256', false],
  ['TLS_RSA_WITH_AES_256_CBC_SHA256', 'AES256-SHA256', false],
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA', false],
  ['TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA', false],
]

export const CIPHER_SUITES: readonly CipherSuite[] = SUITES.map(([iana, openssl, isDefault]) => ({
  iana,
  openssl,
  version: iana === openssl ? 'TLSv1.3' : 'TLSv1.2',
  isDefault,
}))

/** @returns null for a name that this engine does not know */
export function cipherSuite(iana: string): CipherSuite | null {
  return CIPHER_SUITES.find((suite) => suite.iana === iana) ?? null
}
