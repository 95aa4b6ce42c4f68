import { WireError } from '../../src/protocol/wire-error.ts'

/** What a test does to a tree, and a model to itself. Sessions are named by the low half of their id. */
export type Step =
  | { readonly kind: 'create'; readonly path: string; readonly data: string | null; readonly flags: number }
  | { readonly kind: 'delete' | 'check'; readonly path: string; readonly version: number }
  | { readonly kind: 'setData'; readonly path: string; readonly data: string | null; readonly version: number }
  | { readonly kind: 'setAcl'; readonly path: string; readonly perms: number; readonly version: number }

export type Action =
  | { readonly session: number; readonly timeMs: number; readonly step: Step }
  | { readonly session: number; readonly timeMs: number; readonly multi: readonly Step[] }
  | { readonly session: number; readonly timeMs: number; readonly lifecycle: 'open' | 'close' }
  | { readonly epoch: true }

export interface ModelNode {
  data: string | null
  /** Permissions of world:anyone, the only entry that the model knows. */
  perms: number
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  creations: number
  aversion: number
  /** 0 for a persistent znode. */
  session: number
}

export interface ModelState {
  zxid: number
  nodes: Record<string, ModelNode>
  sessions: number[]
}

export interface ModelAnswer {
  readonly error: number
  readonly path: string
  /** Of a multi: the errors; null when all went well. */
  readonly failures: readonly number[] | null
}

/**
 * The tree as slowly and obviously as the rules of semantics.md read: one object, searched from end to end, copied
 * whole before a multi. It shares no code with what it judges.
 */
export class TreeModel {
  state: ModelState = { zxid: 0, nodes: systemNodes(), sessions: [] }

  apply(action: Action): ModelAnswer {
    if ('epoch' in action) {
      this.state.zxid = (Math.floor(this.state.zxid / 2 ** 32) + 1) * 2 ** 32
      return { error: 0, path: '', failures: null }
    }
    this.state.zxid++
    const { session, timeMs } = action
    const isKnown = this.state.sessions.includes(session)
    if ('lifecycle' in action) {
      if (action.lifecycle === 'open') return only(this.#open(session))
      return only(isKnown ? this.#close(session) : WireError.sessionExpired)
    }
    if (!isKnown) return only(WireError.sessionExpired)
    if ('step' in action) return this.#step(action.step, session, timeMs)

    const before = structuredClone(this.state)
    for (const [index, step] of action.multi.entries()) {
      const { error } = this.#step(step, session, timeMs)
      if (error === 0) continue
      this.state = before
      const failures = action.multi.map((_, other) => (other < index ? 0 : other === index ? error : -2))
      return { error: 0, path: '', failures }
    }
    return only(0)
  }

  childrenOf(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    return Object.keys(this.state.nodes).filter(
      (other) => other !== '/' && other.startsWith(prefix) && !other.slice(prefix.length).includes('/'),
    )
  }

  #open(session: number): number {
    if (this.state.sessions.includes(session)) return -1
    this.state.sessions.push(session)
    return 0
  }

  #close(session: number): number {
    for (const [path, node] of Object.entries(this.state.nodes)) {
      if (node.session === session) this.#remove(path)
    }
    this.state.sessions = this.state.sessions.filter((other) => other !== session)
    return 0
  }

  #remove(path: string): void {
    delete this.state.nodes[path]
    const parent = this.state.nodes[parentOf(path)]
    if (parent !== undefined) parent.pzxid = this.state.zxid
  }

  #step(step: Step, session: number, timeMs: number): ModelAnswer {
    const { nodes, zxid } = this.state
    if (step.kind === 'create') {
      const parent = nodes[parentOf(step.path)]
      if (parent === undefined) return only(WireError.noNode)
      if ((parent.perms & 4) === 0) return only(WireError.noAuth)
      const isEphemeral = step.flags === 1 || step.flags === 3
      const path = step.flags >= 2 ? step.path + String(parent.creations).padStart(10, '0') : step.path
      if (nodes[path] !== undefined) return only(WireError.nodeExists)
      if (parent.session !== 0) return only(WireError.noChildrenForEphemerals)
      nodes[path] = {
        data: step.data,
        perms: 31,
        czxid: zxid,
        mzxid: zxid,
        pzxid: zxid,
        ctime: timeMs,
        mtime: timeMs,
        version: 0,
        creations: 0,
        aversion: 0,
        session: isEphemeral ? session : 0,
      }
      parent.creations++
      parent.pzxid = zxid
      return { error: 0, path, failures: null }
    }
    const node = nodes[step.path]
    if (step.kind === 'delete') {
      if (['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'].includes(step.path))
        return only(WireError.badArguments)
      const parent = nodes[parentOf(step.path)]
      if (parent === undefined) return only(WireError.noNode)
      if ((parent.perms & 8) === 0) return only(WireError.noAuth)
      if (node === undefined) return only(WireError.noNode)
      if (step.version !== -1 && step.version !== node.version) return only(WireError.badVersion)
      if (this.childrenOf(step.path).length > 0) return only(WireError.notEmpty)
      this.#remove(step.path)
      return only(0)
    }
    if (node === undefined) return only(WireError.noNode)
    const needed = { check: 1, setData: 2, setAcl: 16 }[step.kind]
    if ((node.perms & needed) === 0) return only(WireError.noAuth)
    const current = step.kind === 'setAcl' ? node.aversion : node.version
    if (step.version !== -1 && step.version !== current) return only(WireError.badVersion)
    if (step.kind === 'setData') {
      node.data = step.data
      node.version++
      node.mzxid = zxid
      node.mtime = timeMs
    } else if (step.kind === 'setAcl') {
      node.perms = step.perms
      node.aversion++
    }
    return only(0)
  }
}

function only(error: number): ModelAnswer {
  return { error, path: '', failures: null }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function systemNodes(): Record<string, ModelNode> {
  const node = (perms: number, aversion: number): ModelNode => ({
    data: '',
    perms,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctime: 0,
    mtime: 0,
    version: 0,
    creations: 0,
    aversion,
    session: 0,
  })
  return {
    '/': node(31, 0),
    '/zookeeper': node(31, 0),
    '/zookeeper/quota': node(31, 0),
    '/zookeeper/config': node(1, -1),
  }
}
