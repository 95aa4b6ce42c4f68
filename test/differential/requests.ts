import type { Prng } from '../../src/kernel/prng.ts'
import {
  isShared,
  NAMES,
  OPEN,
  pickAcl,
  pickData,
  pickOddPath,
  pickLimits,
  pickPath,
  pickQuotaPath,
  pickVersion,
  USERS,
} from './pools.ts'
import type { CreateFields, Request, RequestFrame, Since } from './sequence.ts'

/** What kind of sequence it is. */
export interface Flavour {
  /** With watches, everybody may read everything: who may not read is told of nothing, unlike with Apache 3.8.0. */
  readonly hasWatches: boolean
  readonly hasAcls: boolean
  readonly hasOddPaths: boolean
  /** Then bursts and multis are of one request: Apache checks a quota against what has been applied, not what is under way. */
  readonly hasQuotas: boolean
  /** Apache 3.8.0 answers checkWatches for the watches of all sessions. */
  readonly hasOneSession: boolean
  /** Paths that may be there by now, so that not most requests are about nothing; `drawRequest` adds to them. */
  readonly known: string[]
  /** Paths that somebody may watch; `drawRequest` adds to them. */
  readonly watched: string[]
  /** How a session watches a path: always in the same way, for Apache 3.8.0 keeps one way for each. */
  watchStyle(session: string, path: string): 'oneShot' | 'persistent' | 'recursive'
}

type RequestOnPath = Request & { readonly path: string | null }

export type Draw = (prng: Prng, flavour: Flavour, session: string) => Request

/** How often which request is drawn, in no unit. */
const WEIGHTS: readonly (readonly [number, Draw])[] = [
  [16, drawCreate],
  [8, drawDelete],
  [9, (prng, flavour) => withPath(drawSetData(prng, flavour))],
  [6, (prng, flavour) => withPath(drawSetAcl(prng, flavour))],
  [5, drawExists],
  [6, drawGetData],
  [4, (prng, flavour, session) => watching(prng, flavour, session, 'getChildren')],
  [4, (prng, flavour, session) => watching(prng, flavour, session, 'getChildren2')],
  [3, (prng, flavour) => ({ op: 'getACL', path: anyPath(prng, flavour) })],
  [2, (prng, flavour) => ({ op: 'sync', path: inPlainText(anyPath(prng, flavour)) })],
  [2, (prng, flavour) => ({ op: 'getAllChildrenNumber', path: ownPath(prng, flavour) })],
  [2, (prng) => ({ op: 'getEphemerals', path: prng.pick(['~', '~/a', '~/a/', '~/b', '/', '', null, ' ', 'x']) })],
  [12, (prng, flavour) => drawMulti(prng, flavour)],
  [3, drawMultiRead],
  [4, drawAddWatch],
  [2, (prng, flavour, session) => watchType(prng, flavour, session, 'checkWatches')],
  [2, (prng, flavour, session) => watchType(prng, flavour, session, 'removeWatches')],
  [2, () => ({ op: 'whoAmI' })],
  [1, () => ({ op: 'ping' })],
  [1, drawReconfig],
  [1, (prng, flavour) => ({ op: 'deleteContainer', path: ownPath(prng, flavour) })],
]

const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0)
const TTL_FLAGS = [5, 6]
/** Flags that are right whatever comes with them: others are refused before or after a path that is none. */
const HAS_MODE = new Set([0, 1, 2, 3, 4])
const NO_MODE_FLAGS = [7, 8, -1, 100, 2 ** 31 - 1]
const TTLS_MS = [1_000_000, 2 ** 40 - 1, 2 ** 40, 0, -1, -1000]

export function drawRequest(prng: Prng, flavour: Flavour, session: string): Request {
  if (flavour.hasQuotas && prng.chance(0.15)) return drawQuotaRequest(prng)
  if (flavour.hasWatches && prng.chance(0.2)) return drawWatch(prng, flavour, session)
  let draw = prng.below(TOTAL)
  for (const [weight, make] of WEIGHTS) {
    draw -= weight
    if (draw < 0) return make(prng, flavour, session)
  }
  return { op: 'ping' }
}

/** Mostly the request as it is; now and then too short, too long, or with a strange number. */
export function oddly(prng: Prng, request: Request): RequestFrame {
  const draw = prng.float()
  if (draw < 0.03 && request.op !== 'reconfig') {
    return { request, cut: prng.between(1, 30) }
  }
  if (draw < 0.05) return { request, extra: prng.between(1, 9) }
  if (draw < 0.07) return { request, xid: prng.pick([0, -3, -7, 2 ** 31 - 1, -(2 ** 31), 1, 77]) }
  return { request }
}

