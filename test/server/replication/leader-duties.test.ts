import { expect, test } from 'vitest'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { WireError } from '../../../src/protocol/wire-error.ts'
import { writeReconfigRequest } from '../../../src/protocol/reconfig.ts'
import { ByteWriter } from '../../../src/kernel/bytes.ts'
import { COMMAND_FLAG } from '../../../src/tree/command.ts'
import { LeadingWorld } from './leading-world.ts'

const MEMBERS = 'server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant'

function configOf(world: LeadingWorld): string {
  return Buffer.from(world.tree.getNode('/zookeeper/config')?.data ?? []).toString()
}

test('a new leader writes its members into /zookeeper/config before anything else', () => {
  const world = new LeadingWorld({}, MEMBERS)
  expect(world.proposedTypes).toEqual([OpCode.configure])
  expect(configOf(world)).toBe(`${MEMBERS}\nversion=1`)
})

test('a leader that finds its members there writes nothing', () => {
  const world = new LeadingWorld({}, MEMBERS)
  world.reopen(MEMBERS)
  expect(world.proposedTypes).toEqual([OpCode.configure])
  world.reopen(`${MEMBERS}\nserver.3=c:2888:3888:participant`)
  expect(world.proposedTypes).toEqual([OpCode.configure, OpCode.configure])
})

test('a standalone server leaves the znode empty, and empties it if it was of an ensemble', () => {
  expect(new LeadingWorld().proposedTypes).toEqual([])
  const world = new LeadingWorld({}, MEMBERS)
  world.reopen('')
  expect(configOf(world)).toBe('')
})

test('a reconfig that would change the members is told of in the log', () => {
  const world = new LeadingWorld({}, MEMBERS)
  const record = new ByteWriter()
  const joiningServers = 'server.4=d:2888:3888;2181'
  writeReconfigRequest(record, { joiningServers, leavingServers: null, newMembers: null, curConfigId: -1 })
  world.client.flags = COMMAND_FLAG.reconfig | COMMAND_FLAG.super
  const command = world.client.encode(OpCode.reconfig, record.take())
  const outcome = world.tree.apply(command)
  world.duties.onApplied(outcome)
  expect(outcome.error).toBe(WireError.unimplemented)
  expect(world.notes).toEqual(['refused a reconfig: this engine does not change the members of a running ensemble yet'])
})
