import { createHash } from 'node:crypto'
import type { Prng } from '../../src/kernel/prng.ts'
import type { AclEntry } from './sequence.ts'

/** What requests are drawn from: few names, so that requests meet, and everything odd that the protocol has rules for. */

/** Whom the servers let do everything. */
export const SUPER = 'super:differential'

export const USERS = ['alice:secret', 'bob:b', 'nocolon'] as const

/** Where quotas are kept; `~` may follow. */
export const QUOTAS = '/zookeeper/quota'

export const NAMES = ['a', 'b', 'c'] as const
const SEQUENCE_NAMES = ['a/s-0000000000', 'a/s-0000000001', 'a/0000000000', 'a/0000000001', 'b/s-0000000000'] as const

const ODD_PATHS: readonly (string | null)[] = [
  null,
  '',
  '/',
  'relative',
  '~',
  '~/',
  '~//a',
  '~/a/',
  '~/a//b',
  '~/.',
  '~/./a',
  '~/..',
  '~/a/..',
  '~/...',
  '~/.a',
  '~/a\u0000b',
  '~/\u0001',
  '~/\u001f',
  '~/ ',
  '~/a b',
  '~/\u007f',
  '~/\u009f',
  '~/\u00a0',
  '~/é',
  '~/日本',
  '~/\u{1f600}',
  '~/\ud7ff',
  '~/\ue000',
  '~/\uf8ff',
  '~/\uf900',
  '~/\uffef',
  '~/\ufff0',
  '~/\uffff',
  `~/${'long'.repeat(120)}`,
  '/zookeeper',
  '/zookeeper/config',
  '/no-such-node/anywhere',
]

/** Reads, watches and deletes may have these; other writes would change what all sequences share. */
const SHARED = new Set(['', '/', '/zookeeper', '/zookeeper/config'])

export function isShared(path: string | null): boolean {
  return path !== null && SHARED.has(path)
}

export function pickPath(prng: Prng): string {
  const name = (): string => prng.pick(NAMES)
  const draw = prng.float()
  if (draw < 0.5) return `~/${name()}`
  if (draw < 0.8) return `~/${name()}/${name()}`
  if (draw < 0.88) return `~/${name()}/${name()}/${name()}`
  if (draw < 0.96) return `~/${prng.pick(SEQUENCE_NAMES)}`
  return draw < 0.98 ? '~' : '~/a/b/c'
}

export function pickOddPath(prng: Prng): string | null {
  return prng.pick(ODD_PATHS)
}

export function pickData(prng: Prng): string | null {
  const draw = prng.float()
  if (draw < 0.15) return null
  if (draw < 0.3) return ''
  if (draw < 0.9) return `d${prng.below(100)}`
  return 'x'.repeat(prng.pick([100, 4_096, 70_000]))
}

export function pickVersion(prng: Prng): number {
  const draw = prng.float()
  if (draw < 0.7) return -1
  if (draw < 0.96) return prng.below(3)
  return prng.pick([-2, 100, 2 ** 31 - 1, -(2 ** 31)])
}

const LIMITS: readonly (string | null)[] = [
  'count=3,bytes=20',
  'count=-1,bytes=-1',
  'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3',
  'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=4',
  'count=2,bytes=5=;byteHardLimit=8;countHardLimit=-1',
  'count=1,bytes=-1=;countHardLimit=2',
]

/** The znode of a quota, or one on the way to it. */
export function pickQuotaPath(prng: Prng): string {
  const of = prng.pick(['~', '~', '~/a', '~/b'])
  return `${QUOTAS}${of}${prng.pick(['', '/zookeeper_limits', '/zookeeper_limits', '/zookeeper_stats', '/zookeeper_stats'])}`
}

/** What makes a quota, parents first. */
export function quotaZnodes(prng: Prng): readonly { readonly path: string; readonly data: string | null }[] {
  const of = prng.pick(['~', '~/a'])
  const parents = of === '~' ? ['~'] : ['~', '~/a']
  return [
    ...parents.map((path) => ({ path: `${QUOTAS}${path}`, data: null })),
    { path: `${QUOTAS}${of}/zookeeper_limits`, data: pickLimits(prng) },
    { path: `${QUOTAS}${of}/zookeeper_stats`, data: 'count=0,bytes=0' },
  ]
}

