import { createPrivateKey } from 'node:crypto'
import { get, type RequestOptions } from 'node:https'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { holdFreePorts } from '../../src/ensemble/ports.ts'
import { authority, clientIdentity, serverIdentity } from '../tls-certificates.ts'
import { TlsTestServer } from '../tls-test-server.ts'
import type { Observation, Observations } from './observation.ts'

type Lines = Readonly<Record<string, string>>

/** Holds an authority that signed nothing of ours; made by keytool, its password is `changeit`. */
const LOCKED_TRUST = fileURLToPath(new URL('../ensemble/stores/trust.p12', import.meta.url))
const LOCKED_KEY = createPrivateKey(serverIdentity.keyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'top secret' })
  .toString()
const CLIENT = { key: clientIdentity.keyPem, cert: clientIdentity.chainPem }

/** One of the two ports for administrators that may have TLS. */
interface Side {
  readonly portKey: string
  /** What the keys of its stores begin with. */
  readonly prefix: string
  /** Turns the port on, with TLS alone and without asking for certificates. */
  readonly lines: Lines
  /** Asks for them. */
  readonly needsCertificates: Lines
  readonly path: string
  readonly what: string
}

const ADMIN: Side = {
  portKey: 'admin.serverPort',
  prefix: 'ssl.quorum',
  lines: { 'admin.enableServer': 'true', 'admin.forceHttps': 'true' },
  needsCertificates: { 'admin.needClientAuth': 'true' },
  path: '/commands/ruok',
  what: 'the AdminServer',
}
const METRICS: Side = {
  portKey: 'metricsProvider.httpsPort',
  prefix: 'metricsProvider.ssl',
  lines: {
    'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.ssl.need.client.auth': 'false',
    'metricsProvider.ssl.want.client.auth': 'false',
  },
  needsCertificates: { 'metricsProvider.ssl.need.client.auth': 'true' },
  path: '/metrics',
  what: 'the metrics endpoint',
}

interface SideServer extends AsyncDisposable {
  /** Whether the port answers by HTTPS. */
  answers(options?: RequestOptions): Promise<boolean>
  answersPlainly(): Promise<boolean>
}

/** @param lines over those that give the port TLS and its two stores */
async function start(side: Side, lines: (server: TlsTestServer) => Lines = () => ({})): Promise<SideServer> {
  const held = await holdFreePorts(1)
  const [port = 0] = held.ports
  await held.release()
  const server = await TlsTestServer.start((made) => ({
    // This is about another port.
    secureClientPort: '',
    secureClientPortAddress: '',
    [side.portKey]: String(port),
    [`${side.prefix}.keyStore.location`]: made.file('http.pem', serverIdentity.keyPem, serverIdentity.chainPem),
    [`${side.prefix}.trustStore.location`]: made.file('authority.pem', authority.certificatePem),
    ...side.lines,
    ...lines(made),
  }))
  await server.until('its port', () => server.notes.some((note) => note.startsWith(`${side.what} listens`)))
  return {
    answers: (options = {}) => isAnswered({ port, path: side.path, ...options }),
    answersPlainly: () =>
      fetch(`http://127.0.0.1:${port}${side.path}`).then(
        (response) => response.ok,
        () => false,
      ),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function isAnswered(options: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', ca: authority.certificatePem, agent: false, ...options }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode === 200))
      response.once('error', () => resolve(false))
    })
    request.once('error', () => resolve(false))
  })
}

/** Who asks, with and without a certificate, gets an answer. */
async function expectAnswers(server: SideServer, expected: { with: boolean; without: boolean }): Promise<void> {
  expect({ with: await server.answers(CLIENT), without: await server.answers() }).toEqual(expected)
}

