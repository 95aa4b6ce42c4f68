import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DataTree } from '../../src/tree/data-tree.ts'
import type { Pin } from '../../src/tree/pin.ts'
import { dumpPin, dumpTree, histories, perform } from './actions.ts'
import { TestClient } from './test-client.ts'
import type { ModelNode } from './tree-model.ts'

function freshClient(): TestClient {
  return new TestClient(new DataTree())
}

test('a pin shows the state of its zxid while writes go on', () => {
  const client = freshClient()
  client.create('/a', { data: Buffer.from('old') })
  client.create('/a/b')
  using pin = client.tree.pin()
  client.setData('/a', Buffer.from('new'))
  client.delete('/a/b')
  client.create('/a/c')
  client.closeSession()
  expect(Buffer.from(pin.getNode('/a')?.dataBytes ?? []).toString()).toBe('old')
  expect(pin.getNode('/a')?.numChildren).toBe(1)
  expect(pin.childNames('/a')).toEqual(['b'])
  expect(pin.getNode('/a/c')).toBeNull()
  expect(pin.openSessions().map((session) => session.low)).toEqual([1])
})

test('without a pin nothing is kept, and the last release drops all', () => {
  const client = freshClient()
  client.create('/a')
  client.setData('/a', null)
  expect(client.tree.keptVersionCount).toBe(0)
  const pin = client.tree.pin()
  client.setData('/a', null)
  client.setData('/a', null)
  expect(client.tree.keptVersionCount).toBe(1) // the one that the pin sees, not the one in between
  pin.release()
  pin.release()
  expect(client.tree.keptVersionCount).toBe(0)
})

test('a release drops what the other pins do not see', () => {
  const client = freshClient()
  client.create('/a')
  const older = client.tree.pin()
  client.setData('/a', null)
  const newer = client.tree.pin()
  client.setData('/a', null)
  expect(client.tree.keptVersionCount).toBe(2)
  older.release()
  expect(client.tree.keptVersionCount).toBe(1)
  expect(newer.getNode('/a')?.version).toBe(1)
  newer.release()
  expect(client.tree.keptVersionCount).toBe(0)
})

test('a pin is not read after its release', () => {
  const pin = new DataTree().pin()
  pin.release()
  expect(() => pin.getNode('/')).toThrow('broken invariant')
})

test('a multi that is taken back under a pin leaves both the present and the past as they were', () => {
  const client = freshClient()
  client.create('/a')
  client.create('/a/b')
  const before = dumpTree(client.tree)
  using pin = client.tree.pin()
  client.multi([
    { kind: 'delete', request: { path: '/a/b', version: -1 } },
    { kind: 'setData', request: { path: '/a', data: Buffer.from('x'), version: -1 } },
    { kind: 'check', request: { path: '/none', version: -1 } },
  ])
  expect(dumpPin(pin)).toEqual(before)
  expect(dumpTree(client.tree)).toEqual(before)
})

test('any number of pins, taken and released at any time, each keep seeing their own state', () => {
  const pinning = fc.record({ takes: fc.array(fc.boolean()), releases: fc.array(fc.nat(9)) })
  fc.assert(
    fc.property(histories, pinning, (history, { takes, releases }) => {
      const tree = new DataTree()
      let held: { readonly pin: Pin; readonly state: Record<string, ModelNode>; readonly sessions: number[] }[] = []
      for (const [index, action] of history.entries()) {
        if (takes[index % (takes.length + 1)] === true) {
          const sessions = [...tree.sessions].map((session) => session.low).sort()
          held.push({ pin: tree.pin(), state: dumpTree(tree), sessions })
        }
        perform(tree, action)
        const released = held[releases[index % (releases.length + 1)] ?? -1]
        released?.pin.release()
        held = held.filter((each) => each !== released)
        for (const { pin, state, sessions } of held) {
          expect(dumpPin(pin)).toEqual(state)
          expect(
            pin
              .openSessions()
              .map((session) => session.low)
              .sort(),
          ).toEqual(sessions)
        }
      }
      for (const { pin } of held) pin.release()
      expect(tree.keptVersionCount).toBe(0)
    }),
    { numRuns: 60 },
  )
})

