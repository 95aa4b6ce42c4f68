import { expect } from 'vitest'
import { GatewayServer } from '../server/admin/gateway/asking.ts'
import { FakeHttpServer } from '../server/fake-http.ts'
import { KnobWorld } from './knob-world.ts'
import type { Observations } from './observation.ts'

const ADMIN = { 'admin.enableServer': 'true' }
const PROMETHEUS = {
  'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
  'metricsProvider.httpPort': '7000',
}

export const adminObservations: Observations = {
  '4lw.commands.whitelist': async () => {
    const world = new KnobWorld()
    await world.standalone({ '4lw.commands.whitelist': 'ruok' })
    expect(await world.word('ruok')).toBe('imok')
    expect(await world.word('mntr')).toBe('mntr is not executed because it is not in the whitelist.\n')
  },

  'admin.enableServer': async () => {
    expect(new FakeHttpServer({}).http.served).toEqual([])
    const response = await new FakeHttpServer(ADMIN).http.ask('/commands/ruok')
    expect(await response.json()).toEqual({ command: 'ruok', error: null })
  },

  'admin.serverAddress': () => {
    expect(new FakeHttpServer(ADMIN).http.options?.host).toBe('127.0.0.1')
    expect(new FakeHttpServer({ ...ADMIN, 'admin.serverAddress': '0.0.0.0' }).http.options?.host).toBe('0.0.0.0')
    return Promise.resolve()
  },

  'admin.serverPort': () => {
    expect(new FakeHttpServer(ADMIN).http.options?.port).toBe(8080)
    expect(new FakeHttpServer({ ...ADMIN, 'admin.serverPort': '8081' }).http.options?.port).toBe(8081)
    return Promise.resolve()
  },

  'admin.idleTimeout': () => {
    const server = new FakeHttpServer({ ...ADMIN, 'admin.idleTimeout': '500' })
    expect(server.http.options?.idleTimeoutMs).toBe(500)
    return Promise.resolve()
  },

  'admin.commandURL': async () => {
    const server = new FakeHttpServer({ ...ADMIN, 'admin.commandURL': '/zk' })
    expect((await server.http.ask('/zk/ruok')).status).toBe(200)
    expect((await server.http.ask('/commands/ruok')).status).toBe(404)
  },

  'metricsProvider.className': async () => {
    expect(new FakeHttpServer({ 'metricsProvider.httpPort': '7000' }).http.served).toEqual([])
    expect((await new FakeHttpServer(PROMETHEUS).http.ask('/metrics')).status).toBe(200)
  },

  'metricsProvider.httpHost': () => {
    const server = new FakeHttpServer({ ...PROMETHEUS, 'metricsProvider.httpHost': '0.0.0.0' })
    expect(server.http.options?.host).toBe('0.0.0.0')
    return Promise.resolve()
  },

  'metricsProvider.httpPort': () => {
    expect(new FakeHttpServer(PROMETHEUS).http.options?.port).toBe(7000)
    expect(new FakeHttpServer({ ...PROMETHEUS, 'metricsProvider.httpPort': '0' }).http.served).toEqual([])
    return Promise.resolve()
  },

  'metricsProvider.exportJvmInfo': async () => {
    const server = new FakeHttpServer({ ...PROMETHEUS, 'metricsProvider.exportJvmInfo': 'false' })
    expect(await (await server.http.ask('/metrics')).text()).not.toContain('process_')
    expect(await (await new FakeHttpServer(PROMETHEUS).http.ask('/metrics')).text()).toContain('process_')
  },

  'zktune.gatewayPort': async () => {
    const server = new GatewayServer({ 'zktune.gatewayPort': '9999' })
    expect((await server.ask('/znodes/v1/')).status).toBe(200)
    expect(server.http.options).toMatchObject({ host: '127.0.0.1', port: 9999 })
    const without = new GatewayServer({ 'zktune.gatewayPort': '0' })
    await without.settle()
    expect(without.http.served).toEqual([])
  },

  'zktune.historyWindowMs': async () => {
    const statusAfter = async (lines: Readonly<Record<string, string>>): Promise<number> => {
      const server = new GatewayServer(lines)
      await server.post('/', 'old', 'name=a')
      await server.put('/a', 'new')
      server.clock.advance(5_000)
      return (await server.ask('/znodes/v1/a?zxid=0x2')).status
    }
    expect(await statusAfter({})).toBe(200)
    expect(await statusAfter({ 'zktune.historyWindowMs': '1000' })).toBe(410)
  },
}
