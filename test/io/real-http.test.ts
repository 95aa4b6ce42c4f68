import { get, type RequestOptions } from 'node:https'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { RealHttp } from '../../src/io/real-http.ts'
import type { TlsRefusal } from '../../src/kernel/ports.ts'
import { authority, clientIdentity, stranger, tlsServer } from '../tls-certificates.ts'

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

/** @returns the body, or the code of the error */
function askSecurely(port: number, options: RequestOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const all = { host: '127.0.0.1', port, path: '/who', ca: authority.certificatePem, agent: false, ...options }
    const request = get(all, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve(body))
    })
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
  })
}

const sayUrl = (request: Request): Response => new Response(request.url)

test('a port with TLS speaks nothing else, and tells of those who do', async () => {
  const refusals: TlsRefusal[] = []
  const tls = tlsServer({ clientAuth: 'none' })
  const onTlsRefusal = (refusal: TlsRefusal): void => void refusals.push(refusal)
  const listener = await new RealHttp().serve({ ...HERE, tls, onTlsRefusal }, sayUrl)
  expect(await askSecurely(listener.port)).toBe(`https://127.0.0.1:${listener.port}/who`)
  await expect(fetch(`http://127.0.0.1:${listener.port}/who`)).rejects.toThrow('fetch failed')
  expect(refusals.map(({ kind }) => kind)).toEqual(['plaintext'])
  await closed(listener)
})

test('a port for either takes HTTPS and HTTP, for large requests too', async () => {
  const tls = tlsServer({ clientAuth: 'none', mode: 'either' })
  const listener = await new RealHttp().serve({ ...HERE, tls }, async (request) => {
    return new Response(`${request.url} ${(await request.text()).length}`)
  })
  expect(await askSecurely(listener.port)).toBe(`https://127.0.0.1:${listener.port}/who 0`)
  const url = `http://127.0.0.1:${listener.port}/who`
  for (let again = 0; again < 3; again++) {
    const response = await fetch(url, { method: 'POST', body: 'x'.repeat(300_000) })
    expect(await response.text()).toBe(`${url} 300000`)
  }
  await closed(listener)
})

test('a port that needs certificates lets in who has one of a known authority', async () => {
  const listener = await new RealHttp().serve({ ...HERE, tls: tlsServer() }, sayUrl)
  const identity = { key: clientIdentity.keyPem, cert: clientIdentity.chainPem }
  expect(await askSecurely(listener.port, identity)).toContain('/who')
  expect(await askSecurely(listener.port)).not.toContain('/who')
  const { keyPem: key, chainPem: cert } = await stranger.issue({ commonName: 'client', use: 'client' })
  expect(await askSecurely(listener.port, { key, cert })).not.toContain('/who')
  await closed(listener)
})

test('closing a port with TLS ends those who are connected, and those who only knock', async () => {
  const listener = await new RealHttp().serve({ ...HERE, tls: tlsServer({ mode: 'either' }) }, sayUrl)
  const knocking = connect(listener.port, '127.0.0.1')
  await new Promise((resolve) => knocking.once('connect', resolve))
  const ended = new Promise((resolve) => knocking.once('close', resolve))
  knocking.resume()
  await closed(listener)
  await ended
})
