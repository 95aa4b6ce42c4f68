import { Hono } from 'hono'
import { WireError } from '../../../protocol/wire-error.ts'
import { addressOf } from './gateway-address.ts'
import { RestError, restErrorOf } from './rest-error.ts'
import { answer, formOf, type Form } from './rest-form.ts'
import type { RestSessions } from './rest-sessions.ts'
import type { StateHistory } from './state-history.ts'
import { ZnodeResource } from './znode-resource.ts'

const ZNODES = '/znodes/v1'
const SESSIONS = '/sessions/v1'
const EXPIRE_SECONDS = 5
const EXPIRE_SECONDS_MAX = 24 * 60 * 60

/**
 * The REST gateway, as Apache's contrib has it: znodes under `/znodes/v1`, sessions under `/sessions/v1`. It asks its own
 * server as a client would; beyond Apache's, `?zxid=` reads an earlier state.
 */
export function gatewayApp(sessions: RestSessions, history: StateHistory): Hono {
  const app = new Hono()
  const znodes = new ZnodeResource(sessions, history)
  app.all(`${ZNODES}/*`, (context) =>
    guarded(context.req.raw, (form, url) => znodes.handle(context.req.raw, form, url, pathOf(url))),
  )
  app.all(ZNODES, (context) => guarded(context.req.raw, (form, url) => znodes.handle(context.req.raw, form, url, '/')))
  app.post(`${SESSIONS}/`, (context) => guarded(context.req.raw, (form, url) => createSession(sessions, form, url)))
  app.post(SESSIONS, (context) => guarded(context.req.raw, (form, url) => createSession(sessions, form, url)))
  app.put(`${SESSIONS}/:id`, (context) =>
    guarded(context.req.raw, (form, url) => {
      const id = context.req.param('id')
      if (sessions.find(id) === null) throw new RestError(404, `session ${id} not found`)
      return answer(form, 200, { id, uri: addressOf(url) })
    }),
  )
  app.delete(`${SESSIONS}/:id`, async (context) => {
    await sessions.close(context.req.param('id'))
    return new Response(null, { status: 204 })
  })
  return app
}

async function guarded(
  request: Request,
  act: (form: Form, url: URL) => Response | Promise<Response>,
): Promise<Response> {
  const url = new URL(request.url)
  let form: Form = { kind: 'json' }
  try {
    form = formOf(request, url.searchParams)
    return await act(form, url)
  } catch (error) {
    if (!(error instanceof RestError)) throw error
    if (form.kind === 'bytes') {
      return new Response(`Request ${request.url} failed due to ${error.message}`, { status: error.status })
    }
    return answer(form, error.status, { request: request.url, message: error.message })
  }
}

/** @throws RestError 400 for what is no percent-encoding */
function pathOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname.slice(ZNODES.length)) || '/'
  } catch {
    throw new RestError(400, `${url.pathname} bad arguments`)
  }
}

async function createSession(sessions: RestSessions, form: Form, url: URL): Promise<Response> {
  const op = url.searchParams.get('op') ?? 'create'
  if (op !== 'create') throw new RestError(400, `bad operation ${op}`)
  const expire = url.searchParams.get('expire') ?? String(EXPIRE_SECONDS)
  if (!/^\d+$/.test(expire) || Number(expire) < 1 || Number(expire) > EXPIRE_SECONDS_MAX) {
    throw new RestError(400, `bad expire ${expire}: it must be 1 to ${EXPIRE_SECONDS_MAX} seconds`)
  }
  const made = await sessions.create(Number(expire))
  if (typeof made === 'number') throw restErrorOf(made === WireError.ok ? WireError.systemError : made, '/')
  const uri = `${addressOf(url).replace(/\/$/, '')}/${made}`
  return answer(form, 201, { id: made, uri }, { Location: uri })
}
