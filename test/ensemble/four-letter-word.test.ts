import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { askRole, askServer, roleInAnswer, saysNotServing } from '../../src/ensemble/four-letter-word.ts'
import { holdFreePorts } from '../../src/ensemble/ports.ts'
import { NOT_SERVING } from '../../src/server/admin/four-letter-words.ts'

const open: Server[] = []

afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function serverThat(onWord: (word: string) => string | null): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (chunk) => {
      const answer = onWord(chunk.toString())
      if (answer !== null) socket.end(answer)
    })
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on a port')
  return { host: '127.0.0.1', port: address.port }
}

// Captured from Apache ZooKeeper 3.8.0, shortened.
const SRVR = `Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC
Latency min/avg/max: 0/2.5325/18
Received: 97
Zxid: 0x113
Mode: follower
Node count: 48
`

test('the role stands in the answer to srvr', () => {
  expect(roleInAnswer(SRVR)).toBe('follower')
  expect(roleInAnswer(SRVR.replace('follower', 'standalone'))).toBe('standalone')
  expect(roleInAnswer('This ZooKeeper instance is not currently serving requests\n')).toBe('down')
  expect(roleInAnswer('Mode: emperor\n')).toBe('down')
})

test('who has no leader says so, in the words of either engine; who does not answer srvr says nothing of it', () => {
  expect(saysNotServing(`${NOT_SERVING}\n`)).toBe(true)
  expect(saysNotServing('This ZooKeeper instance is not currently serving requests\n')).toBe(true)
  expect(saysNotServing(SRVR)).toBe(false)
  expect(saysNotServing('srvr is not executed because it is not in the whitelist.\n')).toBe(false)
  expect(saysNotServing('')).toBe(false)
})

test('a server is asked by its four letters and its whole answer comes back', async () => {
  const words: string[] = []
  const server = await serverThat((word) => {
    words.push(word)
    return SRVR
  })
  expect(await askServer(server, 'srvr', 5_000)).toBe(SRVR)
  expect(words).toEqual(['srvr'])
})

test('a server that stays silent is given up on, and counts as down', async () => {
  const server = await serverThat(() => null)
  await expect(askServer(server, 'ruok', 100)).rejects.toMatchObject({ code: 'Timeout' })
  expect(await askRole(server, 100)).toBe('down')
})

test('nobody there is a server that is down', async () => {
  const held = await holdFreePorts(1)
  await held.release()
  expect(await askRole({ host: '127.0.0.1', port: held.ports[0] as number }, 1_000)).toBe('down')
})
