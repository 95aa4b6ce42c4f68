import { expect, test } from 'vitest'

import type { Style } from '../../src/report/style.ts'
import type { UpFacts } from '../../src/report/up-text.ts'
import { upText } from '../../src/report/up-text.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }

const FACTS: UpFacts = {
  hosts: '127.0.0.1:2181,127.0.0.1:2182',
  bootMs: 312.4,
  tls: null,
  auth: 'none',
  servers: [
    { id: 1, pid: 4711, role: 'follower', clientPort: 2181, config: '/tmp/zktune-x/server-1/zoo.cfg' },
    { id: 2, pid: 4712, role: 'leader', clientPort: 2182, config: '/tmp/zktune-x/server-2/zoo.cfg' },
  ],
  keptIn: null,
  isUnsafe: false,
  links: null,
  notHonoured: [],
}

test('a started ensemble says where to connect, who leads, and that nothing is kept', () => {
  expect(upText(FACTS, PLAIN)).toMatchInlineSnapshot(`
    "127.0.0.1:2181,127.0.0.1:2182
    All serving after 312 ms.

    server  role       pid  client port
    ───────────────────────────────────
         1  follower  4711         2181
         2  leader    4712         2182

    What clients write goes with the ensemble; --data DIR keeps it.

    Ctrl-C ends it. Next, from another terminal: zkCli.sh -server 127.0.0.1:2181
    "
  `)
})

test('lost durability, settings without effect and a kept state are named', () => {
  const text = upText(
    {
      ...FACTS,
      isUnsafe: true,
      keptIn: '/srv/state',
      notHonoured: [{ key: 'secureClientPort', reason: 'no TLS yet' }],
    },
    PLAIN,
  )
  expect(text).toContain('UNSAFE')
  expect(text).toContain('State: /srv/state')
  expect(text).toContain('secureClientPort: no TLS yet')
})

const TLS_FILES = { ca: '/run/tls/ca.pem', cert: null, key: null, keyStore: null }

test('by TLS it says what clients need, and the lines with which they come', () => {
  const { servers } = FACTS
  const text = upText({ ...FACTS, servers: servers.slice(0, 1), hosts: '127.0.0.1:2181', tls: TLS_FILES }, PLAIN)
  expect(text.slice(text.indexOf('Clients'))).toMatchInlineSnapshot(`
    "Clients come by TLS, with these files, which go with the ensemble:
      authority   /run/tls/ca.pem
      kazoo       KazooClient('127.0.0.1:2181', use_ssl=True, ca='/run/tls/ca.pem')
      zktune      await connect('127.0.0.1:2181', { tls: { ca: '/run/tls/ca.pem' } })

    What clients write goes with the ensemble; --data DIR keeps it.

    Ctrl-C ends it. Next, from another terminal:
    CLIENT_JVMFLAGS="-Dzookeeper.client.secure=true -Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty -Dzookeeper.ssl.trustStore.location=/run/tls/ca.pem" zkCli.sh -server 127.0.0.1:2181
    "
  `)
})

test('where the servers ask for it, the certificate of clients is part of those lines', () => {
  const own = { cert: '/run/tls/client-cert.pem', key: '/run/tls/client-key.pem', keyStore: '/run/tls/client.pem' }
  const text = upText({ ...FACTS, tls: { ...TLS_FILES, ...own } }, PLAIN)
  expect(text).toContain("certfile='/run/tls/client-cert.pem', keyfile='/run/tls/client-key.pem')")
  expect(text).toContain("cert: '/run/tls/client-cert.pem', key: '/run/tls/client-key.pem' } })")
  expect(text).toContain('-Dzookeeper.ssl.keyStore.location=/run/tls/client.pem" zkCli.sh')
})

test('where clients are to say who they are, it says how', () => {
  expect(upText({ ...FACTS, auth: 'digest' }, PLAIN)).toContain('addauth digest USER:PASSWORD')
})
