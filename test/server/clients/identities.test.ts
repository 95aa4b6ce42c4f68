import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ByteWriter } from '../../../src/kernel/bytes.ts'
import { writeAuthRequest } from '../../../src/protocol/auth.ts'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { CommandHeader } from '../../../src/tree/command.ts'
import { closeSession, create, FakeServer, getData, ping, request, setData, type FakeClient } from '../fake-world.ts'

/** A znode that nobody but its creator may touch. */
const CREATE_SECRET = request(1, OpCode.create, (out) =>
  out.string('/secret').buffer(Buffer.from('x')).int32(1).int32(31).string('auth').string('').int32(0),
)

function auth(scheme: string, data: string | null): Buffer {
  const bytes = data === null ? null : Buffer.from(data)
  return request(-4, OpCode.auth, (out: ByteWriter) => writeAuthRequest(out, { scheme, auth: bytes }))
}

function serverWithSecret(lines: Readonly<Record<string, string>> = {}): FakeServer {
  const server = new FakeServer(lines)
  const owner = server.connect()
  owner.send(auth('digest', 'owner:pw'), CREATE_SECRET)
  server.apply()
  expect(owner.takeOrder()).toEqual(['-4:0', '1:0'])
  return server
}

function hashOf(text: string, algorithm = 'sha1'): string {
  return `${text.split(':')[0]}:${createHash(algorithm).update(text).digest('base64')}`
}

/** Order of the answers to a read and a write of the secret. */
function touchSecret(server: FakeServer, client: FakeClient): string[] {
  client.send(getData(7, '/secret'), setData(8, '/secret', 'y'))
  server.apply()
  return client.takeOrder()
}

describe('super', () => {
  const SUPER = { 'DigestAuthenticationProvider.superDigest': hashOf('boss:secret') }

  test('who proves the digest of superDigest is above all access lists, reading and writing', () => {
    const server = serverWithSecret(SUPER)
    const boss = server.connect()
    boss.send(auth('digest', 'boss:secret'))
    expect(boss.takeOrder()).toEqual(['-4:0'])
    expect(touchSecret(server, boss)).toEqual(['7:0', '8:0'])
  })

  test('the same user with another password is nobody special', () => {
    const server = serverWithSecret(SUPER)
    const client = server.connect()
    client.send(auth('digest', 'boss:guess'))
    expect(client.takeOrder()).toEqual(['-4:0'])
    expect(touchSecret(server, client)).toEqual(['7:-102', '8:-102'])
  })

  test('without superDigest nobody is super, whatever he calls himself', () => {
    const server = serverWithSecret()
    const client = server.connect()
    client.send(auth('super', ''))
    expect(client.takeOrder()).toEqual(['-4:-115'])
    expect(client.connection.closed).toBe('ended')
  })
})

test('skipACL=yes lets everybody do everything; only the exact word does', () => {
  const open = serverWithSecret({ skipACL: 'yes' })
  expect(touchSecret(open, open.connect())).toEqual(['7:0', '8:0'])
  const shut = serverWithSecret({ skipACL: 'true' })
  expect(touchSecret(shut, shut.connect())).toEqual(['7:-102', '8:-102'])
})

test('DigestAuthenticationProvider.enabled=false makes digest an unknown scheme', () => {
  const server = new FakeServer({ 'DigestAuthenticationProvider.enabled': 'false' })
  const client = server.connect()
  client.send(auth('digest', 'u:p'))
  expect(client.takeOrder()).toEqual(['-4:-115'])
  expect(client.connection.closed).toBe('ended')
  expect(server.sessions.statistics.counters.authFailures).toBe(1)
})

test('digestAlg changes the hash that stands for a password', () => {
  const server = new FakeServer({ 'DigestAuthenticationProvider.digestAlg': 'SHA-256' })
  const client = server.connect()
  client.send(auth('digest', 'u:p'), create(1, '/a'))
  const [command] = server.service.submitted
  expect(new CommandHeader().reset(command ?? Buffer.alloc(0)).ids).toEqual([
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'digest', id: hashOf('u:p', 'sha256') },
  ])
})

