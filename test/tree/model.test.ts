import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DataTree } from '../../src/tree/data-tree.ts'
import { actions, dumpTree, histories, perform } from './actions.ts'
import { TreeModel } from './tree-model.ts'

test('random histories end as in the slow obvious model, answer by answer', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const tree = new DataTree()
      const model = new TreeModel()
      for (const action of history) {
        const expected = model.apply(action)
        const written = perform(tree, action)
        expect(tree.lastZxid).toBe(model.state.zxid)
        if (written === null) continue
        expect(written).toMatchObject({ error: expected.error, path: expected.path })
        const errors = written.results.map((result) => (result.kind === 'error' ? result.error : null))
        if (expected.failures !== null) expect(errors).toEqual(expected.failures)
        else expect(errors.every((error) => error === null)).toBe(true)
      }
      expect(dumpTree(tree)).toEqual(model.state.nodes)
      expect([...tree.sessions].map((session) => session.low).sort()).toEqual([...model.state.sessions].sort())
      const paths = Object.keys(model.state.nodes)
      expect(tree.nodeCount).toBe(paths.length + 1)
      expect(tree.ephemeralCount).toBe(paths.filter((path) => model.state.nodes[path]?.session !== 0).length)
      const sizes = Object.entries(model.state.nodes).map(([path, node]) => path.length + (node.data ?? '').length)
      expect(tree.approximateDataSizeBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
      for (const session of tree.sessions) {
        const own = paths.filter((path) => model.state.nodes[path]?.session === session.low)
        expect([...session.ephemerals].sort()).toEqual(own.sort())
      }
    }),
    { numRuns: 120 },
  )
})

test('two trees that apply the same commands have the same digest after each', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const [one, two] = [new DataTree(), new DataTree()]
      for (const action of history) {
        perform(one, action)
        perform(two, action)
        expect(two.digest).toBe(one.digest)
      }
    }),
  )
})

test('the digest tells histories apart that differ in one outcome', () => {
  fc.assert(
    fc.property(histories, actions, fc.nat(), (history, extra, at) => {
      const [one, two] = [new DataTree(), new DataTree()]
      const place = at % (history.length + 1)
      for (const action of history) perform(one, action)
      for (const action of [...history.slice(0, place), extra, ...history.slice(place)]) perform(two, action)
      expect(two.digest).not.toBe(one.digest)
    }),
  )
})
