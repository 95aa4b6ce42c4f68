import type { KeptBytes } from '../kernel/byte-string.ts'
import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readAclVector, writeAclVector, type Acl } from './acl.ts'
import { readStat, writeStat, type Stat } from './stat.ts'

/**
 * create (1), create2 (15), createContainer (19) and createTTL (21): a new znode.
 *
 *   request    path: ustring · data: buffer · acl: vector<ACL> · flags: int   (createTTL: · ttl: long)
 *   response   create: path: ustring · the others: path: ustring · stat: Stat
 *
 * Source: zookeeper.jute, CreateRequest, CreateTTLRequest, CreateResponse, Create2Response (Apache ZooKeeper 3.9).
 */
export interface CreateRequest {
  readonly path: string
  /** Null is stored as null, which is not the same as empty. */
  readonly data: KeptBytes | null
  readonly acl: readonly Acl[] | null
  /** One of CreateMode. */
  readonly flags: number
}

export interface CreateTtlRequest extends CreateRequest {
  /** Milliseconds without change after which a childless znode goes; clamped to the safe range, so check it. */
  readonly ttlMs: number
}

export interface Create2Response {
  /** With the sequence number, if the mode asked for one. */
  readonly path: string
  readonly stat: Stat
}

export function writeCreateRequest(out: ByteWriter, request: CreateRequest): void {
  out.string(request.path).buffer(request.data)
  writeAclVector(out, request.acl)
  out.int32(request.flags)
}

export function readCreateRequest(from: ByteReader): CreateRequest {
  return {
    path: from.string('create.path'),
    data: from.kept('create.data'),
    acl: readAclVector(from, 'create.acl'),
    flags: from.int32('create.flags'),
  }
}

export function writeCreateTtlRequest(out: ByteWriter, request: CreateTtlRequest): void {
  writeCreateRequest(out, request)
  out.safeLong(request.ttlMs)
}

export function readCreateTtlRequest(from: ByteReader): CreateTtlRequest {
  return {
    path: from.string('createTTL.path'),
    data: from.kept('createTTL.data'),
    acl: readAclVector(from, 'createTTL.acl'),
    flags: from.int32('createTTL.flags'),
    ttlMs: from.clampedLong('createTTL.ttl'),
  }
}

/** @param path with the sequence number, if the mode asked for one */
export function writeCreateResponse(out: ByteWriter, path: string): void {
  out.string(path)
}

export function readCreateResponse(from: ByteReader): string {
  return from.string('created.path')
}

export function writeCreate2Response(out: ByteWriter, path: string, stat: Stat): void {
  out.string(path)
  writeStat(out, stat)
}

export function readCreate2Response(from: ByteReader): Create2Response {
  return { path: from.string('created.path'), stat: readStat(from) }
}
