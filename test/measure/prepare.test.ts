import { plainShape } from '../../src/profile/workload-shape.ts'
import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { KeySet } from '../../src/measure/key-set.ts'
import { prepareZnodes } from '../../src/measure/prepare.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { workloadOf } from './fake-load.ts'
import { ScriptedDoor } from './scripted-door.ts'

function keysOf(keyCount: number): KeySet {
  return new KeySet('/run', workloadOf({ keyCount, valueSizeBytes: 4, shape: plainShape(4) }), new Prng(1))
}

test('every key and folder is made once, each after its parent', async () => {
  const door = new ScriptedDoor()
  const made = prepareZnodes(door, keysOf(300), () => undefined)
  while (door.asked.length > 0) door.answer()
  await made
  const paths = door.log.map((line) => line.split(' ')[1] as string)
  expect(paths).toHaveLength(1 + 1 + 19 + 300) // root, own, folders of 16, keys
  expect(new Set(paths).size).toBe(paths.length)
  for (const [index, path] of paths.entries()) {
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (parent !== '') expect(paths.indexOf(parent)).toBeLessThan(index)
  }
})

test('no more than 128 are in flight at once', () => {
  const door = new ScriptedDoor()
  void prepareZnodes(door, keysOf(1_000), () => undefined)
  expect(door.asked).toHaveLength(128)
  door.answer()
  expect(door.asked).toHaveLength(128)
})

test('a lost connection is no end: what it hides is made again, and what is there already is as good', async () => {
  const door = new ScriptedDoor()
  const counts: number[] = []
  const made = prepareZnodes(door, keysOf(1), (count) => counts.push(count))
  const lost = door.asked.length
  for (let count = 0; count < lost; count++) door.answer(WireError.connectionLoss)
  door.answer(WireError.nodeExists)
  while (door.asked.length > 0) door.answer()
  await made
  expect(counts).toEqual([1, 2, 3, 4])
  expect(door.log.slice(0, lost)).toEqual(door.log.slice(lost))
})

test('a refusal ends it and names the znode', async () => {
  const door = new ScriptedDoor()
  const made = prepareZnodes(door, keysOf(1), () => undefined)
  door.answer(WireError.noAuth)
  await expect(made).rejects.toMatchObject({
    code: 'ServerFailed',
    where: '/run',
    what: expect.stringContaining('NOAUTH') as string,
  })
})

test('folders may lie in folders, and be of any size', async () => {
  const door = new ScriptedDoor()
  const shape = { ...plainShape(4), depth: 3, folderSize: 2 }
  const made = prepareZnodes(door, new KeySet('/run', workloadOf({ keyCount: 3, shape }), new Prng(1)), () => undefined)
  while (door.asked.length > 0) door.answer()
  await made
  expect(door.log.map((line) => line.split(' ')[1])).toEqual([
    '/run',
    '/run/own',
    '/run/f0',
    '/run/f1',
    '/run/f0/d',
    '/run/f1/d',
    '/run/f0/d/d',
    '/run/f1/d/d',
    '/run/f0/d/d/k0',
    '/run/f0/d/d/k1',
    '/run/f1/d/d/k2',
  ])
})
