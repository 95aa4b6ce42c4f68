import { expect, test } from 'vitest'
import { create, ping } from '../fake-world.ts'
import { FakeHttpServer } from '../fake-http.ts'

const PROMETHEUS = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider'

function metricsServer(lines: Readonly<Record<string, string>> = {}): FakeHttpServer {
  return new FakeHttpServer({ 'metricsProvider.className': PROMETHEUS, 'metricsProvider.httpPort': '7000', ...lines })
}

test('metrics have the names of mntr without zk_, and their kinds', async () => {
  const server = metricsServer({ 'metricsProvider.exportJvmInfo': 'false' })
  const client = server.connect()
  client.send(create(1, '/a'))
  server.clock.advance(30)
  server.apply()
  client.send(ping())
  const response = await server.http.ask('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await response.text()
  expect(text).toContain('# TYPE znode_count gauge\nznode_count 6\n')
  expect(text).toContain('# TYPE connection_request_count counter\nconnection_request_count 1\n')
  expect(text).toContain(
    '# TYPE updatelatency summary\nupdatelatency{quantile="0.5"} 30\nupdatelatency{quantile="0.95"} 30\n' +
      'updatelatency{quantile="0.99"} 30\nupdatelatency_sum 30\nupdatelatency_count 1\n',
  )
  expect(text).not.toContain('\nzk_')
  expect(text).not.toContain('process_')
})

test('a second scrape sees what has changed since', async () => {
  const server = metricsServer({ 'metricsProvider.exportJvmInfo': 'false' })
  expect(await (await server.http.ask('/metrics')).text()).toContain('\nconnection_request_count 0\n')
  server.connect()
  expect(await (await server.http.ask('/metrics')).text()).toContain('\nconnection_request_count 1\n')
})

test('figures of the process take the place of those of the Java machine', async () => {
  const text = await (await metricsServer().http.ask('/metrics')).text()
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).toContain('nodejs_heap_size_total_bytes')
})

test('without the provider or a port there is no endpoint', () => {
  expect(new FakeHttpServer({ 'metricsProvider.httpPort': '7000' }).http.served).toEqual([])
  expect(new FakeHttpServer({ 'metricsProvider.className': PROMETHEUS }).http.served).toEqual([])
})
