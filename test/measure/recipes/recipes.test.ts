import { describe, expect, test } from 'vitest'
import { BarrierRecipe } from '../../../src/measure/recipes/barrier-recipe.ts'
import { ElectionRecipe } from '../../../src/measure/recipes/election-recipe.ts'
import { LockRecipe } from '../../../src/measure/recipes/lock-recipe.ts'
import { QueueRecipe, WorkQueue } from '../../../src/measure/recipes/queue-recipe.ts'
import { errorName, RecipeFaultCode } from '../../../src/measure/recipes/recipe-fault.ts'
import { RecipePlayer } from '../../../src/measure/recipes/recipe-player.ts'
import { StormRecipe } from '../../../src/measure/recipes/storm-recipe.ts'
import { Turns } from '../../../src/measure/recipes/turns.ts'
import { WireError } from '../../../src/protocol/wire-error.ts'
import { FakeZooKeeper } from './fake-zookeeper.ts'

const nothing = (): void => undefined

describe('a lock', () => {
  test('goes from the holder to the next in line, who watches that one alone', async () => {
    const zookeeper = new FakeZooKeeper()
    const lock = new LockRecipe(zookeeper.world(3), 3)
    await lock.prepare()
    expect(zookeeper.childrenOf('/run/it')).toHaveLength(3)
    for (let round = 0; round < 7; round++) {
      await zookeeper.settle()
      expect(zookeeper.watches).toHaveLength(2)
      await lock.play()
      expect(zookeeper.watches).toHaveLength(1)
      await lock.restore()
      expect(zookeeper.childrenOf('/run/it')).toHaveLength(3)
    }
    await lock.close()
    await zookeeper.settle()
    expect(zookeeper.childrenOf('/run/it')).toEqual([])
  })

  test('that a single session wants is its own again and again', async () => {
    const lock = new LockRecipe(new FakeZooKeeper().world(1), 1)
    await lock.prepare()
    for (let round = 0; round < 3; round++) {
      await lock.play()
      await lock.restore()
    }
  })

  test('whose release fails is not waited for', async () => {
    const zookeeper = new FakeZooKeeper()
    const lock = new LockRecipe(zookeeper.world(2), 2)
    await lock.prepare()
    zookeeper.clients[0]?.deleteErrors.push(WireError.connectionLoss)
    await expect(lock.play()).rejects.toMatchObject({ code: WireError.connectionLoss })
  })

  test('that two sessions hold at once is a fault, unless the first knows that it may have lost it', async () => {
    const zookeeper = new FakeZooKeeper()
    const turns = new Turns(zookeeper.world(0), RecipeFaultCode.twoHolders)
    const [first, second, third] = [zookeeper.client(), zookeeper.client(), zookeeper.client()]
    await turns.open(first)
    const holder = await turns.enter(first)
    await holder.come()
    // The server loses the holder's znode.
    for (const name of zookeeper.childrenOf(turns.folder)) zookeeper.nodes.delete(`${turns.folder}/${name}`)
    const next = await turns.enter(second)
    await expect(next.come()).rejects.toThrow('TWOHOLDERS')
    second.state = 'connecting'
    for (const name of zookeeper.childrenOf(turns.folder)) zookeeper.nodes.delete(`${turns.folder}/${name}`)
    await (await turns.enter(third)).come()
  })
})

describe('an election', () => {
  test('is won by the next in line when the leader ends its session; then a new candidate comes', async () => {
    const zookeeper = new FakeZooKeeper()
    const election = new ElectionRecipe(zookeeper.world(1), 3)
    await election.prepare()
    for (let round = 0; round < 5; round++) {
      await election.play()
      await election.restore()
    }
    expect(zookeeper.clients.map(({ state }) => state)).toEqual([
      'connected', // of the generator
      ...Array.from({ length: 5 }, () => 'closed'),
      ...Array.from({ length: 3 }, () => 'connected'),
    ])
    await election.close()
    expect(zookeeper.childrenOf('/run/it')).toEqual([])
  })
})

describe('a barrier', () => {
  test('opens for all when the last one comes, and is closed again after that', async () => {
    const zookeeper = new FakeZooKeeper()
    const barrier = new BarrierRecipe(zookeeper.world(2), 4)
    await barrier.prepare()
    for (let round = 0; round < 3; round++) {
      expect(zookeeper.childrenOf('/run/it/arrivals')).toHaveLength(3)
      await barrier.play()
      expect(zookeeper.nodes.has('/run/it/ready')).toBe(true)
      await barrier.restore()
      expect(zookeeper.nodes.has('/run/it/ready')).toBe(false)
    }
  })

  test('that opens before the last one has come is a fault', async () => {
    const zookeeper = new FakeZooKeeper()
    const barrier = new BarrierRecipe(zookeeper.world(2), 2)
    await barrier.prepare()
    await zookeeper.client().create('/run/it/ready')
    await zookeeper.settle()
    await zookeeper.client().delete('/run/it/ready')
    await expect(barrier.play()).rejects.toThrow('RELEASEDEARLY')
  })

  test('that does not find all who have come is a fault, too', async () => {
    const zookeeper = new FakeZooKeeper()
    const barrier = new BarrierRecipe(zookeeper.world(2), 3)
    await barrier.prepare()
    zookeeper.nodes.delete('/run/it/arrivals/p0')
    await expect(barrier.play()).rejects.toThrow('RELEASEDEARLY')
  })
})

