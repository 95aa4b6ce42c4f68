import { expect, test } from 'vitest'
import { LeadingWorld } from './leading-world.ts'

test('the leader deletes what has served each minute, and leaves the rest', () => {
  const world = new LeadingWorld()
  world.emptyContainer('/used')
  world.unusedContainer('/new')
  world.ttlZnode('/short', 60_000)
  world.ttlZnode('/long', 600_000)
  world.clock.advance(59_999)
  expect(world.reaped).toEqual([])
  world.clock.advance(1)
  expect(world.reaped).toEqual(['60000 /used'])
  world.clock.advance(60_000)
  expect(world.reaped).toEqual(['60000 /used', '120000 /short'])
  expect(world.tree.getNode('/new')).not.toBeNull()
  expect(world.tree.getNode('/long')).not.toBeNull()
})

test('znode.container.checkIntervalMs says how often', () => {
  const world = new LeadingWorld({ 'znode.container.checkIntervalMs': '500' })
  world.emptyContainer('/a')
  world.clock.advance(500)
  world.emptyContainer('/b')
  world.clock.advance(1_000)
  expect(world.reaped).toEqual(['500 /a', '1000 /b'])
})

test('znode.container.maxPerMinute spreads the deletions, whatever the interval', () => {
  const world = new LeadingWorld({ 'znode.container.maxPerMinute': '6', 'znode.container.checkIntervalMs': '1' })
  for (const name of ['a', 'b', 'c']) world.emptyContainer(`/${name}`)
  world.clock.advance(35_000)
  expect(world.reaped).toEqual(['10000 /a', '20000 /b', '30000 /c'])
})

test('many deletions come in small lots', () => {
  const world = new LeadingWorld({ 'znode.container.maxPerMinute': '10000' })
  for (let index = 0; index < 40; index++) world.ttlZnode(`/t${index}`, 1)
  world.clock.advance(60_000)
  expect(world.reaped).toHaveLength(16)
  world.clock.advance(200)
  expect(world.reaped).toHaveLength(40)
})

test('znode.container.maxNeverUsedIntervalMs lets containers go that never had a child; 0 keeps them', () => {
  for (const [maxMs, reaped] of [
    ['90000', ['120000 /c']],
    ['0', []],
  ] as const) {
    const world = new LeadingWorld({ 'znode.container.maxNeverUsedIntervalMs': maxMs })
    world.unusedContainer('/c')
    world.clock.advance(600_000)
    expect(world.reaped).toEqual(reaped)
  }
})

test('who leads no more searches no more', () => {
  const world = new LeadingWorld()
  world.emptyContainer('/a')
  world.duties.stop()
  world.clock.advance(600_000)
  expect(world.reaped).toEqual([])
})