export function pickLimits(prng: Prng): string | null {
  return prng.pick(LIMITS)
}

export function digestId(user: string): string {
  return `${user.split(':')[0]}:${createHash('sha1').update(user).digest('base64')}`
}

export const WORLD = { scheme: 'world', id: 'anyone' } as const
export const OPEN: readonly AclEntry[] = [{ perms: 31, ...WORLD }]

const BAD_ACLS: readonly (readonly (AclEntry | null)[] | null)[] = [
  null,
  [],
  [null],
  [{ perms: 31, scheme: 'world', id: 'somebody' }],
  [{ perms: 31, scheme: null, id: 'anyone' }],
  [{ perms: 31, scheme: 'digest', id: 'alice' }],
  [{ perms: 31, scheme: 'digest', id: 'a:b:c' }],
  [{ perms: 31, scheme: 'digest', id: ':hash' }],
  [{ perms: 31, scheme: 'digest', id: '' }],
  [{ perms: 31, scheme: 'digest', id: 'a:b:' }],
  [{ perms: 31, scheme: 'digest', id: 'a:' }],
  [{ perms: 31, scheme: 'digest', id: ':' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.1/33' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.1/-1' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.1/x' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.1/8/8' }],
  [{ perms: 31, scheme: 'ip', id: '1.2.3' }],
  [{ perms: 31, scheme: 'ip', id: '300.1.1.1' }],
  [{ perms: 31, scheme: 'ip', id: 'localhost' }],
  [{ perms: 31, scheme: 'ip', id: '' }],
  [{ perms: 31, scheme: 'super', id: 'super' }],
  [{ perms: 31, scheme: 'sasl', id: 'alice' }],
  [{ perms: 31, scheme: 'x509', id: 'CN=alice' }],
  [{ perms: 31, scheme: 'nonsense', id: 'x' }],
  [{ perms: 31, scheme: '', id: '' }],
  [
    { perms: 31, ...WORLD },
    { perms: 1, scheme: 'nonsense', id: 'x' },
  ],
]

const ODD_IDS: readonly AclEntry[] = [
  { perms: 31, scheme: 'ip', id: '127.0.0.1' },
  { perms: 31, scheme: 'ip', id: '127.0.0.1/8' },
  { perms: 31, scheme: 'ip', id: '10.0.0.0/8' },
  { perms: 31, scheme: 'ip', id: '127.1.2.3/8' },
  { perms: 31, scheme: 'ip', id: '0.0.0.0/0' },
  { perms: 31, scheme: 'ip', id: '128.0.0.0/1' },
  { perms: 31, scheme: 'ip', id: '127.0.0.2/32' },
  { perms: 31, scheme: 'digest', id: 'anybody:nohash' },
  { perms: 31, scheme: 'digest', id: 'é:ü' },
]

const PERMS = [0, 1, 2, 4, 8, 16, 31, 3, 5, 7, 9, 13, 15, 18, 30, 32, 63, 0x7fffffff, -1] as const

/** @param isReadable whether everybody must be able to read what gets it */
export function pickAcl(prng: Prng, isReadable: boolean): readonly (AclEntry | null)[] | null {
  const draw = prng.float()
  if (draw < 0.35) return OPEN
  if (draw < 0.45) {
    const bad = prng.pick(BAD_ACLS)
    // Some of them Apache takes, and then they must not hide anything.
    const isWhole = bad !== null && bad.length > 0 && bad.every((entry) => typeof entry?.scheme === 'string')
    return isReadable && isWhole ? [{ perms: 1, ...WORLD }, ...bad] : bad
  }
  const entries = Array.from({ length: prng.between(1, 3) }, (): AclEntry => {
    const perms = prng.pick(PERMS)
    const kind = prng.float()
    if (kind < 0.3) return { perms, scheme: 'digest', id: digestId(prng.pick(USERS)) }
    if (kind < 0.55) return { perms, scheme: 'auth', id: prng.pick(['', 'ignored']) }
    if (kind < 0.8) return { perms, ...WORLD }
    return { ...prng.pick(ODD_IDS), perms }
  })
  if (prng.chance(0.2)) entries.push(prng.pick(entries))
  return isReadable ? [{ perms: 1, ...WORLD }, ...entries] : entries
}
