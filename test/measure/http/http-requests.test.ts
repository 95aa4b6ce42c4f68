import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import autocannon from 'autocannon'
import { expect, test } from 'vitest'
import { Prng } from '../../../src/kernel/prng.ts'
import { httpErrorName } from '../../../src/measure/http/http-fault.ts'
import { httpRequests } from '../../../src/measure/http/http-requests.ts'
import { KeySet } from '../../../src/measure/key-set.ts'
import { errorName } from '../../../src/measure/recipes/recipe-fault.ts'
import type { OperationKind, Workload } from '../../../src/profile/plan.ts'
import { plainShape } from '../../../src/profile/workload-shape.ts'
import { workloadOf } from '../fake-load.ts'

const keys = new KeySet('/run', workloadOf(), new Prng(1))

function answersOf(mix: Workload['mix'], via: 'admin' | 'gateway') {
  const answers: [OperationKind, string][] = []
  const workload = workloadOf({ mix, shape: { ...plainShape(8), via } })
  const requests = httpRequests(workload, keys, new Prng(2), (kind, code) => answers.push([kind, errorName(code)]))
  return { requests, answers }
}

test('requests of the gateway stand among each other by their weights, each for a znode drawn anew', () => {
  const { requests, answers } = answersOf({ get: 70, set: 20, exists: 5, children: 5 }, 'gateway')
  expect(requests).toHaveLength(100)
  const sent = requests.map((request) => request.setupRequest?.({ method: 'GET' }) ?? {})
  expect(sent.filter(({ method }) => method === 'PUT')).toHaveLength(20)
  expect(sent.filter(({ path }) => /^\/znodes\/v1\/run\/f\d+\?view=children$/.test(path ?? ''))).toHaveLength(5)
  const paths = sent.flatMap(({ path }) => (/^\/znodes\/v1\/run\/f\d+\/k\d+$/.test(path ?? '') ? [path] : []))
  expect(paths).toHaveLength(95)
  expect(new Set(paths).size).toBeGreaterThan(20)
  for (const put of sent.filter(({ method }) => method === 'PUT')) {
    expect(put.body).toHaveLength(8)
    expect(put.headers?.['content-type']).toBe('application/octet-stream')
  }
  const heads = sent.filter(({ method }) => method === 'HEAD')
  expect(heads.map(({ headers }) => headers?.['accept'])).toEqual(Array(5).fill('application/octet-stream'))
  for (const request of requests) request.onResponse?.(200, '')
  expect(answers.filter(([kind]) => kind === 'get')).toHaveLength(70)
  expect(answers.filter(([kind]) => kind === 'exists')).toHaveLength(5)
})

test('as autocannon sends them, a body is announced where one comes and nowhere else', async () => {
  const announced = { GET: new Set<boolean>(), HEAD: new Set<boolean>(), PUT: new Set<boolean>() }
  const server = createServer(({ method, headers }, response) => {
    announced[method as keyof typeof announced].add(headers['content-length'] !== undefined)
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { requests } = answersOf({ get: 1, set: 1, exists: 1 }, 'gateway')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { non2xx, errors } = await autocannon({ url: [url], connections: 1, pipelining: 1, duration: 1, requests })
    expect([non2xx, errors]).toEqual([0, 0])
    expect(announced).toEqual({ GET: new Set([false]), HEAD: new Set([false]), PUT: new Set([true]) })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('an answer that is an error has a name: its status, or that an AdminServer cannot', () => {
  const gateway = answersOf({ get: 1 }, 'gateway')
  for (const status of [200, 204, 404, 500]) gateway.requests[0]?.onResponse?.(status, '')
  expect(gateway.answers.map(([, name]) => name)).toEqual(['OK', 'OK', 'HTTP404', 'HTTP500'])
  const admin = answersOf({ admin: 1 }, 'admin')
  expect(admin.requests.map(({ path }) => path)).toContain('/commands/monitor')
  admin.requests[0]?.onResponse?.(200, '{\n  "command" : "ruok",\n  "error" : null\n}')
  admin.requests[0]?.onResponse?.(200, '{"error": "This ZooKeeper instance is not currently serving requests"}')
  expect(admin.answers).toEqual([
    ['admin', 'OK'],
    ['admin', 'REFUSED'],
  ])
  expect(httpErrorName(-4)).toBeNull()
})
