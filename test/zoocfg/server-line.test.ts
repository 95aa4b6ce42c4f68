import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readServerLine, serverLineText } from '../../src/zoocfg/server-line.ts'
import type { ServerLine } from '../../src/zoocfg/server-line.ts'

const zk1 = { host: 'zk1', quorumPort: 2888, electionPort: 3888 }

test.each<[string, Partial<ServerLine>]>([
  ['zk1:2888:3888', { endpoints: [zk1], role: 'participant', client: null, secureClient: null }],
  ['zk1:2888:3888:observer', { role: 'observer' }],
  ['zk1:2888:3888: Observer ', { role: 'observer' }],
  ['zk1:2888:3888:participant;2181', { role: 'participant', client: { host: null, port: 2181 } }],
  ['zk1:2888:3888;10.0.0.1:2181', { client: { host: '10.0.0.1', port: 2181 } }],
  ['zk1:2888:3888;2181;2281', { client: { host: null, port: 2181 }, secureClient: { host: null, port: 2281 } }],
  [
    '[2001:db8::1]:2888:3888;[::1]:2181',
    {
      endpoints: [{ ...zk1, host: '2001:db8::1' }],
      client: { host: '::1', port: 2181 },
    },
  ],
  ['zk1:2888:3888|zk1b:2889:3889', { endpoints: [zk1, { host: 'zk1b', quorumPort: 2889, electionPort: 3889 }] }],
  ['zk1:2888:3888:|', { endpoints: [zk1] }],
])('%s is a server line', (text, expected) => {
  expect(readServerLine(1, text)).toMatchObject({ id: 1, ...expected })
})

test.each([
  ['', 'is not host:quorumPort:electionPort'],
  ['zk1:2888', 'is not host:quorumPort:electionPort'],
  ['zk1:2888:3888:observer:x', 'is not host:quorumPort:electionPort'],
  ['[::1:2888:3888', 'is not host:quorumPort:electionPort'],
  ['zk1:2888:abc', '"abc" in "zk1:2888:abc" is not a port'],
  ['zk1:2888: 3888', '" 3888" in'],
  ['zk1:70000:3888', '"70000" in'],
  ['zk1:2888:2888', 'uses port 2888 twice'],
  ['zk1:2888:3888:learner', '"learner" in'],
  ['zk1:2888:3888;1;2;3', 'more than two client parts'],
  ['zk1:2888:3888;127.0.0.1:1:2', 'the client part "127.0.0.1:1:2" is not [host:]port'],
  ['zk1:2888:3888;port', '"port" in the client part'],
  ['zk1:2888:3888:observer|zk2:2888:3888:participant', 'different roles'],
])('%j is refused', (text, what) => {
  const problem = readServerLine(1, text)
  expect('what' in problem && problem.what).toContain(what)
})

const ports = fc.integer({ min: 0, max: 65_535 })
const hosts = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((address) => address.includes(':')),
)
const endpoints = fc
  .record({ host: hosts, quorumPort: ports, electionPort: ports })
  .filter(({ quorumPort, electionPort }) => quorumPort !== electionPort)
const clients = fc.record({ host: fc.option(hosts), port: ports })
const lines: fc.Arbitrary<ServerLine> = fc
  .record({
    id: fc.integer({ min: 1, max: 255 }),
    endpoints: fc.tuple(endpoints, endpoints),
    role: fc.constantFrom('participant' as const, 'observer' as const),
    client: fc.option(clients),
    secureClient: fc.option(clients),
  })
  .map((line) => ({ ...line, secureClient: line.client === null ? null : line.secureClient }))

test('a server line that is written reads back as the same line', () => {
  fc.assert(
    fc.property(lines, (line) => {
      expect(readServerLine(line.id, serverLineText(line))).toEqual(line)
    }),
  )
})