export function drawAuth(prng: Prng): Request {
  const draw = prng.float()
  if (draw < 0.8) return { op: 'auth', scheme: 'digest', auth: prng.pick(USERS) }
  return {
    op: 'auth',
    ...prng.pick([
      { scheme: 'ip', auth: '' },
      { scheme: 'digest', auth: '' },
      { scheme: 'digest', auth: ':' },
      { scheme: 'digest', auth: 'a:b:c' },
      { scheme: 'digest', auth: null },
      { scheme: 'nonsense', auth: 'x' },
      { scheme: 'world', auth: 'anyone' },
      { scheme: 'auth', auth: '' },
      { scheme: null, auth: 'x' },
    ]),
  }
}

/** The watches of a client that came back. */
export function drawSetWatches(prng: Prng, flavour: Flavour, session: string, steps: number): Request {
  const paths = (style: string): string[] =>
    Array.from({ length: prng.below(4) }, () => pickPath(prng)).filter(
      (path) => flavour.watchStyle(session, path) === style,
    )
  const since: Since = prng.chance(0.6)
    ? { step: prng.below(steps + 1) }
    : prng.pick(['zero', 'seen', 'future'] as const)
  const orNull = (list: string[]): string[] | null => (prng.chance(0.02) ? null : list)
  const lists = {
    since,
    data: orNull(paths('oneShot')),
    exist: paths('oneShot'),
    child: paths('oneShot'),
  }
  if (prng.chance(0.5)) return { op: 'setWatches', ...lists }
  return { op: 'setWatches2', ...lists, persistent: paths('persistent'), recursive: paths('recursive') }
}

/** Limits are set and taken away, the usage is looked at. Nothing is made again: Apache would go on from a stale usage. */
function drawQuotaRequest(prng: Prng): Request {
  const path = pickQuotaPath(prng)
  const draw = prng.float()
  if (draw < 0.5 || !path.includes('zookeeper_')) return { op: 'getData', path, watch: false }
  if (draw < 0.6) return { op: 'delete', path, version: -1 }
  if (path.endsWith('limits')) return { op: 'setData', path, data: pickLimits(prng), version: -1 }
  return { op: 'exists', path, watch: false }
}

function ownPath(prng: Prng, flavour: Flavour): string | null {
  const path = anyPath(prng, flavour)
  return isShared(path) ? '~/a' : path
}

/** With a slash: Apache 3.8.0 stumbles over one without when it looks for watches. */
function inPlace(path: string | null): string {
  return path?.includes('/') === true ? path : '~/a'
}

/** Without supplementary characters: Apache answers with each in two halves. */
function inPlainText(path: string | null): string | null {
  return path === null ? null : path.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '')
}

function anyPath(prng: Prng, flavour: Flavour): string | null {
  if (flavour.hasOddPaths && prng.chance(0.15)) return pickOddPath(prng)
  return flavour.known.length > 0 && prng.chance(0.6) ? prng.pick(flavour.known) : pickPath(prng)
}

/** Of a znode to come: mostly below one that may be there, and never beside the sequence's own root. */
function newPath(prng: Prng, flavour: Flavour): string | null {
  if (flavour.hasOddPaths && prng.chance(0.15)) return ownPath(prng, flavour)
  const parent = flavour.known.length > 0 && prng.chance(0.4) ? prng.pick(flavour.known) : '~'
  const path = prng.chance(0.85) ? `${parent}/${prng.pick(NAMES)}` : pickPath(prng)
  return path === '~' || path.split('/').length > 6 ? '~/b' : path
}

function createFields(prng: Prng, flavour: Flavour, flags: number): CreateFields {
  const isSequential = flags === 2 || flags === 3 || flags === 6
  const drawn = newPath(prng, flavour)
  const named = drawn === null && !HAS_MODE.has(flags) ? '~/b' : drawn
  const path = isSequential && named !== null ? withSequence(prng, named) : named
  if (path !== null && !isSequential && path.startsWith('~/')) flavour.known.push(path)
  return { path, data: pickData(prng), acl: flavour.hasAcls ? pickAcl(prng, flavour.hasWatches) : OPEN, flags }
}

/** A sequence number goes below the path or behind its name. */
function withSequence(prng: Prng, path: string): string {
  return path === '~' ? '~/s-' : `${path}${prng.pick(['/s-', '/', 's-', ''])}`
}

function drawCreate(prng: Prng, flavour: Flavour): RequestOnPath {
  const draw = prng.float()
  if (draw < 0.04) return { op: 'createContainer', ...createFields(prng, flavour, 4) }
  if (draw < 0.1) {
    const ttlMs = prng.chance(0.6) ? 1_000_000 : prng.pick(TTLS_MS)
    return { op: 'createTTL', ...createFields(prng, flavour, prng.pick(TTL_FLAGS)), ttlMs }
  }
  const flags = draw < 0.13 ? prng.pick(NO_MODE_FLAGS) : prng.pick([0, 0, 0, 0, 1, 1, 2, 2, 3])
  return { op: prng.chance(0.5) ? 'create' : 'create2', ...createFields(prng, flavour, flags) }
}

