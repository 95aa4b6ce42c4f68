import { expect, test } from 'vitest'
import { readServerArguments, writeServerArguments } from '../../src/ensemble/server-arguments.ts'
import { readReaches, withReaches } from '../../src/ensemble/reaches.ts'
import { serverSettings } from '../server/fake-world.ts'

const MEMBERS = [1, 2, 3].map((id) => ({ id, host: '127.0.0.1', peerPort: 1000 + id, isObserver: false }))

test('a server process is told the ports by which it reaches the others, beside the folders to remove', () => {
  const told = {
    config: 'x/zoo.cfg',
    orphanRemoves: ['a', 'b'],
    reaches: new Map([
      [2, 4002],
      [3, 4003],
    ]),
  }
  expect(readServerArguments(writeServerArguments(told))).toEqual(told)
})

test('such a port stands beside the address of the line, which all servers share', () => {
  const { members } = withReaches(serverSettings({}, MEMBERS), readReaches(['2=4002']))
  expect(members[1]).toEqual({ ...MEMBERS[1], reachedAt: { host: '127.0.0.1', peerPort: 4002 } })
  expect(members[2]).toEqual(MEMBERS[2])
})

test.each(['2', '2=', '=4002', '2=host:4002', '0=4002', '2=400200'])('%s is refused', (word) => {
  expect(() => readReaches([word])).toThrow(/--reaches/)
})

// The settings here are server 3's.
test.each(['3=4003', '4=4004'])('%s is refused: it names no other server', (word) => {
  expect(() => withReaches(serverSettings({}, MEMBERS), readReaches([word]))).toThrow(/no other server/)
})
