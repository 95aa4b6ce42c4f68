import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { PORT_COUNT, portsOf, REFUSALS, writeRefusal } from '../../zoocfg/refusals.ts'
import { LiveApache } from '../live-apache.ts'
import { freePorts } from '../free-ports.ts'

let apache: LiveApache
let folder: string

beforeAll(async () => {
  apache = await LiveApache.find()
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zktune-long-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('the release is the one that the rules name', () => {
  expect(apache.version).toBe('3.8.0')
})

test.each(REFUSALS.map((refusal, index) => ({ ...refusal, number: index + 1 })))(
  'Apache refuses $number: $rule, $says',
  async (refusal) => {
    const ports = portsOf(await freePorts(PORT_COUNT))
    const config = writeRefusal(refusal, folder, ports)
    const holder = refusal.taken === undefined ? null : await hold(ports[refusal.taken])
    const start = await apache.start(config, folder, 'refused')
    await new Promise((resolve) => (holder === null ? resolve(null) : holder.close(resolve)))
    expect(start.kind, start.printed).toBe('refused')
    expect(start.printed).toContain(refusal.says)
    expect(start).toMatchObject({ exitCode: refusal.exitCode })
  },
)

async function hold(port: number): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve))
  return server
}