function drawDelete(prng: Prng, flavour: Flavour): RequestOnPath {
  const path = anyPath(prng, flavour)
  // The root of the sequence stays, for the audit begins there.
  return { op: 'delete', path: path === '~' ? '~/a' : path, version: pickVersion(prng) }
}

function drawSetData(prng: Prng, flavour: Flavour): RequestOnPath {
  return { op: 'setData', path: ownPath(prng, flavour), data: pickData(prng), version: pickVersion(prng) }
}

function drawSetAcl(prng: Prng, flavour: Flavour): RequestOnPath {
  const acl = flavour.hasAcls ? pickAcl(prng, flavour.hasWatches) : OPEN
  return { op: 'setACL', path: ownPath(prng, flavour), acl, version: pickVersion(prng) }
}

function drawExists(prng: Prng, flavour: Flavour, session: string): Request {
  return watching(prng, flavour, session, 'exists')
}

function drawGetData(prng: Prng, flavour: Flavour, session: string): Request {
  return watching(prng, flavour, session, 'getData')
}

function drawWatch(prng: Prng, flavour: Flavour, session: string): Request {
  const op = prng.pick(['exists', 'getData', 'getChildren', 'addWatch', 'addWatch'] as const)
  return op === 'addWatch' ? drawAddWatch(prng, flavour, session) : watching(prng, flavour, session, op)
}

function watching(
  prng: Prng,
  flavour: Flavour,
  session: string,
  op: 'exists' | 'getData' | 'getChildren' | 'getChildren2',
): Request {
  const path = anyPath(prng, flavour)
  const mayWatch = flavour.hasWatches && path !== null && !isShared(path)
  const watch = mayWatch && flavour.watchStyle(session, path) === 'oneShot' && prng.chance(0.7)
  if (watch) flavour.watched.push(path)
  return { op, path, watch }
}

function drawAddWatch(prng: Prng, flavour: Flavour, session: string): Request {
  if (!flavour.hasWatches) return drawGetData(prng, flavour, session)
  const path = ownPath(prng, flavour) ?? '~/a'
  const style = flavour.watchStyle(session, path)
  if (style !== 'oneShot') flavour.watched.push(path)
  if (style === 'oneShot') return { op: 'addWatch', path, mode: prng.pick([2, -1, 7]) }
  return { op: 'addWatch', path, mode: style === 'persistent' ? 0 : 1 }
}

/** All kinds at once where the watch may be a persistent one: Apache 3.8.0 keeps these as two one-shot watches. */
function watchType(prng: Prng, flavour: Flavour, session: string, op: 'checkWatches' | 'removeWatches'): Request {
  if (op === 'checkWatches' && !flavour.hasOneSession) return { op: 'ping' }
  const isWatched = flavour.watched.length > 0 && prng.chance(0.6)
  const path = inPlace(isWatched ? prng.pick(flavour.watched) : ownPath(prng, flavour))
  const isOneShot = flavour.watchStyle(session, path) === 'oneShot'
  return { op, path, type: isOneShot ? prng.pick([1, 2, 3, 3, 0, -1, 6]) : prng.pick([3, 3, 3, 0, -1, 6]) }
}

function drawMulti(prng: Prng, flavour: Flavour): Request {
  const count = prng.chance(0.03) ? 0 : prng.between(1, flavour.hasQuotas ? 1 : 6)
  const requests = Array.from({ length: count }, (): Request => withPath(drawMultiOperation(prng, flavour)))
  return { op: 'multi', requests, hasEnd: !prng.chance(0.02) }
}

function drawMultiOperation(prng: Prng, flavour: Flavour): RequestOnPath {
  const draw = prng.float()
  if (draw < 0.42) return drawCreate(prng, flavour)
  if (draw < 0.57) return drawDelete(prng, flavour)
  if (draw < 0.8) return drawSetData(prng, flavour)
  if (draw < 0.985) return { op: 'check', path: ownPath(prng, flavour), version: pickVersion(prng) }
  return { op: 'getData', path: ownPath(prng, flavour), watch: false }
}

/** Whatever it asks for, both servers have it switched off. */
function drawReconfig(prng: Prng): Request {
  return {
    op: 'reconfig',
    joining: prng.pick([null, 'server.9=h:1:2;3', 'some thing']),
    leaving: prng.pick([null, '1', 'x']),
    members: prng.pick([null, null, '', 'server.1=h:1:2']),
  }
}

/** Not null: Apache answers BADARGUMENTS here and there, or forgets that it took a zxid. */
function withPath<Each extends RequestOnPath>(request: Each): Each {
  return request.path === null ? { ...request, path: '~/a' } : request
}

function drawMultiRead(prng: Prng, flavour: Flavour): Request {
  const requests = Array.from({ length: prng.between(0, 5) }, (): Request => {
    if (prng.chance(0.02)) return drawDelete(prng, flavour)
    return { op: prng.pick(['getData', 'getChildren']), path: ownPath(prng, flavour), watch: prng.chance(0.2) }
  })
  return { op: 'multiRead', requests, hasEnd: !prng.chance(0.02) }
}