describe('a queue', () => {
  test('gives each item to one consumer, whoever of them is first', async () => {
    const zookeeper = new FakeZooKeeper()
    const world = zookeeper.world(3)
    const queue = new WorkQueue(world, 2)
    const producers = Array.from({ length: 5 }, () => new QueueRecipe(queue, world))
    for (const each of producers) await each.prepare()
    for (let round = 0; round < 4; round++) await Promise.all(producers.map((each) => each.play()))
    expect(zookeeper.childrenOf('/run/it')).toEqual([])
    queue.close()
  })

  test('an item that comes a second time is a fault of the next put', async () => {
    const zookeeper = new FakeZooKeeper()
    const world = zookeeper.world(1)
    const queue = new WorkQueue(world, 1)
    const producer = new QueueRecipe(queue, world)
    await producer.prepare()
    await producer.play()
    await zookeeper.client().create('/run/it/i-', '0', { mode: 'persistentSequential' })
    await zookeeper.settle()
    await expect(producer.play()).rejects.toThrow('TAKENTWICE')
    await producer.play()
    queue.close()
  })

  test('an item that is gone and came to nobody is lost; one that lies there is late', async () => {
    const zookeeper = new FakeZooKeeper()
    const world = zookeeper.world(1)
    const queue = new WorkQueue(world, 0)
    const outcomes = [0, 1].map(() => queue.put(world.sessions[0]?.client as never).catch((error: unknown) => error))
    await zookeeper.settle()
    zookeeper.delete('/run/it/i-0000000000')
    for (const { onFire } of [...zookeeper.timers]) onFire()
    expect(await Promise.all(outcomes)).toMatchObject([
      { code: RecipeFaultCode.itemLost },
      { code: WireError.requestTimeout },
    ])
  })

  test('an item whose removal was not answered fails its round, and may come again without a fault', async () => {
    const zookeeper = new FakeZooKeeper()
    const world = zookeeper.world(2)
    const queue = new WorkQueue({ ...world, sessions: world.sessions.slice(0, 1) }, 1)
    const producer = new QueueRecipe(queue, { ...world, sessions: world.sessions.slice(1) })
    await producer.prepare()
    await zookeeper.settle()
    zookeeper.clients[0]?.deleteErrors.push(WireError.connectionLoss)
    await expect(producer.play()).rejects.toMatchObject({ code: WireError.connectionLoss })
    await producer.play()
    await producer.play()
    queue.close()
  })
})

describe('a storm', () => {
  test('cuts all sessions at once and counts each return from its own beginning', async () => {
    const zookeeper = new FakeZooKeeper()
    const storm = new StormRecipe(zookeeper.world(1), { size: 3, spreadMs: 0 })
    await storm.prepare()
    const counted: unknown[] = []
    await storm.play((...part) => counted.push(part))
    expect(zookeeper.log.filter((line) => line.includes('reconnect'))).toEqual([
      's1 reconnect 0',
      's2 reconnect 0',
      's3 reconnect 0',
    ])
    expect(counted).toEqual(Array.from({ length: 3 }, () => ['reconnect', 0, 0]))
  })

  test('lets them come back one by one over a time', async () => {
    const zookeeper = new FakeZooKeeper()
    const storm = new StormRecipe(zookeeper.world(1), { size: 20, spreadMs: 1_000 })
    await storm.prepare()
    const since: number[] = []
    await storm.play((_, __, sinceMs) => since.push(sinceMs))
    expect(Math.min(...since)).toBeLessThan(200)
    expect(Math.max(...since)).toBeGreaterThan(800)
    expect(Math.max(...since)).toBeLessThan(1_000)
  })

  test('a session that comes back as another one has expired', async () => {
    const zookeeper = new FakeZooKeeper()
    const storm = new StormRecipe(zookeeper.world(1), { size: 2, spreadMs: 0 })
    await storm.prepare()
    const [, one] = zookeeper.clients
    if (one !== undefined) one.expiresOnReconnect = true
    const errors: number[] = []
    const played = storm.play((_, error) => errors.push(error))
    await expect(played).rejects.toMatchObject({ code: WireError.sessionExpired })
    expect(errors).toEqual([WireError.sessionExpired, WireError.ok])
  })
})

describe('a player', () => {
  const hooksTo = (log: string[]) => ({
    onBegin: () => log.push('begin'),
    count: nothing,
    onDone: (error: number) => log.push(`done ${errorName(error)}`),
    onOver: (error: number) => log.push(`over ${errorName(error)}`),
  })

  test('prepares once, and again only after an error, under another name', async () => {
    const zookeeper = new FakeZooKeeper()
    const world = zookeeper.world(2)
    const player = new RecipePlayer(world, (each) => new LockRecipe(each, 2))
    const log: string[] = []
    await player.play(hooksTo(log))
    await player.play(hooksTo(log))
    zookeeper.clients[0]?.deleteErrors.push(WireError.connectionLoss)
    zookeeper.clients[1]?.deleteErrors.push(WireError.connectionLoss)
    await player.play(hooksTo(log))
    await player.play(hooksTo(log))
    expect(log).toEqual([
      ...['begin', 'done OK', 'over OK', 'done OK', 'over OK'],
      ...['done CONNECTIONLOSS', 'over CONNECTIONLOSS', 'begin', 'done OK', 'over OK'],
    ])
    expect(zookeeper.childrenOf('/run').toSorted()).toEqual(['it-0', 'it-1'])
    expect(zookeeper.timers).toEqual([])
  })

  test('does not wait for ever for a notification that never comes', async () => {
    const zookeeper = new FakeZooKeeper()
    const player = new RecipePlayer(zookeeper.world(2), (each) => new LockRecipe(each, 2))
    const log: string[] = []
    await player.play(hooksTo(log))
    await zookeeper.settle()
    zookeeper.forgetsWatches = true
    const playing = player.play(hooksTo(log))
    await zookeeper.settle()
    for (const { onFire } of [...zookeeper.timers]) onFire()
    await playing
    expect(log.slice(-2)).toEqual(['done REQUESTTIMEOUT', 'over REQUESTTIMEOUT'])
  })
})
