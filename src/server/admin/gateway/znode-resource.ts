import type { ByteReader, ByteWriter } from '../../../kernel/bytes.ts'
import { OPEN_ACL, Permission } from '../../../protocol/acl.ts'
import { readCreateResponse, writeCreateRequest } from '../../../protocol/create.ts'
import { writeDeleteRequest } from '../../../protocol/delete.ts'
import { readExistsResponse, writeExistsRequest } from '../../../protocol/exists.ts'
import { readGetChildren2Response, writeGetChildrenRequest } from '../../../protocol/get-children.ts'
import { readGetDataResponse, writeGetDataRequest } from '../../../protocol/get-data.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { readSetDataResponse, writeSetDataRequest } from '../../../protocol/set-data.ts'
import { WireError } from '../../../protocol/wire-error.ts'
import { permits } from '../../../tree/permissions.ts'
import { addressOf } from './gateway-address.ts'
import type { LocalSession } from './local-session.ts'
import { RestError, restErrorOf } from './rest-error.ts'
import { answer, statJson, type Form } from './rest-form.ts'
import type { RestSessions } from './rest-sessions.ts'
import type { StateHistory } from './state-history.ts'

const EPHEMERAL = 1
const SEQUENCE = 2
/** Which state an answer shows, or made; give it as `?zxid=` to read more of the same state. */
const ZXID_HEADER = 'Zktune-Zxid'
/** Who reads earlier states: as the gateway's own connections, one from the loopback address. */
const ANYBODY = { ids: [{ scheme: 'ip', id: '127.0.0.1' }], isSuper: false, skipAcl: false }

interface Ask {
  readonly path: string
  readonly uri: string
  readonly form: Form
  readonly query: URLSearchParams
  readonly session: LocalSession
}

interface Done<T> {
  readonly value: T
  readonly headers: Readonly<Record<string, string>>
}

/** The znodes as resources of HTTP. */
export class ZnodeResource {
  readonly #sessions: RestSessions
  readonly #history: StateHistory

  constructor(sessions: RestSessions, history: StateHistory) {
    this.#sessions = sessions
    this.#history = history
  }

  /** @throws RestError */
  async handle(request: Request, form: Form, url: URL, path: string): Promise<Response> {
    const query = url.searchParams
    const id = query.get('session')
    const session = this.#sessions.find(id)
    if (session === null) throw new RestError(401, `session ${id} is not known or has expired`)
    const ask: Ask = { path, uri: addressOf(url), form, query, session }
    switch (request.method) {
      case 'HEAD':
        return exists(ask)
      case 'GET':
        return query.has('zxid') ? this.#getThen(ask) : getNow(ask)
      case 'PUT':
        return put(ask, await bodyOf(request, query))
      case 'POST':
        return post(ask, await bodyOf(request, query))
      case 'DELETE':
        return remove(ask)
      default:
        return new Response(null, { status: 405, headers: { Allow: 'HEAD, GET, PUT, POST, DELETE' } })
    }
  }

