/**
 * What a differential run does: plain values, so that a sequence can be printed, cut down and run again.
 *
 * Paths begin with `~` for the sequence's own subtree, which is another one in each run; any other text goes out as it is.
 */

export interface AclEntry {
  readonly perms: number
  readonly scheme: string | null
  readonly id: string | null
}

/** A zxid that a client has seen: none, its latest, one beyond all, or the latest it had seen after that step. */
export type Since = 'zero' | 'seen' | 'future' | { readonly step: number }

export interface CreateFields {
  readonly path: string | null
  /** Latin-1 characters as bytes. */
  readonly data: string | null
  readonly acl: readonly (AclEntry | null)[] | null
  readonly flags: number
}

export interface WatchLists {
  readonly since: Since
  readonly data: readonly string[] | null
  readonly exist: readonly string[] | null
  readonly child: readonly string[] | null
}

export type Request =
  | ({ readonly op: 'create' | 'create2' | 'createContainer' } & CreateFields)
  | ({ readonly op: 'createTTL'; readonly ttlMs: number } & CreateFields)
  | { readonly op: 'delete' | 'check'; readonly path: string | null; readonly version: number }
  | {
      readonly op: 'exists' | 'getData' | 'getChildren' | 'getChildren2'
      readonly path: string | null
      readonly watch: boolean
    }
  | { readonly op: 'setData'; readonly path: string | null; readonly data: string | null; readonly version: number }
  | { readonly op: 'getACL' | 'sync' | 'getAllChildrenNumber' | 'getEphemerals'; readonly path: string | null }
  | {
      readonly op: 'setACL'
      readonly path: string | null
      readonly acl: readonly (AclEntry | null)[] | null
      readonly version: number
    }
  | { readonly op: 'multi' | 'multiRead'; readonly requests: readonly Request[]; readonly hasEnd: boolean }
  | { readonly op: 'checkWatches' | 'removeWatches'; readonly path: string | null; readonly type: number }
  | { readonly op: 'addWatch'; readonly path: string | null; readonly mode: number }
  | ({ readonly op: 'setWatches' } & WatchLists)
  | ({
      readonly op: 'setWatches2'
      readonly persistent: readonly string[] | null
      readonly recursive: readonly string[] | null
    } & WatchLists)
  | { readonly op: 'auth'; readonly scheme: string | null; readonly auth: string | null }
  | { readonly op: 'whoAmI' | 'ping' | 'closeSession' }
  | {
      readonly op: 'reconfig'
      readonly joining: string | null
      readonly leaving: string | null
      readonly members: string | null
    }
  | { readonly op: 'deleteContainer'; readonly path: string | null }
  /** An op code that is none. */
  | { readonly op: 'unknown'; readonly code: number }

export type OpName = Request['op']

/** A request as it goes out: whole, or with something odd about it. */
export interface RequestFrame {
  readonly request: Request
  /** Instead of the connection's next number. */
  readonly xid?: number
  /** Bytes cut off the end of the record. */
  readonly cut?: number
  /** Bytes added behind the record. */
  readonly extra?: number
}

export type Step =
  /** A new session. */
  | {
      readonly kind: 'connect'
      readonly session: string
      readonly server: number
      readonly timeoutMs: number
      readonly since: 'zero' | 'future'
      readonly password: 'zeros' | 'empty' | 'null'
      /** Null: a client too old to send the flag. */
      readonly readOnly: boolean | null
    }
  /** The session from a new connection; the old one, if it is still there, is for the server to close. */
  | {
      readonly kind: 'attach'
      readonly session: string
      readonly server: number
      readonly timeoutMs: number
      readonly since: Since
      readonly password: 'right' | 'wrong'
    }
  /** Through the connection that the session had before it was attached to another server. */
  | { readonly kind: 'sendLeft'; readonly session: string; readonly frames: readonly RequestFrame[] }
  /** The session is attached for the shortest time there is, cut off, and left until it has expired. */
  | { readonly kind: 'expire'; readonly session: string; readonly server: number; readonly timeoutMs: number }
  /** The client closes its connection and says nothing. */
  | { readonly kind: 'cut'; readonly session: string }
  /** Some requests in one write. */
  | { readonly kind: 'send'; readonly session: string; readonly frames: readonly RequestFrame[] }
  /** Bytes that are no request: the server closes. Hexadecimal. */
  | { readonly kind: 'raw'; readonly session: string; readonly bytes: string }

/** `id` is the step's place in the sequence as it was made, which cutting down does not change. */
export type NumberedStep = Step & { readonly id: number }

export interface Sequence {
  readonly seed: number
  readonly steps: readonly NumberedStep[]
}

const WRITES: ReadonlySet<OpName> = new Set([
  'create',
  'create2',
  'createContainer',
  'createTTL',
  'delete',
  'setData',
  'setACL',
  'multi',
  'closeSession',
])

/** Whether the reply's zxid is the request's own: it has one even when it fails. */
export function isWrite(op: OpName): boolean {
  return WRITES.has(op)
}

/** Whether the server closes the connection after its answer. */
export function endsConnection({ request }: RequestFrame): boolean {
  switch (request.op) {
    case 'closeSession':
    case 'unknown':
      return true
    case 'auth':
      return request.auth === null || (request.scheme !== 'digest' && request.scheme !== 'ip')
    default:
      return false
  }
}

/** A request in one line, for a transcript. */
export function requestText({ request, xid, cut, extra }: RequestFrame): string {
  const odd = [
    xid === undefined ? '' : ` xid=${xid}`,
    cut === undefined ? '' : ` cut by ${cut}`,
    extra === undefined ? '' : ` and ${extra} more bytes`,
  ].join('')
  const { op, ...fields } = request
  const text = JSON.stringify(fields).replace(/(.)\1{40,}/g, (run: string) => `${run.slice(0, 8)}…${run.length}`)
  return `${op} ${text}${odd}`
}
