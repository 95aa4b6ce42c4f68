import { expect, test } from 'vitest'
import { ensemblesOf } from '../../../src/zoocfg/lint/ensembles.ts'

test('files whose server lists have an address in common are one ensemble', () => {
  const file = (name: string, ...hosts: string[]): { readonly file: string; readonly text: string } => ({
    file: name,
    text: hosts.map((host, index) => `server.${index + 1}=${host}:2888:3888`).join('\n'),
  })
  const files = [
    file('a', 'zk1', 'zk2'),
    file('alone'),
    file('b', 'zk3', 'zk4'),
    file('c', 'ZK2', 'zk3'),
    file('d', 'x'),
  ]
  const names = ensemblesOf(files, { major: 3, minor: 8 }).map((each) => each.map(({ file: name }) => name))
  expect(names).toEqual([['a', 'b', 'c'], ['alone'], ['d']])
})
