import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OpenFile } from '../../src/kernel/ports.ts'
import { Prng } from '../../src/kernel/prng.ts'
import { Scheduler } from '../../src/sim/scheduler.ts'
import { SimDisk } from '../../src/sim/sim-disk.ts'
import { SimProcess } from '../../src/sim/sim-process.ts'

function machine(seed = 1) {
  const scheduler = new Scheduler()
  const process = new SimProcess(scheduler, 'r1', () => {})
  const disk = new SimDisk(process, new Prng(seed))
  process.restart()
  disk.makeFolder('/d')
  const restart = (kind: 'kill' | 'power'): void => {
    process.crash(kind)
    process.restart()
  }
  /** Writes and syncs, and waits for both. */
  const save = (file: OpenFile, text: string, position = 0): void => {
    let isDone = false
    file.writeAndSync(Buffer.from(text), position, (error) => {
      expect(error).toBeNull()
      isDone = true
    })
    expect(scheduler.runUntilDone(() => isDone, scheduler.nowMs + 1_000)).toBe(true)
  }
  return { scheduler, process, disk, restart, save }
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed)

test('what was synced, in a folder that was synced, survives a power failure', () => {
  for (const seed of SEEDS) {
    const { disk, restart, save } = machine(seed)
    const file = disk.open('/d/a')
    disk.syncFolder('/d')
    save(file, 'durable')
    restart('power')
    expect(disk.read('/d/a').toString()).toBe('durable')
  }
})

test('a new file is forgotten by some power failures when its folder was not synced, and kept by others', () => {
  const outcomes = SEEDS.map((seed) => {
    const { disk, restart, save } = machine(seed)
    save(disk.open('/d/a'), 'x')
    restart('power')
    return disk.exists('/d/a')
  })
  expect(new Set(outcomes)).toEqual(new Set([true, false]))
})

test('a rename that was not synced leaves the old name or the new one, never none', () => {
  const outcomes = SEEDS.map((seed) => {
    const { disk, restart, save } = machine(seed)
    save(disk.open('/d/a'), 'x')
    disk.syncFolder('/d')
    disk.rename('/d/a', '/d/b')
    restart('power')
    return disk.list('/d').join()
  })
  expect(new Set(outcomes)).toEqual(new Set(['a', 'b']))
})

test('a removed file comes back after some power failures unless the folder was synced', () => {
  const outcomes = SEEDS.map((seed) => {
    const { disk, restart, save } = machine(seed)
    save(disk.open('/d/a'), 'x')
    disk.syncFolder('/d')
    disk.remove('/d/a')
    if (seed % 2 === 0) disk.syncFolder('/d')
    restart('power')
    return `${seed % 2 === 0 ? 'synced' : 'not synced'}: ${disk.exists('/d/a')}`
  })
  expect(new Set(outcomes)).toEqual(new Set(['synced: false', 'not synced: false', 'not synced: true']))
})

test('a power failure tears unsynced writes: any part of each may be there, what was synced always is', () => {
  const sizes = new Set<string>()
  for (const seed of SEEDS) {
    const { scheduler, disk, restart, save } = machine(seed)
    const file = disk.open('/d/a')
    disk.syncFolder('/d')
    save(file, 'S'.repeat(700))
    file.write(Buffer.alloc(3_000, 'u'), 700, () => {})
    scheduler.runUntil(scheduler.nowMs + 10)
    expect(disk.sizeBytes('/d/a')).toBe(3_700)
    restart('power')
    const text = disk.read('/d/a').toString('latin1')
    expect(text).toMatch(/^S{700}[u\0]*$/)
    sizes.add(text.replaceAll(/(.)\1*/gs, '$1'))
  }
  // Nothing, all, a torn prefix, and holes.
  expect(sizes).toContain('S')
  expect(sizes).toContain('Su')
  expect([...sizes].some((shape) => shape.includes('\0u'))).toBe(true)
})

