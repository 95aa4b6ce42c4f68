/**
 * The write-ahead log alone on a real disk: records of one size, `depth` of them waiting for their commit at any time.
 *
 *   npm run bench -- storage [--folder DIR] [--size BYTES] [--seconds N] [--mode async|inline]
 *
 * CPU is that of the whole process, its thread pool included, per record. At last, how long a removal of a segment blocks.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fileSystemType } from '../src/io/file-system-type.ts'
import { RealClock } from '../src/io/real-clock.ts'
import { RealDisk } from '../src/io/real-disk.ts'
import { LogGroup } from '../src/storage/log-group.ts'
import { openLog } from '../src/storage/write-ahead-log.ts'

const DEPTHS = [1, 16, 256, 1024]
const SEGMENT_BYTES = 64 * 1024 * 1024
const REMOVALS = 11

interface Result {
  readonly records: number
  readonly seconds: number
  readonly syncs: number
  readonly cpuUs: number
  readonly syncMs: number
}

async function run(depth: number, needsSync: boolean, options: Options): Promise<Result> {
  const folder = fs.mkdtempSync(path.join(options.folder, 'zktune-bench-'))
  const clock = new RealClock()
  try {
    const { log } = openLog(new RealDisk(), {
      folder,
      preallocBytes: SEGMENT_BYTES,
      salt: 1,
      clock,
      syncMode: options.mode,
      onFailure: (error) => {
        throw error
      },
    })
    const payload = Buffer.alloc(options.size, 'x')
    let mark = 0
    let isOver = false
    let waiting = 0
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const onDurable = (): void => {
      waiting--
      if (!isOver) submit()
      else if (waiting === 0) finish()
    }
    const submit = (): void => {
      log.append(1, ++mark, payload)
      waiting++
      log.commit(onDurable, needsSync)
    }
    const cpu = process.cpuUsage()
    const start = clock.nowMs()
    clock.setTimer(options.seconds * 1_000, () => {
      isOver = true
    })
    for (let index = 0; index < depth; index++) submit()
    await finished
    const used = process.cpuUsage(cpu)
    const seconds = (clock.nowMs() - start) / 1_000
    const syncs = log.syncCount
    log.close()
    return {
      records: mark,
      seconds,
      syncs,
      cpuUs: (used.user + used.system) / mark,
      syncMs: syncs === 0 ? 0 : (seconds * 1_000) / syncs,
    }
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/** What one append costs, encoding and checksum included, in groups of 256 that no disk ever sees. */
function appendCostUs(size: number): number {
  const group = new LogGroup()
  const payload = Buffer.alloc(size, 'x')
  let bestUs = Number.POSITIVE_INFINITY
  for (let round = 0; round < 20; round++) {
    const cpu = process.cpuUsage()
    for (let number = 1; number <= 400; number++) {
      group.reset(number, 1, true)
      for (let mark = 1; mark <= 256; mark++) group.append(1, mark, payload)
      group.seal()
    }
    const used = process.cpuUsage(cpu)
    bestUs = Math.min(bestUs, (used.user + used.system) / (400 * 256))
  }
  return bestUs
}

/** How long the event loop stands still for the removal of a segment, durable when it is over; milliseconds, sorted. */
async function removals(folder: string, remove: (disk: RealDisk, file: string) => void): Promise<readonly number[]> {
  const disk = new RealDisk()
  const own = fs.mkdtempSync(path.join(folder, 'zktune-bench-'))
  const piece = Buffer.alloc(SEGMENT_BYTES / 64, 'x')
  const took: number[] = []
  try {
    for (let round = 0; round < REMOVALS; round++) {
      const file = path.join(own, 'segment')
      const segment = disk.open(file)
      for (let at = 0; at < SEGMENT_BYTES; at += piece.length) segment.writeAndSyncNow(piece, at)
      segment.closeNow()
      const start = performance.now()
      remove(disk, file)
      disk.syncFolder(own)
      took.push(performance.now() - start)
      await setTimeout(50) // until its blocks are free
    }
  } finally {
    fs.rmSync(own, { recursive: true })
  }
  return took.sort((one, other) => one - other)
}

interface Options {
  readonly folder: string
  readonly size: number
  readonly seconds: number
  readonly mode: 'async' | 'inline'
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: os.tmpdir() },
    size: { type: 'string', default: '256' },
    seconds: { type: 'string', default: '3' },
    mode: { type: 'string', default: 'async' },
  },
})
const options: Options = {
  folder: values.folder,
  size: Number(values.size),
  seconds: Number(values.seconds),
  mode: values.mode === 'inline' ? 'inline' : 'async',
}

console.log(
  `${options.size} B records, ${options.mode}, ${options.folder} on ${fileSystemType(options.folder) ?? 'an unknown file system'}, ` +
    `load ${os.loadavg()[0]?.toFixed(1)} on ${os.cpus().length} cores`,
)
console.log(`append alone: ${appendCostUs(options.size).toFixed(2)} us a record`)
for (const needsSync of [true, false]) {
  console.log(needsSync ? 'with sync' : 'without sync')
  for (const depth of DEPTHS) {
    const result = await run(depth, needsSync, options)
    const rate = Math.round(result.records / result.seconds)
    console.log(
      `  depth ${String(depth).padStart(4)}  ${rate.toLocaleString('en').padStart(10)} records/s` +
        `  ${result.cpuUs.toFixed(2).padStart(7)} us CPU/record` +
        (needsSync ? `  ${(result.records / result.syncs).toFixed(0).padStart(4)} records/sync` : '') +
        (needsSync ? `  ${result.syncMs.toFixed(2)} ms/sync` : ''),
    )
  }
}

const WAYS: readonly (readonly [string, (disk: RealDisk, file: string) => void])[] = [
  ['as the engine removes it', (disk, file) => disk.remove(file)],
  ['by unlink alone', (_, file) => fs.unlinkSync(file)],
]
for (const [way, remove] of WAYS) {
  const took = await removals(options.folder, remove)
  const [median, longest] = [took[REMOVALS >> 1] ?? 0, took.at(-1) ?? 0]
  console.log(
    `a segment of 64 MiB removed ${way}: the event loop stands still for ${median.toFixed(1)} ms, at most ${longest.toFixed(1)}`,
  )
}
