import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Chroot } from '../../src/client/chroot.ts'
import { endpointText, parseConnectString } from '../../src/client/connect-string.ts'
import { HostCycle } from '../../src/client/host-cycle.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { Prng } from '../../src/kernel/prng.ts'

test('hosts, ports and the root are found', () => {
  expect(parseConnectString('zk1:2181, zk2:2182,zk3/app/a')).toEqual({
    hosts: [
      { host: 'zk1', port: 2181 },
      { host: 'zk2', port: 2182 },
      { host: 'zk3', port: 2181 },
    ],
    chroot: '/app/a',
  })
  expect(parseConnectString('localhost:2181/').chroot).toBe('')
  expect(parseConnectString('[::1]:2181').hosts).toEqual([{ host: '::1', port: 2181 }])
  expect(parseConnectString('[fe80::1]').hosts.map(endpointText)).toEqual(['[fe80::1]:2181'])
})

test.each(['', '/app', 'a:b', 'a:0', 'a:65536', 'a:1/app/', 'a:1/app//b', '::1', 'http://a:1'])(
  '%j is refused with a remedy',
  (text) => {
    expect(() => parseConnectString(text)).toThrow(ZktuneError)
    expect(() => parseConnectString(text)).toThrow(/Write host:port/)
  },
)

test('a path below the root comes back from the server as it was given', () => {
  const paths = fc.array(fc.constantFrom('a', 'app', 'b'), { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
  fc.assert(
    fc.property(fc.constantFrom('', '/app', '/app/a'), paths, (root, path) => {
      const chroot = new Chroot(root)
      expect(chroot.absolute(path).startsWith(root)).toBe(true)
      expect(chroot.relative(chroot.absolute(path))).toBe(path)
    }),
  )
  expect(new Chroot('/app').absolute('/')).toBe('/app')
  expect(new Chroot('/app').relative('/apple')).toBe('/apple')
})

test('different clients begin with different servers', () => {
  const hosts = [1, 2, 3].map((port) => ({ host: 'zk', port }))
  const first = new Set<number>()
  for (let seed = 0; seed < 50; seed++) first.add(new HostCycle(hosts, 'random', new Prng(seed)).next().port)
  expect(first.size).toBe(3)
})

test('a client that is told so tries the servers as they are named, round after round', () => {
  const hosts = [1, 2, 3].map((port) => ({ host: 'zk', port }))
  const cycle = new HostCycle(hosts, 'given', new Prng(1))
  expect([1, 2, 3, 4, 5, 6].map(() => cycle.next().port)).toEqual([1, 2, 3, 1, 2, 3])
})

test('pauses come after whole rounds only, grow, and stay below a second', () => {
  const cycle = new HostCycle(
    [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ],
    'random',
    new Prng(1),
  )
  const pauses = Array.from({ length: 24 }, () => cycle.onFailure())
  expect(pauses.filter((_, index) => index % 2 === 0).every((pause) => pause === 0)).toBe(true)
  const real = pauses.filter((_, index) => index % 2 === 1)
  expect(real[0]).toBeLessThanOrEqual(50)
  expect(real.every((pause) => pause >= 25 && pause <= 1_000)).toBe(true)
  expect(real.at(-1)).toBeGreaterThanOrEqual(500)
  cycle.onSuccess()
  expect(cycle.onFailure()).toBe(0)
})