/** Of the two stores of one side. */
function storeObservations(side: Side, hasPasswordPath: boolean): Observations {
  const { prefix, needsCertificates } = side
  const locked = (made: TlsTestServer): Lines => ({
    [`${prefix}.keyStore.location`]: made.file('locked.pem', LOCKED_KEY, serverIdentity.chainPem),
  })
  const lockedTrust = { ...needsCertificates, [`${prefix}.trustStore.location`]: LOCKED_TRUST }
  const opens = (lines: (made: TlsTestServer) => Lines): Observation => {
    return async () => {
      await using server = await start(side, lines)
      expect(await server.answers()).toBe(true)
    }
  }
  /** The authority in it signed nothing of ours: that the store opens shows by whom it keeps out. */
  const keepsOut = (lines: (made: TlsTestServer) => Lines): Observation => {
    return async () => {
      await using server = await start(side, lines)
      await expectAnswers(server, { with: false, without: false })
    }
  }
  const refusal = async (lines: (made: TlsTestServer) => Lines, reason: string): Promise<void> => {
    await expect(start(side, lines)).rejects.toThrow(reason)
  }
  const withFile = (made: TlsTestServer, store: string, password: string): Lines => {
    return { [`${prefix}.${store}.passwordPath`]: made.file('password', `${password}\n`) }
  }
  const observations: Record<string, Observation> = {
    'keyStore.location': async () => {
      await opens(() => ({}))()
      await refusal(() => ({ [`${prefix}.keyStore.location`]: '' }), `${prefix}.keyStore.location is not set`)
    },
    'keyStore.password': async () => {
      await opens((made) => ({ ...locked(made), [`${prefix}.keyStore.password`]: 'top secret' }))()
      await refusal(locked, 'no password is given')
    },
    'keyStore.type': async () => {
      const unnamed = (made: TlsTestServer): Lines => {
        return { [`${prefix}.keyStore.location`]: made.file('key', serverIdentity.keyPem, serverIdentity.chainPem) }
      }
      await opens((made) => ({ ...unnamed(made), [`${prefix}.keyStore.type`]: 'PEM' }))()
      await refusal(unnamed, 'what kind of file')
    },
    'trustStore.location': async () => {
      await using server = await start(side, () => needsCertificates)
      await expectAnswers(server, { with: true, without: false })
      await refusal(() => ({ [`${prefix}.trustStore.location`]: '/nowhere.pem' }), '/nowhere.pem')
    },
    'trustStore.password': async () => {
      await keepsOut(() => ({ ...lockedTrust, [`${prefix}.trustStore.password`]: 'changeit' }))()
      await refusal(() => lockedTrust, 'does not open')
    },
    'trustStore.type': async () => {
      const unnamed = (made: TlsTestServer): Lines => {
        return { [`${prefix}.trustStore.location`]: made.file('authorities', authority.certificatePem) }
      }
      await opens((made) => ({ ...unnamed(made), [`${prefix}.trustStore.type`]: 'PEM' }))()
      await refusal(unnamed, 'what kind of file')
    },
    ...(hasPasswordPath
      ? {
          'keyStore.passwordPath': opens((made) => ({ ...locked(made), ...withFile(made, 'keyStore', 'top secret') })),
          'trustStore.passwordPath': keepsOut((made) => ({
            ...lockedTrust,
            ...withFile(made, 'trustStore', 'changeit'),
          })),
        }
      : {}),
  }
  return Object.fromEntries(Object.entries(observations).map(([key, observe]) => [`${prefix}.${key}`, observe]))
}

export const httpTlsObservations: Observations = {
  ...storeObservations(ADMIN, true),
  ...storeObservations(METRICS, false),

  'admin.forceHttps': async () => {
    await using server = await start(ADMIN)
    expect([await server.answers(), await server.answersPlainly()]).toEqual([true, false])
    await using plain = await start(ADMIN, () => ({ 'admin.forceHttps': 'false' }))
    expect([await plain.answers(), await plain.answersPlainly()]).toEqual([false, true])
  },

  'admin.portUnification': async () => {
    const unified = { 'admin.forceHttps': 'false', 'admin.portUnification': 'true' }
    await using server = await start(ADMIN, () => unified)
    expect([await server.answers(), await server.answersPlainly()]).toEqual([true, true])
  },

  'admin.needClientAuth': async () => {
    await using server = await start(ADMIN, () => ADMIN.needsCertificates)
    await expectAnswers(server, { with: true, without: false })
    await using open = await start(ADMIN)
    await expectAnswers(open, { with: true, without: true })
  },

  'metricsProvider.httpsPort': async () => {
    await using server = await start(METRICS)
    expect([await server.answers(), await server.answersPlainly()]).toEqual([true, false])
    const off = start(METRICS, () => ({ 'metricsProvider.httpsPort': 'many' }))
    await expect(off).rejects.toThrow('metricsProvider.httpsPort is "many"')
  },

  'metricsProvider.ssl.need.client.auth': async () => {
    await using server = await start(METRICS, () => ({ 'metricsProvider.ssl.need.client.auth': '' }))
    await expectAnswers(server, { with: true, without: false })
    await using open = await start(METRICS)
    await expectAnswers(open, { with: true, without: true })
  },

  'metricsProvider.ssl.want.client.auth': async () => {
    const mistrusting = { 'metricsProvider.ssl.trustStore.location': LOCKED_TRUST }
    const opened = { ...mistrusting, 'metricsProvider.ssl.trustStore.password': 'changeit' }
    await using server = await start(METRICS, () => ({ ...opened, 'metricsProvider.ssl.want.client.auth': 'true' }))
    await expectAnswers(server, { with: false, without: true })
    await using open = await start(METRICS, () => opened)
    await expectAnswers(open, { with: true, without: true })
  },

  'metricsProvider.ssl.enabledProtocols': async () => {
    await using server = await start(METRICS, () => ({ 'metricsProvider.ssl.enabledProtocols': 'TLSv1.3' }))
    expect([await server.answers(), await server.answers({ maxVersion: 'TLSv1.2' })]).toEqual([true, false])
    await using both = await start(METRICS)
    expect(await both.answers({ maxVersion: 'TLSv1.2' })).toBe(true)
  },

  'metricsProvider.ssl.ciphersuites': async () => {
    const suite = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'
    await using server = await start(METRICS, () => ({ 'metricsProvider.ssl.ciphersuites': suite }))
    expect([await server.answers(), await server.answers({ minVersion: 'TLSv1.3' })]).toEqual([true, false])
  },
}
