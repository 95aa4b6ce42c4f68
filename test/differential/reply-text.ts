import { ByteReader, DecodeError } from '../../src/kernel/bytes.ts'
import { wireErrorName } from '../../src/protocol/wire-error.ts'
import { readHandshake } from './handshake.ts'
import type { Namer } from './namer.ts'
import type { Request } from './sequence.ts'

/** The numbers of multi results, which an error replaces by -1. */
const RESULT_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'create'],
  [2, 'delete'],
  [4, 'getData'],
  [5, 'setData'],
  [8, 'getChildren'],
  [13, 'check'],
  [15, 'create2'],
])

/** What closes a list of results. */
const END_OF_RESULTS = 'ffffffff01ffffffff'

const EVENT_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'created'],
  [2, 'deleted'],
  [3, 'data changed'],
  [4, 'children changed'],
])

export function handshakeText(payload: Buffer, namer: Namer): string {
  const { timeoutMs, id, password, readOnly } = readHandshake(payload)
  const secret = password === null ? 'null' : password.every((byte) => byte === 0) ? 'zeros' : 'something'
  return `session ${namer.owner(id)} timeout ${timeoutMs} password ${secret} of ${password?.length ?? 0} readOnly ${readOnly}`
}

/** The header's zxid stays out: versions differ about it (see the differences on purpose). */
export function eventText(payload: Buffer, namer: Namer): string {
  const from = new ByteReader(payload, 16)
  const type = from.int32('type')
  const state = from.int32('state')
  const path = namer.path(from.nullableString('path'))
  return `event ${EVENT_NAMES.get(type) ?? type} ${path} state ${state}${restText(from)}`
}

/** @returns what follows the reply's header, in words */
export function recordText(request: Request, error: number, payload: Buffer, namer: Namer): string {
  const from = new ByteReader(payload, 16)
  try {
    // Apache goes on with the results that it had, or none; clients stop at the error.
    const isMulti = request.op === 'multi' || request.op === 'multiRead'
    if (isMulti && error !== 0 && payload.toString('hex', 16).endsWith(END_OF_RESULTS)) return ''
    const text = error === 0 ? ` ${bodyText(request, from, namer)}` : ''
    if ('path' in request && request.path === '/zookeeper/config') return configText(text) + restText(from)
    return (isOfAll(request) && text !== '' ? ' something that all sequences share' : text) + restText(from)
  } catch (fault) {
    if (!(fault instanceof DecodeError)) throw fault
    return ` a record that cannot be read (${fault.message}): ${payload.subarray(16).toString('hex')}`
  }
}

export function errorText(error: number): string {
  return error === 0 ? 'ok' : wireErrorName(error)
}

/** Ports and versions of two ensembles are not the same. */
function configText(text: string): string {
  return text
    .replace(/^ \d+ bytes \S+/, ' a configuration')
    .replace(/ m \S+/, ' m _')
    .replace(/ mtime .* versions/, ' mtime _ versions')
    .replace(/length \d+/, 'length _')
}

/** Whether it looks at what other sequences change at the same time. */
function isOfAll(request: Request): boolean {
  return (
    'path' in request &&
    request.op !== 'getEphemerals' &&
    ['', '/', '/zookeeper', '/zookeeper/quota'].includes(request.path ?? 'null')
  )
}

function bodyText(request: Request, from: ByteReader, namer: Namer): string {
  switch (request.op) {
    case 'create':
      return namer.path(from.nullableString('path'))
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return `${namer.path(from.nullableString('path'))} ${statText(from, namer)}`
    case 'exists':
    case 'setData':
    case 'setACL':
      return statText(from, namer)
    case 'getData':
      return `${bytesText(from.buffer('data'))} ${statText(from, namer)}`
    case 'getChildren':
      return namesText(from, namer)
    case 'getChildren2':
      return `${namesText(from, namer)} ${statText(from, namer)}`
    case 'getACL':
      return `${aclText(from)} ${statText(from, namer)}`
    case 'sync':
      return namer.path(from.nullableString('path'))
    case 'getEphemerals':
      return namesText(from, namer)
    case 'getAllChildrenNumber':
      return String(from.int32('totalNumber'))
    case 'addWatch':
      return String(from.int32('err'))
    case 'whoAmI':
      return list(from, () => `${from.nullableString('scheme')}:${from.nullableString('user')}`)
        .sort()
        .join(' ')
    case 'multi':
    case 'multiRead':
      return resultsText(request.requests, from, namer)
    case 'reconfig':
      return `${bytesText(from.buffer('data'))} ${statText(from, namer)}`
    case 'delete':
    case 'check':
    case 'checkWatches':
    case 'removeWatches':
    case 'setWatches':
    case 'setWatches2':
    case 'auth':
    case 'ping':
    case 'closeSession':
    case 'deleteContainer':
    case 'unknown':
      return ''
  }
}

