import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { inspect } from '../../src/cli/inspect-command.ts'
import { Progress } from '../../src/cli/progress.ts'
import { zktune } from './zktune.ts'

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('servers that cannot be asked are named once, with the reason of the first', async () => {
  const [one, other] = [await closedPort(), await closedPort()]
  const { code, stderr } = await zktune('inspect', '--connect', `127.0.0.1:${one}`)
  expect(code).toBe(1)
  expect(stderr.split('\n').at(-2)).toMatch(
    new RegExp(`^127\\.0\\.0\\.1:${one}: none of these servers can be asked: (?!.*cannot be asked).*ECONNREFUSED`),
  )
  const both = await zktune('inspect', '--connect', `127.0.0.1:${one},127.0.0.1:${other}`)
  expect(both.stderr).toMatch(new RegExp(`can be asked: 127\\.0\\.0\\.1:${one}: `))
})

test('is over at Ctrl-C, whatever a server that says nothing takes', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  try {
    const controller = new AbortController()
    const terminal = { isInteractive: false, hasColour: false, hasUnicode: true, columns: 80 }
    const asked = inspect(
      { connect: `127.0.0.1:${(silent.address() as AddressInfo).port}` },
      {
        ...{ terminal, environment: {}, version: '', settings: [], signal: controller.signal },
        progress: new Progress({ terminal, write: () => undefined, nowMs: () => 0 }),
        print: () => expect.fail('there is nothing to print'),
      },
    )
    setTimeout(() => controller.abort(new Error('enough')), 10)
    await expect(asked).rejects.toThrow('enough')
  } finally {
    silent.close()
  }
})
