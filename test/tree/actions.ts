import fc from 'fast-check'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import type { MultiOperation } from '../../src/protocol/multi.ts'
import type { DataTree } from '../../src/tree/data-tree.ts'
import type { TreeView } from '../../src/tree/tree-view.ts'
import { childPath, type Znode } from '../../src/tree/znode.ts'
import { TestClient, type Written } from './test-client.ts'
import type { Action, ModelNode, Step } from './tree-model.ts'

/** Few paths and sessions, so that steps meet each other. */
const paths = fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/a/x/p', '/b/s', '/zookeeper/quota/q', '/')
const versions = fc.constantFrom(-1, -1, -1, 0, 1, 2)
const data = fc.constantFrom(null, '', 'v', 'value')

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const), path: paths, data, flags: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), path: paths, version: versions }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('setData' as const), path: paths, data, version: versions }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('check' as const), path: paths, version: versions }) },
)
const aclSteps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('setAcl' as const),
  path: paths,
  perms: fc.constantFrom(31, 31, 31, 16, 27),
  version: versions,
})

const session = fc.integer({ min: 1, max: 3 })
const timeMs = fc.integer({ min: 1, max: 5_000 })

export const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    // A check is legal in a multi only.
    arbitrary: fc
      .record({ session, timeMs, step: fc.oneof({ weight: 8, arbitrary: steps }, aclSteps) })
      .filter(({ step }) => step.kind !== 'check'),
  },
  { weight: 4, arbitrary: fc.record({ session, timeMs, multi: fc.array(steps, { maxLength: 6 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      session,
      timeMs,
      lifecycle: fc.constantFrom('open' as const, 'open' as const, 'close' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ epoch: fc.constant(true as const) }) },
)

/** Opens the sessions first, so that most of what follows gets through. */
export const histories: fc.Arbitrary<Action[]> = fc
  .array(actions, { minLength: 5, maxLength: 120 })
  .map((rest) => [1, 2, 3].map((id): Action => ({ session: id, timeMs: 1, lifecycle: 'open' })).concat(rest))

/** @param pad is repeated behind all data, to make znodes of any size */
export function perform(tree: DataTree, action: Action, pad = ''): Written | null {
  if ('epoch' in action) {
    tree.openEpoch()
    return null
  }
  const client = new TestClient(tree, action.session, true)
  client.timeMs = action.timeMs
  if ('lifecycle' in action) return action.lifecycle === 'open' ? client.openSession() : client.closeSession()
  if ('multi' in action) return client.multi(action.multi.flatMap((step) => multiOperation(step, pad)))
  const { step } = action
  switch (step.kind) {
    case 'create':
      return client.create(step.path, { data: bytes(step.data, pad), flags: step.flags })
    case 'delete':
      return client.delete(step.path, step.version)
    case 'setData':
      return client.setData(step.path, bytes(step.data, pad), step.version)
    case 'setAcl':
      return client.setAcl(step.path, [{ perms: step.perms, scheme: 'world', id: 'anyone' }], step.version)
    case 'check':
      throw new Error('a check stands in a multi')
  }
}

function multiOperation(step: Step, pad: string): MultiOperation[] {
  switch (step.kind) {
    case 'create': {
      const { path, flags } = step
      return [{ kind: 'create2', request: { path, data: bytes(step.data, pad), acl: OPEN_ACL, flags } }]
    }
    case 'setData':
      return [{ kind: 'setData', request: { ...step, data: bytes(step.data, pad) } }]
    case 'delete':
    case 'check':
      return [{ kind: step.kind, request: step }]
    case 'setAcl':
      return []
  }
}

function bytes(text: string | null, pad: string): Buffer | null {
  return text === null ? null : Buffer.from(text + pad)
}

/** A whole tree as a plain value, in the model's terms. */
export function dumpTree(tree: DataTree): Record<string, ModelNode> {
  return dump(
    (path) => tree.getNode(path),
    (path) => [...(tree.getNode(path)?.children?.keys() ?? [])],
  )
}

export function dumpPin(pin: TreeView): Record<string, ModelNode> {
  return dump(
    (path) => pin.getNode(path),
    (path) => pin.childNames(path),
  )
}

function dump(nodeAt: (path: string) => Znode | null, namesAt: (path: string) => string[]): Record<string, ModelNode> {
  const dumped: Record<string, ModelNode> = {}
  const waiting = ['/']
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const node = nodeAt(path)
    if (node === null) throw new Error(`${path} is named but not there`)
    const names = namesAt(path)
    if (new Set(names).size !== node.numChildren || names.length !== node.numChildren) {
      throw new Error(`${path} says that it has ${node.numChildren} children, and names ${names.join(' ')}`)
    }
    for (const name of names) waiting.push(childPath(path, name))
    dumped[path] = {
      data: node.dataBytes?.toString() ?? null,
      perms: node.acl.worldPerms,
      czxid: node.czxid,
      mzxid: node.mzxid,
      pzxid: node.pzxid,
      ctime: node.ctime,
      mtime: node.mtime,
      version: node.version,
      creations: node.childCreations,
      aversion: node.aversion,
      session: node.ephemeralOwnerLow,
    }
  }
  return dumped
}