function resultsText(requests: readonly Request[], from: ByteReader, namer: Namer): string {
  const results: string[] = []
  for (let index = 0; ; index++) {
    const type = from.int32('multi.type')
    const isDone = from.boolean('multi.done')
    const error = from.int32('multi.err')
    if (isDone) return `[${results.join(', ')}] ends ${type} ${error}`
    results.push(resultText({ type, error, request: requests[index] }, from, namer))
  }
}

function resultText(
  result: { readonly type: number; readonly error: number; readonly request: Request | undefined },
  from: ByteReader,
  namer: Namer,
): string {
  const { type, error, request } = result
  const name = RESULT_TYPES.get(type) ?? `type ${type}`
  switch (type) {
    case -1:
      return `${errorText(error)}/${errorText(from.int32('err'))}`
    case 1:
      return createdText(request, name, namer.path(from.nullableString('path')))
    case 15: {
      const path = namer.path(from.nullableString('path'))
      const stat = statText(from, namer)
      return createdText(request, name, `${path} ${stat}`)
    }
    case 5:
      return `${name} ${statText(from, namer)}`
    case 4:
      return `${name} ${bytesText(from.buffer('data'))} ${statText(from, namer)}`
    case 8:
      return `${name} ${namesText(from, namer)}`
    default:
      return `${name} ${errorText(error)}`
  }
}

/** 3.8 makes a create of a create2 in a multi: of either only the path is compared. */
function createdText(request: Request | undefined, name: string, text: string): string {
  return request?.op === 'create2' ? `create2 ${text.split(' {')[0] ?? ''}` : `${name} ${text}`
}

function statText(from: ByteReader, namer: Namer): string {
  const czxid = from.long('czxid')
  const mzxid = from.long('mzxid')
  const ctime = namer.time(from.long('ctime'), czxid)
  const mtime = namer.time(from.long('mtime'), mzxid)
  const versions = [from.int32('version'), from.int32('cversion'), from.int32('aversion')].join('/')
  const owner = namer.owner(from.long('ephemeralOwner'))
  const sizes = `length ${from.int32('dataLength')} children ${from.int32('numChildren')}`
  const zxids = `c ${namer.zxid(czxid)} m ${namer.zxid(mzxid)} p ${namer.zxid(from.long('pzxid'))}`
  return `{${zxids} ctime ${ctime} mtime ${mtime} versions ${versions} owner ${owner} ${sizes}}`
}

/** In no promised order, so sorted. */
function namesText(from: ByteReader, namer: Namer): string {
  return `[${list(from, () => namer.path(from.nullableString('name')))
    .sort()
    .join(' ')}]`
}

/** What `auth` stood for has no promised order, so neighbours that could be of one `auth` are sorted. */
function aclText(from: ByteReader): string {
  const entries = list(
    from,
    () => `${from.int32('perms')} ${from.nullableString('scheme')}:${from.nullableString('id')}`,
  )
  const family = (entry: string): string => /^-?\d+ digest:/.exec(entry)?.[0] ?? entry
  for (let start = 0, end; start < entries.length; start = end) {
    end = start + 1
    while (end < entries.length && family(entries[end] ?? '') === family(entries[start] ?? '')) end++
    entries.splice(start, end - start, ...entries.slice(start, end).sort())
  }
  return `(${entries.join(', ')})`
}

function list(from: ByteReader, read: () => string): string[] {
  return Array.from({ length: Math.max(0, from.count('vector', 4)) }, read)
}

function bytesText(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  return bytes.length > 40
    ? `${bytes.length} bytes ${bytes.toString('hex', 0, 8)}…`
    : JSON.stringify(bytes.toString('latin1'))
}

/** Bytes behind the record: there should be none. */
function restText(from: ByteReader): string {
  return from.remaining === 0 ? '' : ` and then ${from.rest().toString('hex')}`
}
