import { DecodeError, type ByteReader } from '../kernel/bytes.ts'
import { sessionText } from '../kernel/session-id.ts'
import { Permission, type Acl } from '../protocol/acl.ts'
import { CreateMode } from '../protocol/create-mode.ts'
import { readCreateRequest, readCreateTtlRequest } from '../protocol/create.ts'
import { readDeleteRequest } from '../protocol/delete.ts'
import type { MultiResult } from '../protocol/multi-result.ts'
import { OpCode } from '../protocol/op-code.ts'
import { readSetAclRequest } from '../protocol/set-acl.ts'
import { readSetDataRequest } from '../protocol/set-data.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { AuthId } from '../tree/credentials.ts'
import { readMulti } from '../tree/multi.ts'
import type { Outcome } from '../tree/outcome.ts'
import type { Session } from '../tree/session.ts'

/** Who asked for a change. */
export interface Audited {
  readonly address: string
  readonly ids: readonly AuthId[]
  readonly sessionHigh: number
  readonly sessionLow: number
}

interface Change {
  readonly operation: string
  readonly path: string | null
  readonly mode: string | null
  readonly acl: string | null
}

const MODE_NAMES: ReadonlyMap<number, string> = new Map([
  [CreateMode.persistent, 'persistent'],
  [CreateMode.ephemeral, 'ephemeral'],
  [CreateMode.persistentSequential, 'persistent_sequential'],
  [CreateMode.ephemeralSequential, 'ephemeral_sequential'],
  [CreateMode.container, 'container'],
  [CreateMode.persistentWithTtl, 'persistent_with_ttl'],
  [CreateMode.persistentSequentialWithTtl, 'persistent_sequential_with_ttl'],
])

/**
 * What clients changed and tried to change, one line each (`audit.enable`): key=value with tabs between, keys and names as in
 * ZooKeeper's audit log (AuditEvent, AuditHelper of Apache ZooKeeper 3.8). A client's server writes of what it asked for; of
 * the ephemeral znodes that go with a session every server does. Digests of access lists are left out.
 */
export class AuditLog {
  readonly #serverUser: string
  readonly #onLine: (line: string) => void

  /** @param serverUser whose process this is */
  constructor(serverUser: string, onLine: (line: string) => void) {
    this.#serverUser = serverUser
    this.#onLine = onLine
  }

  onServer(operation: 'serverStart' | 'serverStop'): void {
    this.#write({ user: this.#serverUser, operation, result: 'success' })
  }

  /** Its client is told of the outcome. @param from at the request record */
  onOutcome(who: Audited, outcome: Outcome, from: ByteReader): void {
    const { error, type, results, path } = outcome
    const firstOfMulti = results?.[0]
    const isDone = error === WireError.ok && firstOfMulti?.kind !== 'error'
    if (type === OpCode.multi && isDone) {
      for (const change of changesOfMulti(from, results ?? [])) this.#writeChange(who, change, true)
      return
    }
    const change = changeOf(type, from)
    if (change === null) return
    this.#writeChange(who, isDone && path !== '' ? { ...change, path } : change, isDone)
  }

  /** A session is about to end, and its ephemeral znodes with it. */
  onSessionEnd({ high, low, ephemerals }: Session): void {
    const operation = 'ephemeralZNodeDeletionOnSessionCloseOrExpire'
    const session = sessionText(high, low)
    for (const znode of ephemerals) {
      this.#write({ session, user: this.#serverUser, operation, znode, result: 'success' })
    }
  }

  #writeChange(who: Audited, { operation, path, mode, acl }: Change, isDone: boolean): void {
    this.#write({
      session: sessionText(who.sessionHigh, who.sessionLow),
      user: who.ids.map(userOf).join(','),
      ip: who.address,
      operation,
      znode: path,
      znode_type: mode,
      acl,
      result: isDone ? 'success' : 'failure',
    })
  }

  #write(fields: Readonly<Record<string, string | null>>): void {
    const words = Object.entries(fields).flatMap(([key, value]) =>
      value === null ? [] : [`${key}=${onOneLine(value)}`],
    )
    this.#onLine(`audit: ${words.join('\t')}`)
  }
}

/** @returns null for what changes nothing, or cannot be read */
function changeOf(type: number, from: ByteReader): Change | null {
  try {
    return readChange(type, from)
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

function readChange(type: number, from: ByteReader): Change | null {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return creation(readCreateRequest(from))
    case OpCode.createTTL:
      return creation(readCreateTtlRequest(from))
    case OpCode.delete:
      return change('delete', readDeleteRequest(from).path)
    case OpCode.setData:
      return change('setData', readSetDataRequest(from).path)
    case OpCode.setACL: {
      const { path, acl } = readSetAclRequest(from)
      return { ...change('setAcl', path), acl: (acl ?? []).map(aclText).join(',') }
    }
    case OpCode.multi:
      return change('multiOperation', null)
    case OpCode.reconfig:
      return change('reconfig', null)
    default:
      return null
  }
}

/** Of one that was executed. */
function changesOfMulti(from: ByteReader, results: readonly MultiResult[]): Change[] {
  return readMulti(from).flatMap((operation, index) => {
    const result = results[index]
    switch (operation.kind) {
      case 'check':
        return []
      case 'delete':
      case 'setData':
        return [change(operation.kind, operation.request.path)]
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL': {
        const isNamed = result?.kind === 'create' || result?.kind === 'create2'
        const made = creation(operation.request)
        return [isNamed ? { ...made, path: result.path } : made]
      }
    }
  })
}

function creation({ path, flags }: { readonly path: string; readonly flags: number }): Change {
  return { ...change('create', path), mode: MODE_NAMES.get(flags) ?? `flags ${flags}` }
}

function change(operation: string, path: string | null): Change {
  return { operation, path, mode: null, acl: null }
}

/** Without what stands behind the colon of a digest. */
function userOf({ scheme, id }: AuthId): string {
  if (scheme === 'super') return 'super'
  return scheme === 'digest' ? id.slice(0, id.indexOf(':')) : id
}

function aclText({ scheme, id, perms }: Acl): string {
  const shown = scheme === 'digest' && id !== null ? `${id.slice(0, id.indexOf(':'))}:x` : id
  return `${scheme}:${shown}:${permissionText(perms)}`
}

/** In the order in which ZooKeeper's tools write them. */
function permissionText(perms: number): string {
  const letters = [
    [Permission.create, 'c'],
    [Permission.delete, 'd'],
    [Permission.read, 'r'],
    [Permission.write, 'w'],
    [Permission.admin, 'a'],
  ] as const
  return letters.map(([bit, letter]) => ((perms & bit) === 0 ? '' : letter)).join('')
}

/** A path that was refused may hold anything. */
function onOneLine(text: string): string {
  return [...text]
    .map((letter) => {
      const code = letter.charCodeAt(0)
      return code < 0x20 || code === 0x7f ? `\\u${code.toString(16).padStart(4, '0')}` : letter
    })
    .join('')
}
