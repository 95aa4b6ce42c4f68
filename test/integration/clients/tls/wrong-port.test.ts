import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askPlainly, askSecurely, startSecureApache, startSecureZktune, untilLogged } from './secure-servers.ts'
import type { SecureServer } from './secure-servers.ts'

/** As a client in the clear opens a session: the frame's length, then a ConnectRequest of zeros. */
const CONNECT_REQUEST = `\0\0\0\x2d${'\0'.repeat(45)}`

/** Apache's log says nothing of any of this as Debian sets it up. */
describe.each([
  ['Apache ZooKeeper 3.8.0', startSecureApache, false],
  ['zktune', startSecureZktune, true],
])('%s: a client on the wrong port', (_name, start, tellsWhy) => {
  let server: SecureServer
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('gets no session in the clear where TLS is spoken', async () => {
    const { text } = await askPlainly(server.securePort, CONNECT_REQUEST)
    // Apache closes; OpenSSL says why before, in a record of TLS.
    expect(text).toMatch(/^(?:\x15\x03[\s\S]{5})?$/)
    if (tellsWhy) await untilLogged(server, /does not speak TLS, and this port speaks nothing else/)
  })

  test('gets no TLS where none is spoken', async () => {
    const { securePort, plainPort } = server
    const heard = await askSecurely({ ...server, securePort: plainPort })
    expect(heard).toEqual({ text: '', protocol: null, cipher: null })
    expect((await askSecurely({ ...server, securePort })).text).toBe('imok')
    if (tellsWhy) await untilLogged(server, /began TLS on the port that speaks none/)
  })

  test('is closed in the end when it says too little to be told apart', { timeout: 60_000 }, async () => {
    // Four bytes are less than the head of a record: only time can tell.
    const word = await askPlainly(server.securePort, 'ruok')
    expect(word.text).not.toContain('imok')
  })

  test('leaves the server as it was, however many come', async () => {
    await Promise.all(Array.from({ length: 50 }, () => askPlainly(server.securePort, CONNECT_REQUEST)))
    expect((await askSecurely(server)).text).toBe('imok')
    const figures = (await askPlainly(server.plainPort, 'mntr')).text
    expect(figures).toMatch(/^zk_outstanding_tls_handshake\t0$/m)
    // One line a second, not one a client: nobody fills a disk by knocking.
    const lines = server.log().match(/does not speak TLS/g) ?? []
    expect(lines.length).toBeLessThan(10)
  })
})
