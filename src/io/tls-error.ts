/** What went wrong between two sides of a TLS connection, in words for whoever has to mend it. */
interface Meaning {
  readonly what: string
  readonly mend: string
}

const NOT_TRUSTED: Meaning = {
  what: "the other side's certificate leads to no authority that is trusted here",
  mend: 'Name the authority that signed it (ca, or ssl.trustStore.location).',
}
const NO_COMMON_CIPHER: Meaning = {
  what: 'the two sides have no cipher suite in common',
  mend: 'Compare ssl.ciphersuites of the server with what the client offers, and the kind of key (EC or RSA).',
}
const NO_COMMON_PROTOCOL: Meaning = {
  what: 'the two sides have no version of TLS in common',
  mend: 'Compare ssl.enabledProtocols of the server with what the client offers.',
}
const REFUSED_HERE: Meaning = {
  what: 'the other side does not accept the certificate shown to it',
  mend: 'Let its trust store hold the authority that signed the certificate.',
}
const NOT_TLS: Meaning = {
  what: 'the other side does not speak TLS',
  mend: 'Use the port that does: secureClientPort of a server.',
}
const CERTIFICATE_MISSING: Meaning = {
  what: 'a certificate is asked for, and none was shown',
  mend: 'Give the client a certificate and its key, or set ssl.clientAuth=none on the server.',
}

/** By Node's code, or by OpenSSL's reason in the form of one. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  CERT_SIGNATURE_FAILURE: NOT_TRUSTED,
  INVALID_CA: NOT_TRUSTED,
  INVALID_PURPOSE: {
    what: "the other side's certificate is not for this use",
    mend: 'Its extended key usage must have serverAuth on a server and clientAuth on a client, or be left out.',
  },
  CERT_HAS_EXPIRED: { what: "the other side's certificate has expired", mend: 'Renew it.' },
  CERT_NOT_YET_VALID: {
    what: "the other side's certificate is not valid yet",
    mend: 'Look at the clocks of both machines.',
  },
  WRONG_VERSION_NUMBER: NOT_TLS,
  PACKET_LENGTH_TOO_LONG: NOT_TLS,
  HTTP_REQUEST: NOT_TLS,
  UNSUPPORTED_PROTOCOL: NO_COMMON_PROTOCOL,
  NO_PROTOCOLS_AVAILABLE: NO_COMMON_PROTOCOL,
  VERSION_TOO_LOW: NO_COMMON_PROTOCOL,
  TLSV1_ALERT_PROTOCOL_VERSION: NO_COMMON_PROTOCOL,
  NO_SHARED_CIPHER: NO_COMMON_CIPHER,
  NO_SUITABLE_SIGNATURE_ALGORITHM: NO_COMMON_CIPHER,
  SSLV3_ALERT_HANDSHAKE_FAILURE: {
    what: 'the other side found no cipher suite or certificate that it could go on with',
    mend: `${NO_COMMON_CIPHER.mend} A server may also want a certificate of the client.`,
  },
  PEER_DID_NOT_RETURN_A_CERTIFICATE: CERTIFICATE_MISSING,
  TLSV13_ALERT_CERTIFICATE_REQUIRED: CERTIFICATE_MISSING,
  TLSV1_ALERT_UNKNOWN_CA: REFUSED_HERE,
  SSLV3_ALERT_BAD_CERTIFICATE: REFUSED_HERE,
  SSLV3_ALERT_CERTIFICATE_UNKNOWN: REFUSED_HERE,
  SSLV3_ALERT_CERTIFICATE_EXPIRED: REFUSED_HERE,
  SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: REFUSED_HERE,
}

/** @returns null for an error that is none of TLS */
export function tlsMeaningOf(error: unknown): Meaning | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      what: `the server's certificate is not for this host (${error.message})`,
      mend: 'Connect by a name that is in the certificate, or have one made that names this host.',
    }
  }
  if (code === 'ECONNRESET' && error.message.includes('before secure TLS connection')) {
    return {
      what: 'the other side closed the connection during the TLS handshake',
      mend: 'See whether this is its secureClientPort, and its log for the reason.',
    }
  }
  const reason = reasonOf(error, code)
  const known = MEANINGS[reason]
  if (known !== undefined) return { what: `${known.what} (${reason})`, mend: known.mend }
  if (!code.startsWith('ERR_SSL_') && code !== 'EPROTO') return null
  return { what: `TLS failed: ${reason}`, mend: 'Look at the log of the other side for its reason.' }
}

/** OpenSSL says `error:0A00010B:SSL routines:function:wrong version number:file:line`. */
function reasonOf(error: Error, code: string): string {
  const inText = /:SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1]
  if (inText !== undefined)
    return inText
      .trim()
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
  return code.replace(/^ERR_SSL_/, '')
}
