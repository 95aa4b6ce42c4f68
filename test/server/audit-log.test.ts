import { expect, test } from 'vitest'
import type { Acl } from '../../src/protocol/acl.ts'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import { writeAuthRequest } from '../../src/protocol/auth.ts'
import { writeMultiRequest } from '../../src/protocol/multi.ts'
import type { MultiOperation } from '../../src/protocol/multi.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { writeSetAclRequest } from '../../src/protocol/set-acl.ts'
import { AuditLog } from '../../src/server/audit-log.ts'
import { create, FakeServer, getData, request, setData } from './fake-world.ts'

/** What the requests of one client, sent at once, leave in the log; of sessions only that there is one. */
function linesOf(...requests: readonly Buffer[]): string[] {
  const lines: string[] = []
  const server = new FakeServer({}, [], new AuditLog('zk', (line) => lines.push(line)))
  const client = server.connect()
  client.send(...requests)
  server.apply()
  return lines.map((line) => line.replace(/^audit: session=0x[0-9a-f]+\t/, '').replaceAll('\t', ' '))
}

function multi(xid: number, operations: readonly MultiOperation[]): Buffer {
  return request(xid, OpCode.multi, (out) => writeMultiRequest(out, operations))
}

function creation(path: string, flags = 0): MultiOperation {
  return { kind: 'create', request: { path, data: null, acl: OPEN_ACL, flags } }
}

const WHO = 'user=127.0.0.1 ip=127.0.0.1'

test('changes are written in the order of their answers, and reads are not', () => {
  expect(linesOf(create(1, '/a', 2), getData(2, '/a'), setData(3, '/a', 'x', 7))).toEqual([
    `${WHO} operation=create znode=/a0000000000 znode_type=persistent_sequential result=success`,
    `${WHO} operation=setData znode=/a result=failure`,
  ])
})

test('of a transaction each change is a line; of one that was refused only the transaction', () => {
  const check: MultiOperation = { kind: 'check', request: { path: '/a', version: 0 } }
  const remove: MultiOperation = { kind: 'delete', request: { path: '/a', version: -1 } }
  expect(linesOf(multi(1, [creation('/a'), check, creation('/s-', 3), remove]), multi(2, [remove]))).toEqual([
    `${WHO} operation=create znode=/a znode_type=persistent result=success`,
    `${WHO} operation=create znode=/s-0000000001 znode_type=ephemeral_sequential result=success`,
    `${WHO} operation=delete znode=/a result=success`,
    `${WHO} operation=multiOperation result=failure`,
  ])
})

test('neither a password nor its digest is written', () => {
  const auth = request(-4, OpCode.auth, (out) => {
    writeAuthRequest(out, { scheme: 'digest', auth: Buffer.from('ann:hunter2') })
  })
  const acl: Acl[] = [
    { perms: 31, scheme: 'digest', id: 'ann:c2VjcmV0' },
    { perms: 1, scheme: 'world', id: 'anyone' },
  ]
  const setAcl = request(2, OpCode.setACL, (out) => writeSetAclRequest(out, { path: '/a', acl, version: -1 }))
  expect(linesOf(auth, create(1, '/a'), setAcl)).toEqual([
    'user=127.0.0.1,ann ip=127.0.0.1 operation=create znode=/a znode_type=persistent result=success',
    'user=127.0.0.1,ann ip=127.0.0.1 operation=setAcl znode=/a acl=digest:ann:x:cdrwa,world:anyone:r result=success',
  ])
})

test('a path that holds a line break stays on its line', () => {
  expect(linesOf(setData(1, '/a\nuser=root\t'))).toEqual([
    `${WHO} operation=setData znode=/a\\u000auser=root\\u0009 result=failure`,
  ])
})