test('a kill keeps every finished write and any part of the one under way', () => {
  const lengths = new Set<number>()
  for (const seed of SEEDS) {
    const { disk, restart, scheduler } = machine(seed)
    const file = disk.open('/d/a')
    file.write(Buffer.from('done'), 0, () => {})
    scheduler.runUntil(10)
    file.write(Buffer.from('0123456789'), 4, () => expect.unreachable())
    restart('kill')
    expect(disk.read('/d/a').toString()).toBe('done0123456789'.slice(0, disk.sizeBytes('/d/a')))
    lengths.add(disk.sizeBytes('/d/a'))
    scheduler.runUntil(20)
  }
  expect(lengths.size).toBeGreaterThan(4)
  expect(Math.min(...lengths)).toBe(4)
})

test('a sync covers only what was written before it began', () => {
  const survivors = SEEDS.map((seed) => {
    const { scheduler, disk, restart } = machine(seed)
    disk.conditions = { ...disk.conditions, syncMs: [50, 50], writeMs: [0, 0] }
    const file = disk.open('/d/a')
    disk.syncFolder('/d')
    file.write(Buffer.from('before'), 0, () => {
      file.sync(() => {})
      file.write(Buffer.from('after'), 6, () => {})
    })
    scheduler.runUntil(60)
    restart('power')
    return disk.read('/d/a').toString()
  })
  expect(survivors.every((text) => text.startsWith('before'))).toBe(true)
  expect(survivors.some((text) => text === 'before')).toBe(true)
})

test('after a failed sync no later sync makes the data durable', () => {
  const survivors = SEEDS.map((seed) => {
    const { scheduler, disk, restart } = machine(seed)
    const file = disk.open('/d/a')
    disk.syncFolder('/d')
    disk.conditions.syncFailureChance = 1
    const outcomes: string[] = []
    file.writeAndSync(Buffer.from('lost'), 0, (error) => {
      outcomes.push((error as { code?: string } | null)?.code ?? 'ok')
      disk.conditions.syncFailureChance = 0
      file.sync((second) => outcomes.push(second === null ? 'ok' : 'failed'))
    })
    scheduler.runUntil(20)
    expect(outcomes).toEqual(['DiskFailed', 'ok'])
    restart('power')
    return disk.read('/d/a').toString()
  })
  expect(survivors).toContain('')
})

test('a hanging sync answers after its time', () => {
  const { scheduler, disk } = machine()
  disk.conditions = { ...disk.conditions, syncHangChance: 1, hangMs: 5_000 }
  let doneAtMs = 0
  disk.open('/d/a').sync(() => (doneAtMs = scheduler.nowMs))
  scheduler.runUntil(10_000)
  expect(doneAtMs).toBe(5_000)
})

test('a caller that changes the bytes of a write under way is caught', () => {
  const { scheduler, process, disk } = machine()
  const failures: unknown[] = []
  process.onFailure = (error) => failures.push(error)
  const bytes = Buffer.from('mine')
  disk.open('/d/a').write(bytes, 0, () => {})
  bytes[0] = 0
  scheduler.runUntil(10)
  expect(String(failures[0])).toContain('stay as they are')
})

test('bit rot changes one bit of one file; a wiped disk is empty', () => {
  const { process, disk, save } = machine()
  save(disk.open('/d/a'), 'abc')
  process.crash('kill')
  expect(disk.rot(new Prng(5))).toBe('/d/a')
  const rotten = disk.read('/d/a')
  const flipped = [...rotten].map((byte, index) => byte ^ ('abc'.codePointAt(index) as number))
  expect(flipped.filter((bits) => bits !== 0).map((bits) => bits & (bits - 1))).toEqual([0])
  disk.wipe()
  expect(disk.list('/d')).toEqual([])
  expect(disk.exists('/d')).toBe(false)
})

test('reads see what was written, by the rules of any file system', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ position: fc.nat(2_000), text: fc.string({ minLength: 1, maxLength: 50 }) }), {
        maxLength: 20,
      }),
      (writes) => {
        const { disk } = machine()
        const file = disk.open('/d/a')
        const model: number[] = []
        for (const { position, text } of writes) {
          const bytes = Buffer.from(text)
          file.writeAndSyncNow(bytes, position)
          while (model.length < position) model.push(0)
          bytes.forEach((byte, index) => (model[position + index] = byte))
        }
        expect([...disk.read('/d/a')]).toEqual(model)
      },
    ),
    { numRuns: 50 },
  )
})
