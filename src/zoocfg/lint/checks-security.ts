/** Rules on TLS, authentication, and who may do what. */
import { isSecret } from '../secrets.ts'
import { onKey, onWord } from './check.ts'
import type { Check, Checks } from './check.ts'
import { isLoopback } from './checks-members.ts'
import type { ServerView } from './server-view.ts'

const NETTY = 'NettyServerCnxnFactory'
const OLD_PROTOCOLS = /^(SSLv2|SSLv3|TLSv1|TLSv1\.1)$/i
/** Has a rule of its own. */
const SUPER_DIGEST = 'DigestAuthenticationProvider.superDigest'
/** Served without any provider being named. */
const BUILT_IN_SCHEMES = ['ip', 'digest', 'world', 'auth', 'super']

export const SECURITY_CHECKS: Checks = {
  'secure-port-needs-netty': onKey('secureClientPort', (server) =>
    hasSecurePort(server) && !(server.written('serverCnxnFactory') ?? '').includes(NETTY)
      ? 'secureClientPort is set and serverCnxnFactory is not the Netty one'
      : null,
  ),
  'secure-port-without-keystore': onKey('secureClientPort', (server) =>
    hasSecurePort(server) && server.written('ssl.keyStore.location') === null
      ? 'secureClientPort is set and ssl.keyStore.location is not'
      : null,
  ),
  'ssl-auth-provider-unregistered': onKey('ssl.authProvider', (server) => {
    const scheme = server.written('ssl.authProvider')
    const isBuiltIn = scheme === null || scheme === 'x509'
    return hasSecurePort(server) && !isBuiltIn && server.line(`authProvider.${scheme}`) === null
      ? `ssl.authProvider is ${scheme}, and there is no authProvider.${scheme}`
      : null
  }),
  'enforce-auth-without-schemes': onKey('enforce.auth.enabled', (server) =>
    server.isTrue('enforce.auth.enabled') && (server.written('enforce.auth.schemes') ?? '').trim() === ''
      ? 'enforce.auth.enabled is true and enforce.auth.schemes names none'
      : null,
  ),
  'enforce-auth-scheme-unavailable': onKey('enforce.auth.schemes', (server) => {
    if (server.isTrue('sessionRequireClientSASLAuth')) {
      return isAvailable(server, 'sasl') ? null : 'sessionRequireClientSASLAuth is true, and sasl has no provider'
    }
    if (!server.isTrue('enforce.auth.enabled')) return null
    const schemes = (server.written('enforce.auth.schemes') ?? '').split(',').map((scheme) => scheme.trim())
    const strange = schemes.find((scheme) => scheme !== '' && !isAvailable(server, scheme))
    return strange === undefined ? null : `enforce.auth.schemes names ${strange}, which has no provider`
  }),
  'quorum-sasl-server-without-enable': onKey('quorum.auth.serverRequireSasl', (server) =>
    server.isTrue('quorum.auth.serverRequireSasl') && !server.isTrue('quorum.auth.enableSasl')
      ? 'quorum.auth.serverRequireSasl is true and quorum.auth.enableSasl is not'
      : null,
  ),
  'quorum-sasl-learner-without-enable': onKey('quorum.auth.learnerRequireSasl', (server) =>
    server.isTrue('quorum.auth.learnerRequireSasl') && !server.isTrue('quorum.auth.enableSasl')
      ? 'quorum.auth.learnerRequireSasl is true and quorum.auth.enableSasl is not'
      : null,
  ),
  'quorum-sasl-server-without-learner': onKey('quorum.auth.serverRequireSasl', (server) =>
    server.isTrue('quorum.auth.enableSasl') &&
    server.isTrue('quorum.auth.serverRequireSasl') &&
    !server.isTrue('quorum.auth.learnerRequireSasl')
      ? 'quorum.auth.serverRequireSasl is true and quorum.auth.learnerRequireSasl is not'
      : null,
  ),
  'sslquorum-without-keystore': onKey('sslQuorum', (server) => {
    const missing = ['keyStore', 'trustStore'].filter(
      (store) => server.written(`ssl.quorum.${store}.location`) === null,
    )
    return server.isTrue('sslQuorum') && missing.length > 0
      ? `sslQuorum is true, without ${missing.map((store) => `ssl.quorum.${store}.location`).join(' and ')}`
      : null
  }),
  'skip-acl': onWord('skipACL', ['yes']),
  'super-digest-present': onKey(SUPER_DIGEST, (server) =>
    server.written(SUPER_DIGEST) === null ? null : 'a super digest is set',
  ),
  'secret-in-config': function* (server) {
    for (const { key, value, entry } of server.lines) {
      if (key !== SUPER_DIGEST && isSecret(key) && value !== '') yield { entry, key, what: `${key} has a value` }
    }
    for (const [property, value] of server.jvm?.properties ?? []) {
      const key = property.replace(/^zookeeper\./, '')
      const given = server.jvmSetting(key)
      if (given !== null && key !== SUPER_DIGEST && isSecret(key) && value !== '')
        yield server.at(key, `${key} has a value`)
    }
  },
  'four-letter-wildcard': onKey('4lw.commands.whitelist', (server) =>
    wordsOf(server).includes('*') ? '4lw.commands.whitelist allows every command' : null,
  ),
  'four-letter-expensive': onKey('4lw.commands.whitelist', (server) => {
    const costly = wordsOf(server).filter((word) => ['wchc', 'wchp', 'dump', 'cons'].includes(word))
    return costly.length > 0 ? `4lw.commands.whitelist allows ${costly.join(', ')}` : null
  }),
  'plaintext-beside-secure': onKey('clientPort', (server) =>
    hasSecurePort(server) &&
    server.line('clientPort') !== null &&
    !isLoopback(server.written('clientPortAddress') ?? '')
      ? 'clientPort is open for plain text beside secureClientPort'
      : null,
  ),
  'port-unification-left-on': function* (server) {
    if (server.isTrue('sslQuorum') && server.isTrue('portUnification'))
      yield server.at('portUnification', 'portUnification is true beside sslQuorum')
    if (hasSecurePort(server) && server.isTrue('client.portUnification'))
      yield server.at('client.portUnification', 'client.portUnification is true beside secureClientPort')
  },
  'quorum-unauthenticated': onKey('sslQuorum', (server) =>
    server.isDistributed && !server.isTrue('sslQuorum') && !server.isTrue('quorum.auth.enableSasl')
      ? 'servers do not prove to each other who they are'
      : null,
  ),
  'hostname-verification-off': eachOf(['ssl.hostnameVerification', 'ssl.quorum.hostnameVerification'], (value) =>
    value.toLowerCase() === 'false' ? 'is false' : null,
  ),
  'fips-disables-quorum-hostname-check': onKey('fips-mode', (server) =>
    server.isTrue('sslQuorum') && server.isTrue('fips-mode') ? 'sslQuorum and fips-mode are both true' : null,
  ),
  'tls-below-12': eachOf(
    ['ssl.protocol', 'ssl.enabledProtocols', 'ssl.quorum.protocol', 'ssl.quorum.enabledProtocols'],
    (value) => {
      const old = value.split(',').find((protocol) => OLD_PROTOCOLS.test(protocol.trim()))
      return old === undefined ? null : `allows ${old.trim()}`
    },
  ),
  'tls-client-auth-off': eachOf(['ssl.quorum.clientAuth'], (value) =>
    ['none', 'want'].includes(value.toLowerCase()) ? `is ${value}` : null,
  ),
  'tls-async-close': onKey('sslQuorum', (server) =>
    server.isTrue('sslQuorum') &&
    !(server.isTrue('leader.closeSocketAsync') && server.isTrue('learner.closeSocketAsync'))
      ? 'sslQuorum is true, and sockets are closed by the threads that should send pings'
      : null,
  ),
  'tls-handshake-storm': onKey('netty.server.outstandingHandshake.limit', (server) =>
    hasSecurePort(server) && (server.number('netty.server.outstandingHandshake.limit') ?? -1) <= 0
      ? 'handshakes under way are not limited'
      : null,
  ),
  'ocsp-without-crl-310': function* (server) {
    for (const prefix of ['ssl.', 'ssl.quorum.']) {
      if (server.isTrue(`${prefix}ocsp`) && !server.isTrue(`${prefix}crl`))
        yield server.at(`${prefix}ocsp`, `${prefix}ocsp is true and ${prefix}crl is not`)
    }
  },
  'sasl-failures-allowed': onWord('allowSaslFailedClients', ['true']),
  'digest-over-plaintext': onKey('DigestAuthenticationProvider.enabled', (server) =>
    server.written('DigestAuthenticationProvider.enabled')?.toLowerCase() === 'true' && !hasSecurePort(server)
      ? 'digest authentication is on, and there is no TLS port'
      : null,
  ),
  'forwarded-for-trusted': onWord('IPAuthenticationProvider.usexforwardedfor', ['true']),
}

function eachOf(keys: readonly string[], look: (value: string) => string | null): Check {
  return function* (server) {
    for (const key of keys) {
      const value = server.written(key)
      const what = value === null ? null : look(value)
      if (what !== null) yield server.at(key, `${key} ${what}`)
    }
  }
}

function hasSecurePort(server: ServerView): boolean {
  return server.line('secureClientPort') !== null || (server.ownLine?.secureClient ?? null) !== null
}

function wordsOf(server: ServerView): readonly string[] {
  return (server.written('4lw.commands.whitelist') ?? '').split(',').map((word) => word.trim())
}

/** Provider classes are named under any number; which scheme a class serves can only be told by its usual name. */
function isAvailable(server: ServerView, scheme: string): boolean {
  if (BUILT_IN_SCHEMES.includes(scheme)) return true
  if (scheme === 'x509') return hasSecurePort(server)
  return server.lines.some(
    ({ key, value }) => key.startsWith('authProvider.') && value.toLowerCase().includes(scheme.toLowerCase()),
  )
}
