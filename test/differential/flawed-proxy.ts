import { createServer, connect, type Socket } from 'node:net'
import type { Target } from './conversation.ts'

/** What a planted flaw does with a frame from the server; the handshake's is not among them. */
export type Flaw = (payload: Buffer) => readonly Buffer[]

export interface FlawedProxy extends Target, AsyncDisposable {
  /** Closes every connection, as a server does that has lost its leader. */
  interrupt(): void
}

/** A server with a flaw: the bytes of a sound one, altered on their way to the client. For testing the test. */
export async function startFlawedProxy(sound: Target, newFlaw: () => Flaw): Promise<FlawedProxy> {
  const [soundPort] = sound.ports
  if (soundPort === undefined) throw new Error('the sound target has a port')
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const behind = connect({ host: '127.0.0.1', port: soundPort, noDelay: true })
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (bytes) => behind.write(bytes))
    client.on('close', () => behind.destroy())
    behind.on('close', () => client.end())
    alter(behind, client, newFlaw())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const interrupt = (): void => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    name: `${sound.name} with a flaw`,
    ports: [address.port],
    interrupt,
    [Symbol.asyncDispose]: async () => {
      interrupt()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function alter(from: Socket, to: Socket, flaw: Flaw): void {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = true
  from.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      const payload = Buffer.from(rest.subarray(4, end))
      for (const each of isFirst ? [payload] : flaw(payload)) to.write(framed(each))
      isFirst = false
      rest = rest.subarray(end)
    }
  })
}

function framed(payload: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(payload.length)
  return Buffer.concat([length, payload])
}
