import { DecodeError, type ByteReader, type ByteWriter } from '../kernel/bytes.ts'
import { readAclVector, writeAclVector, type Acl } from './acl.ts'
import { readStat, writeStat, type Stat } from './stat.ts'

/**
 * getACL (op code 6): who may do what with a znode.
 *
 *   request   path: ustring
 *   response  acl: vector<ACL> · stat: Stat
 *
 * Source: zookeeper.jute, GetACLRequest and GetACLResponse (Apache ZooKeeper 3.9).
 */
export interface GetAclRequest {
  readonly path: string
}

export interface GetAclResponse {
  readonly acl: readonly Acl[]
  readonly stat: Stat
}

export function writeGetAclRequest(out: ByteWriter, request: GetAclRequest): void {
  out.string(request.path)
}

export function readGetAclRequest(from: ByteReader): GetAclRequest {
  return { path: from.string('getACL.path') }
}

export function writeGetAclResponse(out: ByteWriter, acl: readonly Acl[], stat: Stat): void {
  writeAclVector(out, acl)
  writeStat(out, stat)
}

export function readGetAclResponse(from: ByteReader): GetAclResponse {
  const acl = readAclVector(from, 'gotACL.acl')
  if (acl === null) throw new DecodeError('gotACL.acl is null')
  return { acl, stat: readStat(from) }
}
