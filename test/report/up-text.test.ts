import { expect, test } from 'vitest'

import type { Style } from '../../src/report/style.ts'
import type { UpFacts } from '../../src/report/up-text.ts'
import { upText } from '../../src/report/up-text.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }

const FACTS: UpFacts = {
  hosts: '127.0.0.1:2181,127.0.0.1:2182',
  bootMs: 312.4,
  tls: null,
  servers: [
    { id: 1, pid: 4711, role: 'follower', clientPort: 2181, config: '/tmp/zktune-x/server-1/zoo.cfg' },
    { id: 2, pid: 4712, role: 'leader', clientPort: 2182, config: '/tmp/zktune-x/server-2/zoo.cfg' },
  ],
  keptIn: null,
  isUnsafe: false,
  notHonoured: [],
}

test('a started ensemble says where to connect, who leads, and that nothing is kept', () => {
  expect(upText(FACTS, PLAIN)).toMatchInlineSnapshot(`
    "127.0.0.1:2181,127.0.0.1:2182
    All serving after 312 ms.

    server  role       pid  client port
    ───────────────────────────────────
         1  follower  4711         2181
         2  leader    4712         2182

    What clients write goes with the ensemble; --data DIR keeps it.

    Ctrl-C ends it. Next, from another terminal: zkCli.sh -server 127.0.0.1:2181
    "
  `)
})

test('lost durability, settings without effect and a kept state are named', () => {
  const text = upText(
    {
      ...FACTS,
      isUnsafe: true,
      keptIn: '/srv/state',
      notHonoured: [{ key: 'secureClientPort', reason: 'no TLS yet' }],
    },
    PLAIN,
  )
  expect(text).toContain('UNSAFE')
  expect(text).toContain('State: /srv/state')
  expect(text).toContain('secureClientPort: no TLS yet')
})