describe('enforce.auth', () => {
  const ENFORCED = { 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': 'digest' }

  test.each([
    ['a read', getData(1, '/'), 1],
    ['a write', create(1, '/a'), 1],
    ['a ping', ping(), -2],
    ['closeSession', closeSession(1), 1],
    ['an unknown operation', request(1, 999), 1],
  ])('%s without an id of a required scheme is -124 with zxid 0, then the connection closes', (_title, bytes, xid) => {
    const server = new FakeServer(ENFORCED)
    const client = server.connect()
    client.send(bytes)
    expect(client.takeReplies()).toMatchObject([{ xid, zxid: 0, error: -124 }])
    expect(client.connection.closed).toBe('ended')
    expect(server.service.submitted).toEqual([])
  })

  test('who proves who it is may ask, in the same chunk', () => {
    const server = new FakeServer(ENFORCED)
    const client = server.connect()
    client.send(auth('digest', 'u:p'), getData(1, '/'), ping())
    expect(client.takeOrder()).toEqual(['-4:0', '1:0', '-2:0'])
  })

  test('an id of another scheme does not count', () => {
    const client = new FakeServer(ENFORCED).connect()
    client.send(auth('ip', ''), getData(1, '/'))
    expect(client.takeOrder()).toEqual(['-4:0', '1:-124'])
  })

  test('the address, which every connection has, lets everybody in when ip is required', () => {
    const client = new FakeServer({ ...ENFORCED, 'enforce.auth.schemes': 'ip' }).connect()
    client.send(getData(1, '/'))
    expect(client.takeOrder()).toEqual(['1:0'])
  })
})

describe('enableEagerACLCheck', () => {
  const EAGER = { enableEagerACLCheck: 'true' }

  test('a write that this server’s own state forbids is refused in its turn, with zxid 0, and never submitted', () => {
    const server = serverWithSecret(EAGER)
    const client = server.connect()
    client.send(create(1, '/a'), setData(2, '/secret'), getData(3, '/a'))
    expect(server.service.submitted).toHaveLength(1)
    expect(client.takeReplies()).toEqual([])
    server.apply()
    expect(client.takeReplies()).toMatchObject([
      { xid: 1, error: 0 },
      { xid: 2, error: -102, zxid: 0 },
      { xid: 3, error: 0 },
    ])
  })

  test('what stands behind a sync is refused in its turn, too, and holds up nothing', () => {
    const server = serverWithSecret(EAGER)
    const client = server.connect()
    client.send(
      request(1, OpCode.sync, (out) => out.string('/')),
      setData(2, '/secret'),
      create(3, '/b'),
    )
    server.sessions.onSynced(server.service.syncs[0] ?? 0)
    server.sessions.onBatchEnd()
    server.apply()
    expect(client.takeOrder()).toEqual(['1:0', '2:-102', '3:0'])
  })

  test('without it the leader’s state decides, and the answer takes a zxid', () => {
    const server = serverWithSecret()
    const client = server.connect()
    client.send(setData(2, '/secret'))
    expect(server.service.submitted).toHaveLength(1)
    server.apply()
    expect(client.takeReplies()[0]?.zxid).toBe(server.service.tree.lastZxid)
  })
})

test('a sasl packet is answered with a null token and no error: no mechanism is configured; the client stays', () => {
  const client = new FakeServer().connect()
  client.send(
    request(3, OpCode.sasl, (out) => out.buffer(Buffer.alloc(0))),
    getData(4, '/'),
  )
  const [sasl, read] = client.takeReplies()
  expect(sasl).toMatchObject({ xid: 3, zxid: 0, error: 0 })
  expect(sasl?.record.toString('hex')).toBe('ffffffff')
  expect(read).toMatchObject({ xid: 4, error: 0 })
})

test('a sasl packet with a null token fails, and the connection closes', () => {
  const client = new FakeServer().connect()
  client.send(request(3, OpCode.sasl, (out) => out.buffer(null)))
  expect(client.takeOrder()).toEqual(['3:-115'])
  expect(client.connection.closed).toBe('ended')
})