const ROOMY = { versionsMax: 1e6, bytesMax: 1e9 }

test('a window shows each state since it was opened, and none of what came before or is to come', () => {
  const client = freshClient()
  client.create('/a', { data: Buffer.from('0') })
  const window = client.tree.openWindow(ROOMY)
  const from = client.tree.lastZxid
  for (let step = 1; step <= 3; step++) client.setData('/a', Buffer.from(String(step)))
  for (let step = 0; step <= 3; step++) {
    expect(Buffer.from(window.viewAt(from + step)?.getNode('/a')?.dataBytes ?? []).toString()).toBe(String(step))
  }
  expect(window.viewAt(from - 1)).toBeNull()
  expect(window.viewAt(from + 4)).toBeNull()
})

test('a window beyond its limits shows less far back, and so does one whose floor is raised', () => {
  const client = freshClient()
  client.create('/a')
  const window = client.tree.openWindow({ ...ROOMY, versionsMax: 3 })
  for (let step = 0; step < 10; step++) client.setData('/a', Buffer.from(String(step)))
  const last = client.tree.lastZxid
  expect(window.versionCount).toBe(3)
  expect(window.floorZxid).toBe(last - 3)
  expect(Buffer.from(window.viewAt(last - 3)?.getNode('/a')?.dataBytes ?? []).toString()).toBe('6')
  window.raiseFloor(last)
  expect([window.versionCount, window.viewAt(last - 1)]).toEqual([0, null])
  window.close()
  client.setData('/a', null)
  expect(client.tree.keptVersionCount).toBe(0)
})

test('bytes bound a window, too', () => {
  const client = freshClient()
  client.create('/a')
  const window = client.tree.openWindow({ ...ROOMY, bytesMax: 10_000 })
  for (let step = 0; step < 20; step++) client.setData('/a', Buffer.alloc(3_000))
  expect(window.versionCount).toBe(3)
})

test('a pin keeps what it sees below the floor of a window', () => {
  const client = freshClient()
  client.create('/a', { data: Buffer.from('old') })
  const window = client.tree.openWindow(ROOMY)
  using pin = client.tree.pin()
  client.setData('/a', Buffer.from('new'))
  client.delete('/a')
  window.raiseFloor(client.tree.lastZxid)
  expect(Buffer.from(pin.getNode('/a')?.dataBytes ?? []).toString()).toBe('old')
})

test('at any zxid of the window a view equals the state that was there then', () => {
  const raising = fc.array(fc.nat(20))
  fc.assert(
    fc.property(histories, raising, fc.boolean(), (history, raises, isTight) => {
      const tree = new DataTree()
      const window = tree.openWindow(isTight ? { ...ROOMY, versionsMax: 5 } : ROOMY)
      const states = new Map<number, { readonly nodes: Record<string, ModelNode>; readonly sessions: number[] }>()
      const remember = (): void => {
        const sessions = [...tree.sessions].map((session) => session.low).sort()
        states.set(tree.lastZxid, { nodes: dumpTree(tree), sessions })
      }
      remember()
      for (const [index, action] of history.entries()) {
        perform(tree, action)
        remember()
        const raise = raises[index % (raises.length + 1)]
        if (raise !== undefined) window.raiseFloor(tree.lastZxid - raise)
      }
      let seen = 0
      for (const [zxid, { nodes, sessions }] of states) {
        const view = window.viewAt(zxid)
        expect(view !== null).toBe(zxid >= window.floorZxid)
        if (view === null) continue
        seen++
        expect(dumpPin(view)).toEqual(nodes)
        expect(
          view
            .openSessions()
            .map((session) => session.low)
            .sort(),
        ).toEqual(sessions)
      }
      expect(seen).toBeGreaterThan(0)
      window.close()
      expect(tree.keptVersionCount).toBe(0)
    }),
    { numRuns: 100 },
  )
})
