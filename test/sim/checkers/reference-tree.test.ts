import { expect, test } from 'vitest'
import { BAD_VERSION, NO_NODE, NODE_EXISTS, type Change, type Write } from '../../../src/sim/checkers/operation.ts'
import { ReferenceTree } from '../../../src/sim/checkers/reference-tree.ts'

function write(...changes: Change[]): Write {
  return { id: '', client: 'c', order: 0, connection: 1, changes, isMulti: changes.length > 1, floorZxid: 0 }
}

function create(path: string, value: string, isEphemeral = false): Change {
  return { kind: 'create', path, value, isEphemeral, isSequential: false }
}

test('each state stays to be looked at', () => {
  const tree = new ReferenceTree()
  expect(tree.apply(write(create('/a', 'one')), 's', 1)).toEqual({ error: 0, version: null, path: '/a' })
  expect(tree.apply(write({ kind: 'set', path: '/a', value: 'two', version: 0 }), 's', 5).version).toBe(1)
  expect(tree.apply(write({ kind: 'delete', path: '/a', version: 1 }), 's', 7).error).toBe(0)
  expect([0, 1, 4, 5, 6, 7].map((zxid) => tree.at('/a', zxid)?.value ?? null)).toEqual([
    null,
    'one',
    'one',
    'two',
    'two',
    null,
  ])
})

test('what cannot be is refused', () => {
  const tree = new ReferenceTree()
  expect(tree.apply(write({ kind: 'set', path: '/a', value: '', version: -1 }), 's', 1).error).toBe(NO_NODE)
  expect(tree.apply(write(create('/a/b', 'one')), 's', 1).error).toBe(NO_NODE)
  tree.apply(write(create('/a', 'one')), 's', 2)
  expect(tree.apply(write(create('/a', 'two')), 's', 3).error).toBe(NODE_EXISTS)
  expect(tree.apply(write({ kind: 'set', path: '/a', value: '', version: 4 }), 's', 4).error).toBe(BAD_VERSION)
  expect(tree.at('/a', 4)?.value).toBe('one')
})

test('a multi that fails changes nothing', () => {
  const tree = new ReferenceTree()
  tree.apply(write(create('/a', 'one')), 's', 1)
  const answer = tree.apply(
    write({ kind: 'set', path: '/a', value: 'two', version: -1 }, { kind: 'check', path: '/b', version: 0 }),
    's',
    2,
  )
  expect(answer).toEqual({ error: NO_NODE, version: null, path: null })
  expect(tree.at('/a', 2)).toMatchObject({ value: 'one', version: 0 })
})

test('a session takes its ephemeral znodes along', () => {
  const tree = new ReferenceTree()
  tree.openSession('s')
  tree.apply(write(create('/a', 'mine', true)), 's', 1)
  tree.apply(write(create('/b', 'stays')), 's', 2)
  tree.closeSession('s', 3)
  expect(tree.hasSession('s')).toBe(false)
  expect(tree.at('/a', 2)?.value).toBe('mine')
  expect(tree.at('/a', 3)).toBeNull()
  expect(tree.at('/b', 3)?.value).toBe('stays')
})
