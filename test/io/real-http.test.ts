import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { RealHttp } from '../../src/io/real-http.ts'

const HERE = { host: '127.0.0.1', port: 0, idleTimeoutMs: 5_000 }

function closed(listener: { close(onClosed: () => void): void }): Promise<void> {
  return new Promise((resolve) => listener.close(resolve))
}

test('a request reaches the handler, and its response the client', async () => {
  const listener = await new RealHttp().serve(HERE, async (request) => {
    return new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`, { status: 201 })
  })
  const response = await fetch(`http://127.0.0.1:${listener.port}/a%20b`, { method: 'PUT', body: 'body' })
  expect(response.status).toBe(201)
  expect(await response.text()).toBe('PUT /a%20b body')
  await closed(listener)
})

test('a port that is taken is refused by name', async () => {
  const listener = await new RealHttp().serve(HERE, () => new Response())
  const again = new RealHttp().serve({ ...HERE, port: listener.port }, () => new Response())
  await expect(again).rejects.toMatchObject({ code: 'PortInUse', where: `127.0.0.1:${listener.port}` })
  await closed(listener)
})

test('TRACE, which gives away what others sent, is refused', async () => {
  const listener = await new RealHttp().serve(HERE, () => new Response())
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(listener.port, '127.0.0.1', () => socket.write('TRACE / HTTP/1.1\r\nHost: x\r\n\r\n'))
    socket.once('data', (bytes) => {
      socket.destroy()
      resolve(bytes.toString('latin1'))
    })
  })
  expect(answer).toMatch(/^HTTP\/1.1 405 /)
  await closed(listener)
})

test('a silent connection is closed after the idle time', async () => {
  const listener = await new RealHttp().serve({ ...HERE, idleTimeoutMs: 50 }, () => new Response())
  await new Promise<void>((resolve) => {
    const socket = connect(listener.port, '127.0.0.1')
    socket.once('close', () => resolve())
    socket.resume()
  })
  await closed(listener)
})
