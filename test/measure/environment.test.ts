import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { durabilityOf, environmentOf } from '../../src/measure/environment.ts'

test('durability is what a power cut would leave', () => {
  expect(durabilityOf({ isUnsafe: false }, 'ext4', 'linux')).toBe('synced')
  expect(durabilityOf({ isUnsafe: true }, 'ext4', 'linux')).toBe('unsynced')
  expect(durabilityOf({ isUnsafe: false }, 'tmpfs', 'linux')).toBe('unsynced')
  expect(durabilityOf({ isUnsafe: false }, null, 'linux')).toBe('unknown')
  expect(durabilityOf({ isUnsafe: false }, null, 'darwin')).toBe('unknown')
  expect(durabilityOf({ isUnsafe: true }, null, 'darwin')).toBe('unsynced')
})

test('the environment names what figures depend on', () => {
  const environment = environmentOf({ dataFolder: tmpdir(), logFolder: tmpdir() })
  expect(environment.zktune).toMatch(/^\d+\.\d+\.\d+/)
  expect(environment.node).toBe(process.version)
  expect(environment.cores).toBeGreaterThan(0)
  expect(environment.memoryBytes).toBeGreaterThan(1e8)
  // Node's clock counts nanoseconds; one of a millisecond would make latencies of less than that meaningless.
  expect(environment.clockResolutionUs).toBeGreaterThan(0)
  expect(environment.clockResolutionUs).toBeLessThan(1_000)
  expect(environment.platform.startsWith(process.platform)).toBe(true)
})

test('a log beside the data is on its device, and one that lies with it has none to be told', () => {
  expect(environmentOf({ dataFolder: tmpdir(), logFolder: tmpdir() }).isLogApart).toBe(false)
  expect(environmentOf({ dataFolder: tmpdir(), logFolder: null }).isLogApart).toBeNull()
  expect(environmentOf({ dataFolder: tmpdir(), logFolder: '/proc' }).isLogApart).toBe(
    process.platform === 'linux' ? true : null,
  )
})
