import { sessionIdOf } from '../../../kernel/session-id.ts'
import type { Stat } from '../../../protocol/stat.ts'
import { compactJson, type JavaJson } from '../java-json.ts'
import { RestError } from './rest-error.ts'

/** How a client wants its answer. */
export type Form =
  { readonly kind: 'json' } | { readonly kind: 'script'; readonly callback: string } | { readonly kind: 'bytes' }

const CALLBACK = /^[A-Za-z_$][\w$.]*$/

/**
 * By the Accept header: JSON unless something else is asked for. `application/javascript` wraps it into a call of
 * `?callback=` (JSONP). XML, which Apache's gateway has too, is not made here.
 *
 * @throws RestError 406, 400 for a callback that is no name
 */
export function formOf(request: Request, query: URLSearchParams): Form {
  const accepted = (request.headers.get('accept') ?? '*/*').toLowerCase()
  if (accepted.includes('application/octet-stream')) return { kind: 'bytes' }
  if (accepted.includes('javascript')) {
    const callback = query.get('callback') ?? 'callback'
    if (!CALLBACK.test(callback)) throw new RestError(400, `callback ${callback} is not a name`)
    return { kind: 'script', callback }
  }
  if (accepted.includes('json') || accepted.includes('*/*') || accepted.includes('application/*'))
    return { kind: 'json' }
  throw new RestError(
    406,
    `this gateway answers in application/json, application/javascript and application/octet-stream`,
  )
}

export function answer(
  form: Form,
  status: number,
  body: JavaJson,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = compactJson(body)
  if (form.kind !== 'script') {
    return new Response(text, { status, headers: { ...headers, 'Content-Type': 'application/json' } })
  }
  const type = { 'Content-Type': 'application/javascript', 'X-Content-Type-Options': 'nosniff' }
  return new Response(`${form.callback}(${text})`, { status, headers: { ...headers, ...type } })
}

/** The STAT structure. @param data absent from the answer when undefined or null */
export function statJson(path: string, uri: string, stat: Stat, data?: Uint8Array | null, isText = false): JavaJson {
  const text = data === undefined || data === null ? null : Buffer.from(data).toString(isText ? 'utf8' : 'base64')
  return {
    path,
    uri,
    ...(text === null ? {} : isText ? { dataUtf8: text } : { data64: text }),
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    ctime: stat.ctime,
    mtime: stat.mtime,
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: sessionIdOf(stat.ephemeralOwnerHigh, stat.ephemeralOwnerLow),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
    pzxid: stat.pzxid,
  }
}
