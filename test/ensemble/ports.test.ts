import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { holdFreePorts, holdPortsFrom } from '../../src/ensemble/ports.ts'

test('free ports are distinct, below the range of outgoing connections, and nobody else can hold them', async () => {
  await using held = await holdFreePorts(20)
  expect(new Set(held.ports).size).toBe(20)
  for (const port of held.ports) {
    expect(port).toBeGreaterThanOrEqual(15_000)
    expect(port).toBeLessThan(32_768)
    await expect(holdPortsFrom(port, 1)).rejects.toMatchObject({ code: 'PortInUse', where: `127.0.0.1:${port}` })
  }
})

test('released ports can be taken again, and releasing twice is harmless', async () => {
  const held = await holdFreePorts(1)
  const port = held.ports[0] as number
  await held.release()
  await held.release()
  await using again = await holdPortsFrom(port, 1)
  expect(again.ports).toEqual([port])
})

test('a row of ports with one taken holds none of them', async () => {
  const first = await rowOfTwo()
  await using taken = await holdPortsFrom(first + 1, 1)
  await expect(holdPortsFrom(first, 2)).rejects.toMatchObject({ code: 'PortInUse', where: `127.0.0.1:${first + 1}` })
  await using left = await holdPortsFrom(first, 1)
  expect([...left.ports, ...taken.ports]).toEqual([first, first + 1])
})

test('a row that runs past the last port is refused', async () => {
  await expect(holdPortsFrom(65_535, 2)).rejects.toMatchObject({ code: 'PortInUse' })
})

test('a stranger who connects to a held port is sent away', async () => {
  await using held = await holdFreePorts(1)
  const socket = connect({ host: '127.0.0.1', port: held.ports[0] as number })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('close', resolve))
})

/** The first of two neighbouring free ports. */
async function rowOfTwo(): Promise<number> {
  for (;;) {
    const held = await holdFreePorts(1)
    const first = held.ports[0] as number
    await held.release()
    try {
      const row = await holdPortsFrom(first, 2)
      await row.release()
      return first
    } catch {
      // The neighbour is taken: another one.
    }
  }
}
