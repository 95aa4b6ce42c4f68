/**
 * Where the servers' CPU time goes: a profile of each server of an ensemble under load, summed by room.
 * `npm run bench -- where-time-goes [--mix set=1] [--top 0] [--sessions 16] [--in-flight 16] [--seconds 8] [--replicas 3]
 *                                      [--setting key=value]…`
 *
 * Self time of V8's sampling profiler. `node` is JavaScript inside Node (streams, timers, buffers), `native` what it
 * calls (socket and file system calls, hand-over to the thread pool), `gc` the garbage collector.
 */
import { plainShape } from '../src/profile/workload-shape.ts'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEnsemble } from '../src/ensemble/start-ensemble.ts'
import { GeneratorCrew } from '../src/measure/generator-crew.ts'
import { PhaseFigures } from '../src/measure/phase-figures.ts'
import { cpuSecondsOf } from '../src/measure/process-costs.ts'
import type { OperationKind } from '../src/profile/plan.ts'

interface Load {
  readonly operations: number
  /** CPU of all servers together, by the operating system's account. */
  readonly cpuUs: number
}

interface Frame {
  readonly functionName: string
  readonly url: string
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Of this repository, as a URL with a slash behind it. */
const ROOT = new URL('..', import.meta.url).href

const { values } = parseArgs({
  options: {
    mix: { type: 'string', default: 'set=1' },
    top: { type: 'string', default: '0' },
    sessions: { type: 'string', default: '16' },
    'in-flight': { type: 'string', default: '16' },
    seconds: { type: 'string', default: '8' },
    replicas: { type: 'string', default: '3' },
    setting: { type: 'string', multiple: true, default: [] },
  },
})
const mix = Object.fromEntries(
  values.mix.split(',').map((part) => {
    const [kind = '', weight = '1'] = part.split('=')
    return [kind as OperationKind, Number(weight)]
  }),
)
const folder = mkdtempSync(join(tmpdir(), 'zktune-profile-'))
try {
  report(await load())
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function load(): Promise<Load> {
  const optionsBefore = process.env['NODE_OPTIONS'] ?? ''
  process.env['NODE_OPTIONS'] = `${optionsBefore} --import ${new URL('cpu-profile.mjs', import.meta.url).href}`
  process.env['ZKTUNE_PROFILE_FOLDER'] = folder
  const settings = Object.fromEntries(
    values.setting.map((text): [string, string] => {
      const [key = '', value = ''] = text.split('=')
      return [key, value]
    }),
  )
  await using ensemble = await startEnsemble({
    replicas: Number(values.replicas),
    settings: { maxClientCnxns: '0', ...settings },
  })
  process.env['NODE_OPTIONS'] = optionsBefore
  const workload = {
    name: values.mix,
    mix,
    sessions: Number(values.sessions),
    inFlight: Number(values['in-flight']),
    valueSizeBytes: 1024,
    keyCount: 1000,
    shape: plainShape(1024),
  }
  const pids = (await ensemble.servers()).map(({ pid }) => pid)
  const task = {
    hosts: ensemble.hosts,
    chroot: '',
    workload,
    seed: 1,
    sessionTimeoutMs: 10_000,
    tls: null,
    digest: null,
    urls: [],
  }
  await using crew = GeneratorCrew.start(task, 1)
  await crew.open()
  await crew.run({ name: 'warming up', load: { kind: 'closed' }, durationMs: 3000 })
  const cpuSeconds = (): number => pids.reduce((total, pid) => total + (cpuSecondsOf(pid) ?? NaN), 0)
  const toggleProfiles = (): void => pids.forEach((pid) => process.kill(pid, 'SIGUSR2'))
  const before = cpuSeconds()
  toggleProfiles()
  const recorded = await crew.run({
    name: 'measuring',
    load: { kind: 'closed' },
    durationMs: Number(values.seconds) * 1000,
  })
  const spent = cpuSeconds() - before
  toggleProfiles()
  const { series } = PhaseFigures.ofBoot(recorded).boot
  const operations = series.points.reduce((sum, point) => sum + point.operations, 0)
  while (readdirSync(folder).length < pids.length) await new Promise((resolve) => setTimeout(resolve, 50))
  return { operations, cpuUs: (spent * 1e6) / operations }
}

function report({ operations, cpuUs }: Load): void {
  const profiles = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile)
  const rooms = sumBy(profiles, roomOf)
  const total = [...rooms.values()].reduce((sum, us) => sum + us, 0)
  // The sampler counts time, also that in which the process waited for a core: so the shares are its, the sum is not.
  const perSecond = Math.round(operations / Number(values.seconds))
  console.log(`${perSecond} operations/s of ${cpuUs.toFixed(1)} µs CPU each, all servers together`)
  printTable('room', rooms, total, cpuUs)
  const top = Number(values.top)
  if (top > 0) printTable('function', new Map(largestFirst(sumBy(profiles, functionOf)).slice(0, top)), total, cpuUs)
}

function printTable(what: string, sums: ReadonlyMap<string, number>, total: number, cpuUs: number): void {
  console.log(`\n| ${what} | share | µs an operation |\n|---|---|---|`)
  for (const [name, us] of largestFirst(sums)) {
    console.log(`| ${name} | ${((100 * us) / total).toFixed(1)} % | ${((cpuUs * us) / total).toFixed(2)} |`)
  }
}

function largestFirst(sums: ReadonlyMap<string, number>): [string, number][] {
  return [...sums].sort((a, b) => b[1] - a[1])
}

/** @returns sampled µs by what `nameOf` says of a frame, without the time in which nothing ran */
function sumBy(profiles: readonly Profile[], nameOf: (frame: Frame) => string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
    samples.forEach((id, index) => {
      const name = names.get(id) ?? 'other'
      sums.set(name, (sums.get(name) ?? 0) + (timeDeltas[index] ?? 0))
    })
  }
  sums.delete('idle')
  return sums
}

function roomOf({ functionName, url }: Frame): string {
  const room = url.startsWith(ROOT) ? /^(?:src|dist)\/([a-z]+)\//.exec(url.slice(ROOT.length))?.[1] : undefined
  if (room !== undefined) return room
  // The inspector's own: starting and ending the profile.
  if (functionName === '(idle)' || functionName === 'dispatch') return 'idle'
  if (functionName === '(garbage collector)') return 'gc'
  if (url.startsWith('node:')) return 'node'
  return url === '' ? 'native' : 'other'
}

function functionOf(frame: Frame): string {
  const room = roomOf(frame)
  return room === 'idle' ? room : `${room}: ${frame.functionName === '' ? '(anonymous)' : frame.functionName}`
}
