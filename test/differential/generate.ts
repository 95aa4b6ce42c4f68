import { Prng } from '../../src/kernel/prng.ts'
import { OPEN, pickAcl, quotaZnodes, USERS } from './pools.ts'
import { drawAuth, drawRequest, drawSetWatches, oddly, type Flavour } from './requests.ts'
import { endsConnection, type NumberedStep, type RequestFrame, type Sequence, type Step } from './sequence.ts'

/** What the servers are, as far as sequences depend on it. */
export interface Setting {
  readonly servers: number
}

const NAMES = ['a', 'b', 'c'] as const
const BURST_MAX = 6
/** Rare, for it takes seconds. */
const EXPIRE_CHANCE = 0.003
/** Bytes that make a server close: lengths that no frame may have, and frames too short for a request's header. */
const NO_FRAMES = [
  'ffffffff',
  '80000000',
  '00100000',
  '7fffffff',
  '00000000',
  '0000000400000001',
  '000000070000000100000b',
]

/** What the generator believes of a session; the servers may think otherwise, and then both should. */
interface Believed {
  readonly name: string
  state: 'new' | 'connected' | 'cut' | 'over'
  server: number
}

/** The sequence of a seed: the same for ever, for the same setting. */
export function sequenceOf(seed: number, setting: Setting): Sequence {
  const prng = new Prng(seed)
  const sessions = NAMES.slice(0, prng.between(1, 3)).map((name): Believed => ({
    name,
    state: 'new',
    server: 0,
  }))
  const flavour = flavourOf(prng.fork('flavour'), seed, sessions.length === 1)
  const steps: Step[] = []
  const count = prng.between(6, 24)
  const [first] = sessions
  if (first !== undefined)
    steps.push(...nextSteps(prng, flavour, first, setting, 0), plantStep(prng, flavour, first.name))
  if (first !== undefined && flavour.hasQuotas && first.state === 'connected') steps.push(quotaStep(prng, first.name))
  while (steps.length < count) steps.push(...nextSteps(prng, flavour, prng.pick(sessions), setting, steps.length))
  return { seed, steps: steps.map((step, id): NumberedStep => ({ ...step, id })) }
}

/** Something to begin with, or most requests would be about nothing. */
function plantStep(prng: Prng, flavour: Flavour, session: string): Step {
  const paths = ['~/a', '~/b', '~/a/a', '~/c', '~/a/b'].filter(() => prng.chance(0.6))
  const frames = paths.map((path): RequestFrame => {
    const acl = flavour.hasAcls && prng.chance(0.6) ? pickAcl(prng, flavour.hasWatches) : OPEN
    return { request: { op: 'create', path, data: path, acl, flags: 0 } }
  })
  if (flavour.hasAcls) frames.unshift({ request: { op: 'auth', scheme: 'digest', auth: prng.pick(USERS) } })
  return { kind: 'send', session, frames }
}

function quotaStep(prng: Prng, session: string): Step {
  const frames = quotaZnodes(prng).map((fields): RequestFrame => {
    return { request: { op: 'create', ...fields, acl: OPEN, flags: 0 } }
  })
  return { kind: 'send', session, frames }
}

function flavourOf(prng: Prng, seed: number, hasOneSession: boolean): Flavour {
  const styles = ['oneShot', 'oneShot', 'persistent', 'recursive'] as const
  return {
    hasWatches: prng.chance(0.6),
    hasAcls: prng.chance(0.5),
    hasOneSession,
    hasQuotas: prng.fork('quotas').chance(0.15),
    known: ['~/a', '~/b'],
    watched: [],
    hasOddPaths: prng.chance(0.4),
    watchStyle: (session, path) => new Prng(seed).fork(`${session} ${path}`).pick(styles),
  }
}

function nextSteps(prng: Prng, flavour: Flavour, session: Believed, setting: Setting, at: number): Step[] {
  const { name } = session
  switch (session.state) {
    case 'new':
    case 'over': {
      session.state = 'connected'
      session.server = prng.below(setting.servers)
      return [connectStep(prng, session)]
    }
    case 'cut': {
      if (mayExpire(setting) && prng.chance(EXPIRE_CHANCE)) return [expireStep(prng, session)]
      // It may stay away for a while.
      if (prng.chance(0.5)) return []
      const isWrong = prng.chance(0.1)
      const isAhead = prng.chance(0.05)
      if (!isWrong && !isAhead) session.state = 'connected'
      session.server = prng.below(setting.servers)
      const timeoutMs = pickTimeout(prng)
      const since = isAhead ? 'future' : prng.chance(0.5) ? 'seen' : 'zero'
      const { server } = session
      const attach: Step = {
        kind: 'attach',
        session: name,
        server,
        timeoutMs,
        since,
        password: isWrong ? 'wrong' : 'right',
      }
      if (session.state !== 'connected' || !flavour.hasWatches || prng.chance(0.3)) return [attach]
      const request = drawSetWatches(prng, flavour, name, at)
      return [attach, { kind: 'send', session: name, frames: [{ request, xid: -8 }] }]
    }
    case 'connected':
      if (mayExpire(setting) && prng.chance(EXPIRE_CHANCE)) return [expireStep(prng, session)]
      if (setting.servers > 1 && !flavour.hasWatches && prng.chance(0.06)) return moveSteps(prng, session, setting)
      return [connectedStep(prng, flavour, session, at)]
  }
}

