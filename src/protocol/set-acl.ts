import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readAclVector, writeAclVector, type Acl } from './acl.ts'
import { readStat, writeStat, type Stat } from './stat.ts'

/**
 * setACL (op code 7): replace a znode's ACL.
 *
 *   request   path: ustring · acl: vector<ACL> · version: int   (of the ACL, `aversion`; -1 matches any)
 *   response  stat: Stat
 *
 * Source: zookeeper.jute, SetACLRequest and SetACLResponse (Apache ZooKeeper 3.9).
 */
export interface SetAclRequest {
  readonly path: string
  readonly acl: readonly Acl[] | null
  readonly version: number
}

export function writeSetAclRequest(out: ByteWriter, request: SetAclRequest): void {
  out.string(request.path)
  writeAclVector(out, request.acl)
  out.int32(request.version)
}

export function readSetAclRequest(from: ByteReader): SetAclRequest {
  return {
    path: from.string('setACL.path'),
    acl: readAclVector(from, 'setACL.acl'),
    version: from.int32('setACL.version'),
  }
}

export function writeSetAclResponse(out: ByteWriter, stat: Stat): void {
  writeStat(out, stat)
}

export function readSetAclResponse(from: ByteReader): Stat {
  return readStat(from)
}