  /** An earlier state, out of the window that this server keeps. */
  #getThen(ask: Ask): Response {
    const { path, query } = ask
    const zxid = zxidOf(query.get('zxid') ?? '')
    const view = this.#history.viewAt(zxid)
    if (view === null) throw new RestError(410, goneText(zxid, this.#history.floorZxid))
    const node = view.getNode(path)
    if (node === null) throw restErrorOf(WireError.noNode, path)
    if (!permits(node.acl, Permission.read, ANYBODY)) throw restErrorOf(WireError.noAuth, path)
    const headers = { [ZXID_HEADER]: zxidText(zxid) }
    return wantsChildren(ask)
      ? childAnswer(ask, view.childNames(path), headers)
      : dataAnswer(ask, { data: node.dataBytes, stat: node }, headers)
  }
}

async function exists(ask: Ask): Promise<Response> {
  const { path, form } = ask
  const done = await perform(
    ask,
    OpCode.exists,
    (out) => writeExistsRequest(out, { path, watch: false }),
    readExistsResponse,
  )
  return new Response(null, { status: form.kind === 'bytes' ? 204 : 200, headers: done.headers })
}

async function getNow(ask: Ask): Promise<Response> {
  const { path } = ask
  if (wantsChildren(ask)) {
    const write = (out: ByteWriter): void => writeGetChildrenRequest(out, { path, watch: false })
    const { value, headers } = await perform(ask, OpCode.getChildren2, write, readGetChildren2Response)
    return childAnswer(ask, value.children, headers)
  }
  const write = (out: ByteWriter): void => writeGetDataRequest(out, { path, watch: false })
  const { value, headers } = await perform(ask, OpCode.getData, write, readGetDataResponse)
  return dataAnswer(ask, value, headers)
}

async function put(ask: Ask, data: Uint8Array | null): Promise<Response> {
  const { path, uri, form } = ask
  const version = versionOf(ask)
  const write = (out: ByteWriter): void => writeSetDataRequest(out, { path, data, version })
  const { value, headers } = await perform(ask, OpCode.setData, write, readSetDataResponse)
  if (form.kind === 'bytes') return new Response(null, { status: 204, headers })
  return answer(form, 200, statJson(path, uri, value), headers)
}

async function post(ask: Ask, data: Uint8Array | null): Promise<Response> {
  const { path, uri, form, query } = ask
  const op = query.get('op') ?? 'create'
  if (op !== 'create') throw new RestError(400, `${path} bad operation ${op}`)
  const name = query.get('name') ?? ''
  const wanted = path === '/' ? `/${name}` : `${path}/${name}`
  const flags = (isOn(query, 'ephemeral') ? EPHEMERAL : 0) | (isOn(query, 'sequence') ? SEQUENCE : 0)
  const write = (out: ByteWriter): void => writeCreateRequest(out, { path: wanted, data, acl: OPEN_ACL, flags })
  const { value: made, headers } = await perform({ ...ask, path: wanted }, OpCode.create, write, readCreateResponse)
  const segment = encodeURIComponent(made.slice(made.lastIndexOf('/') + 1))
  const all = { ...headers, Location: `${uri.replace(/\/$/, '')}/${segment}` }
  if (form.kind === 'bytes') return new Response(made, { status: 201, headers: all })
  return answer(form, 201, { path: made, uri }, all)
}

async function remove(ask: Ask): Promise<Response> {
  const { path } = ask
  const version = versionOf(ask)
  const write = (out: ByteWriter): void => writeDeleteRequest(out, { path, version })
  const { headers } = await perform(ask, OpCode.delete, write, () => true)
  return new Response(null, { status: 204, headers })
}

/** @throws RestError for an error of the server's */
async function perform<T>(
  { session, path }: Ask,
  type: number,
  write: (out: ByteWriter) => void,
  read: (from: ByteReader) => T,
): Promise<Done<T>> {
  const { error, zxid, value } = await session.ask(type, write, read)
  if (error !== WireError.ok || value === null) throw restErrorOf(error, path)
  return { value, headers: { [ZXID_HEADER]: zxidText(zxid) } }
}

function dataAnswer(
  { path, uri, form, query }: Ask,
  { data, stat }: { readonly data: Uint8Array | null; readonly stat: Parameters<typeof statJson>[2] },
  headers: Readonly<Record<string, string>>,
): Response {
  if (form.kind !== 'bytes') {
    return answer(form, 200, statJson(path, uri, stat, data, query.get('dataformat') === 'utf8'), headers)
  }
  if (data === null) return new Response(null, { status: 204, headers })
  return new Response(Buffer.from(data), { headers: { ...headers, 'Content-Type': 'application/octet-stream' } })
}

function childAnswer(
  { path, uri, form }: Ask,
  children: readonly string[],
  headers: Readonly<Record<string, string>>,
): Response {
  const template = `${uri.replace(/\/$/, '')}/{child}`
  return answer(form, 200, { path, uri, child_uri_template: template, children: [...children] }, headers)
}

function wantsChildren({ query, form }: Ask): boolean {
  return query.get('view') === 'children' && form.kind !== 'bytes'
}

/** @returns null for `null=true`. @throws RestError 415 for a body of another type */
async function bodyOf(request: Request, query: URLSearchParams): Promise<Uint8Array | null> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/octet-stream') {
    throw new RestError(415, `the body must be application/octet-stream, not ${type ?? 'of no type'}`)
  }
  const body = new Uint8Array(await request.arrayBuffer())
  return isOn(query, 'null') ? null : body
}

function isOn(query: URLSearchParams, name: string): boolean {
  return query.get(name) === 'true'
}

function versionOf({ path, query }: Ask): number {
  const text = query.get('version') ?? '-1'
  const version = Number(text)
  if (!/^-?\d+$/.test(text) || version !== (version | 0)) throw new RestError(400, `${path} bad version ${text}`)
  return version
}

/** Hexadecimal behind `0x`, as everywhere in ZooKeeper, or decimal. */
function zxidOf(text: string): number {
  const zxid = /^(0x[0-9a-f]{1,13}|\d{1,15})$/i.test(text) ? Number(text) : NaN
  if (!Number.isSafeInteger(zxid)) throw new RestError(400, `bad zxid ${text}`)
  return zxid
}

function zxidText(zxid: number): string {
  return `0x${zxid.toString(16)}`
}

function goneText(zxid: number, floorZxid: number | null): string {
  if (floorZxid === null) return `the state at ${zxidText(zxid)} is not kept: zktune.historyWindowMs is 0`
  if (zxid < floorZxid)
    return `the state at ${zxidText(zxid)} is not kept any more; the oldest is ${zxidText(floorZxid)}`
  return `the state at ${zxidText(zxid)} has not come about here yet`
}