function connectedStep(prng: Prng, flavour: Flavour, session: Believed, at: number): Step {
  const { name, server } = session
  const draw = prng.float()
  if (draw < 0.05) {
    session.state = 'cut'
    return { kind: 'cut', session: name }
  }
  if (draw < 0.07) {
    // From the same server: elsewhere the old connection would stay, as one that has been left.
    return { kind: 'attach', session: name, server, timeoutMs: pickTimeout(prng), since: 'seen', password: 'right' }
  }
  if (draw < 0.085) {
    session.state = 'cut'
    return { kind: 'raw', session: name, bytes: prng.pick(NO_FRAMES) }
  }
  if (draw < 0.1) {
    session.state = 'cut'
    return { kind: 'send', session: name, frames: [{ request: { op: 'unknown', code: pickUnknownCode(prng) } }] }
  }
  const frames: RequestFrame[] = []
  // Auth is answered before what waits: only in front is its place certain.
  if (prng.chance(flavour.hasAcls ? 0.15 : 0.02)) {
    const frame = { request: drawAuth(prng) }
    if (endsConnection(frame)) session.state = 'cut'
    frames.push(frame)
    if (session.state === 'cut' || prng.chance(0.5)) return { kind: 'send', session: name, frames }
  }
  if (flavour.hasWatches && prng.chance(0.04))
    frames.push({ request: drawSetWatches(prng, flavour, name, at), xid: -8 })
  const count = flavour.hasQuotas || prng.chance(0.5) ? 1 : prng.between(2, BURST_MAX)
  for (let index = 0; index < count; index++) {
    const request = drawRequest(prng, flavour, name)
    frames.push(oddly(prng, request))
    // Apache checks what follows against the old ACL or the new one, as it happens to be applied by then.
    if (request.op === 'setACL') return { kind: 'send', session: name, frames }
  }
  if (prng.chance(0.03)) {
    session.state = 'over'
    frames.push({ request: { op: 'closeSession' } })
  }
  return { kind: 'send', session: name, frames }
}

/**
 * In an ensemble of Apache's a learner may report an old timeout after the session has a shorter one, so that when it
 * expires depends on what arrived last.
 */
function mayExpire(setting: Setting): boolean {
  return setting.servers === 1
}

function expireStep(prng: Prng, session: Believed): Step {
  session.state = 'over'
  return { kind: 'expire', session: session.name, server: session.server, timeoutMs: pickShortTimeout(prng) }
}

/** To another server, while the old connection stays and is tried. */
function moveSteps(prng: Prng, session: Believed, setting: Setting): Step[] {
  const { name } = session
  session.server = (session.server + prng.between(1, setting.servers - 1)) % setting.servers
  const request = { op: 'setData', path: '~/a', data: 'left', version: -1 } as const
  return [
    {
      kind: 'attach',
      session: name,
      server: session.server,
      timeoutMs: pickTimeout(prng),
      since: 'seen',
      password: 'right',
    },
    { kind: 'sendLeft', session: name, frames: [{ request }] },
  ]
}

function connectStep(prng: Prng, session: Believed): Step {
  const isAhead = prng.chance(0.02)
  if (isAhead) session.state = 'new'
  return {
    kind: 'connect',
    session: session.name,
    server: session.server,
    timeoutMs: pickTimeout(prng),
    since: isAhead ? 'future' : 'zero',
    password: prng.pick(['zeros', 'zeros', 'empty', 'null']),
    readOnly: prng.pick([false, false, true, null]),
  }
}

/** All below the shortest that the servers grant, so that they grant that. */
function pickShortTimeout(prng: Prng): number {
  return prng.pick([1, 0, -1, 999, 1_000, -(2 ** 31)])
}

/** Long enough, whatever the servers make of it, for a sequence on a busy machine. */
function pickTimeout(prng: Prng): number {
  return prng.chance(0.7) ? 30_000 : prng.pick([20_000, 59_999, 60_000, 60_001, 2 ** 31 - 1])
}

/** Codes that no client may send; check outside of a multi (13) is not among them: see the differences on purpose. */
function pickUnknownCode(prng: Prng): number {
  return prng.pick([0, 10, 23, 50, 99, 108, 1_000, -1, -2, -5, -12, 2 ** 31 - 1, -(2 ** 31)])
}
