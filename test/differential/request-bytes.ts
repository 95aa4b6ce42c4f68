import { ByteWriter } from '../../src/kernel/bytes.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { QUOTAS } from './pools.ts'
import type { AclEntry, Request, RequestFrame, Since } from './sequence.ts'

/** What a request's bytes depend on besides the request. */
export interface Surroundings {
  /** The path that `~` stands for. */
  readonly root: string
  zxidOf(since: Since): number
}

/** @returns the frame with its length */
export function frameOf(frame: RequestFrame, xid: number, around: Surroundings): Buffer {
  const record = recordOf(frame.request, around)
  const whole = record.subarray(0, Math.max(0, record.length - (frame.cut ?? 0)))
  const out = new ByteWriter(64)
  out.int32(8 + whole.length + (frame.extra ?? 0)).int32(xid)
  out.int32(codeOf(frame.request)).raw(whole)
  return out.raw(Buffer.alloc(frame.extra ?? 0, 0x7f)).take()
}

export function codeOf(request: Request): number {
  return request.op === 'unknown' ? request.code : OpCode[request.op]
}

/** `~` at the beginning of a path, or of what a quota is for, is the sequence's own subtree. */
export function fullPath(path: string | null, root: string): string | null {
  if (path?.startsWith('~') === true) return root + path.slice(1)
  return path?.startsWith(`${QUOTAS}~`) === true ? QUOTAS + root + path.slice(QUOTAS.length + 1) : path
}

function recordOf(request: Request, around: Surroundings): Buffer {
  const out = new ByteWriter(256)
  writeRecord(out, request, around)
  return out.take()
}

function writeRecord(out: ByteWriter, request: Request, around: Surroundings): void {
  const path = (text: string | null): ByteWriter => out.string(fullPath(text, around.root))
  const paths = (all: readonly string[] | null): void => {
    out.int32(all === null ? -1 : all.length)
    for (const each of all ?? []) path(each)
  }
  switch (request.op) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      path(request.path).buffer(bytesOf(request.data))
      writeAcl(out, request.acl)
      out.int32(request.flags)
      if (request.op === 'createTTL') out.long(BigInt(request.ttlMs))
      return
    case 'delete':
    case 'check':
      path(request.path).int32(request.version)
      return
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
      path(request.path).boolean(request.watch)
      return
    case 'setData':
      path(request.path).buffer(bytesOf(request.data)).int32(request.version)
      return
    case 'getACL':
    case 'sync':
    case 'getAllChildrenNumber':
    case 'getEphemerals':
    case 'deleteContainer':
      path(request.path)
      return
    case 'setACL':
      path(request.path)
      writeAcl(out, request.acl)
      out.int32(request.version)
      return
    case 'multi':
    case 'multiRead':
      for (const each of request.requests) {
        out.int32(codeOf(each)).boolean(false).int32(-1)
        writeRecord(out, each, around)
      }
      if (request.hasEnd) out.int32(-1).boolean(true).int32(-1)
      return
    case 'checkWatches':
    case 'removeWatches':
      path(request.path).int32(request.type)
      return
    case 'addWatch':
      path(request.path).int32(request.mode)
      return
    case 'setWatches':
    case 'setWatches2':
      out.safeLong(around.zxidOf(request.since))
      paths(request.data)
      paths(request.exist)
      paths(request.child)
      if (request.op === 'setWatches2') {
        paths(request.persistent)
        paths(request.recursive)
      }
      return
    case 'auth':
      out.int32(0).string(request.scheme).buffer(bytesOf(request.auth))
      return
    case 'reconfig':
      out.string(request.joining).string(request.leaving).string(request.members).long(-1n)
      return
    case 'whoAmI':
    case 'ping':
    case 'closeSession':
    case 'unknown':
      return
  }
}

function writeAcl(out: ByteWriter, acl: readonly (AclEntry | null)[] | null): void {
  out.int32(acl === null ? -1 : acl.length)
  for (const entry of acl ?? []) {
    out.int32(entry?.perms ?? 0).string(entry?.scheme ?? null)
    out.string(entry?.id ?? null)
  }
}

function bytesOf(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'latin1')
}
