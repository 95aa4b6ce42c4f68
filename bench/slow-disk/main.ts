/**
 * Another benchmark on a disk whose syncs take longer: `npm run bench -- slow-disk --sync 3ms -- where-time-goes --mix set=1`.
 *
 * Every process of it loads a small library that lets each call that syncs come back later; it is compiled with gcc. Linux only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { parseDurationMs } from '../../src/kernel/quantity.ts'

const SOURCE = fileURLToPath(new URL('slow-disk.c', import.meta.url))
const BENCH = fileURLToPath(new URL('../main.ts', import.meta.url))

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { sync: { type: 'string', default: '3ms' } },
})
if (positionals.length === 0) throw new Error('Which benchmark? npm run bench -- slow-disk --sync 3ms -- NAME …')
const syncMs = parseDurationMs(values.sync, { where: '--sync', min: 0, max: 1_000 })

const folder = mkdtempSync(join(tmpdir(), 'slow-disk-'))
try {
  const library = join(folder, 'slow-disk.so')
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl']
  const { status, error, stderr } = spawnSync('gcc', flags, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`gcc is needed, and cannot be run: ${error.message}`)
  if (status !== 0) throw new Error(`gcc: ${stderr}`)
  console.log(`each sync takes ${syncMs} ms longer`)
  const bench = spawn(process.execPath, [...process.execArgv, BENCH, ...positionals], {
    stdio: 'inherit',
    env: { ...process.env, LD_PRELOAD: library, SLOW_DISK_US: String(Math.round(syncMs * 1_000)) },
  })
  // Ctrl-C reaches both: the benchmark cleans up, and this one after it.
  process.on('SIGINT', () => undefined)
  const [code] = (await once(bench, 'exit')) as [number | null]
  process.exitCode = code ?? 1
} finally {
  rmSync(folder, { recursive: true })
}
