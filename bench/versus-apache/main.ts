/**
 * The built-in engine beside Apache ZooKeeper: same settings, same disk, same durability, same load generator, interleaved
 * in pairs whose order alternates, fresh ensembles each time.
 *
 *   npm run bench -- versus-apache [--pairs 5] [--seconds 5] [--warmup 30] [--replicas 3] [--cells 'set 1024.*16 × 16'] [--failover]
 *                                  [--znodes 1000000] [--heap 1GiB] [--json FILE]
 *
 * Each figure is the median of the pairs, each ratio the median of the pairs' own ratios, with the lowest and the highest
 * of them: an interval of the median, whatever the noise is like (the head of the table says how sure). CPU per operation is the steadiest figure on a shared machine, so it stands first. Each ensemble runs under load
 * before the first cell: a JVM needs that much longer than V8 until it is as fast as it gets.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { ENGINES, prepareEngines, startEngine } from '../engines.ts'
import { cellsNamed, WARMUP } from './cells.ts'
import { Comparison, markdownOf } from './comparison.ts'
import { withoutAcknowledgedWritesMs } from './failover.ts'
import { measureLoad, METRICS } from './load.ts'
import { memoryOf } from './memory.ts'

const SETTINGS = { tickTime: '2000', initLimit: '10', syncLimit: '5', maxClientCnxns: '0' }

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '5' },
    replicas: { type: 'string', default: '3' },
    cells: { type: 'string' },
    failover: { type: 'boolean', default: false },
    znodes: { type: 'string' },
    heap: { type: 'string', default: '1GiB' },
    json: { type: 'string' },
  },
})
const pairs = Number(values.pairs)
const seconds = Number(values.seconds)
const replicas = Number(values.replicas)
const cells = cellsNamed(values.cells ?? null)
if (values.failover && replicas < 3) throw new RangeError('--failover needs three servers: the rest must have a quorum')

prepareEngines(ENGINES)
const loadBefore = loadavg()[0] ?? NaN
const comparison = new Comparison()
for (let pair = 0; pair < pairs; pair++) {
  for (const engine of pair % 2 === 0 ? ENGINES : [...ENGINES].reverse()) {
    await using ensemble = await startEngine(engine, { replicas, settings: SETTINGS, heap: values.heap })
    comparison.add(engine, 'boot, ms', ensemble.bootMs)
    await measureLoad(ensemble, WARMUP, pair, Number(values.warmup))
    for (const cell of cells) {
      const sample = await measureLoad(ensemble, cell, pair, seconds)
      for (const metric of METRICS) comparison.add(engine, `${cell.name}: ${metric}`, sample[metric])
      console.error(
        `pair ${pair + 1} ${engine} ${cell.name}: ${Math.round(sample['ops/s'])} ops/s, ` +
          `${sample['server CPU µs/op'].toFixed(1)} µs`,
      )
    }
    if (values.failover) {
      const gapMs = await withoutAcknowledgedWritesMs(ensemble)
      comparison.add(engine, 'without acknowledged writes after kill -9 of the leader, ms', gapMs)
      console.error(`pair ${pair + 1} ${engine} failover: ${Math.round(gapMs)} ms`)
    }
  }
  keep(pair + 1)
}
if (values.znodes !== undefined) {
  for (const engine of ENGINES) {
    await using ensemble = await startEngine(engine, { replicas, settings: SETTINGS, heap: values.heap })
    for (const [name, figure] of await memoryOf(ensemble, Number(values.znodes))) comparison.add(engine, name, figure)
  }
  keep(pairs)
}
console.log(
  `${pairs} pairs of ${replicas} servers, ${seconds} s a cell, ${availableParallelism()} cores, load ${loadBefore}`,
)
console.log(markdownOf(comparison.rows()))

/** After each pair, so that a run that is broken off has not been for nothing. */
function keep(pairsDone: number): void {
  if (values.json === undefined) return
  const rows = comparison.rows()
  const document = { pairs: pairsDone, seconds, replicas, settings: SETTINGS, heap: values.heap, loadBefore, rows }
  writeFileSync(values.json, `${JSON.stringify(document, null, 2)}\n`)
}
