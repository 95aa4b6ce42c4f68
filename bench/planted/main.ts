/**
 * `npm run planted -- [--engine builtin] [--files a,b] [--budget '60 trials'] [--duration 2s] [--profile standalone]`: tunings
 * from files that were made bad on purpose. A file is solved when exactly its harmful settings were changed. `--keep FOLDER` leaves the
 * starting file and the advice of each in a folder of its name.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { PLANTED, textOf } from './files.ts'
import type { PlantedFile } from './files.ts'
import { judged } from './verdict.ts'
import type { PlantedResult } from './verdict.ts'

/** Built: a server that starts from its sources takes much longer, and a file takes some 200 starts. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'builtin' },
    files: { type: 'string' },
    budget: { type: 'string', default: '60 trials' },
    duration: { type: 'string', default: '2s' },
    warmup: { type: 'string', default: '500ms' },
    profile: { type: 'string', default: 'small-cluster' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
  },
})

const names = PLANTED.map(({ name }) => name)
for (const name of values.files?.split(',') ?? []) {
  if (!names.includes(name)) throw new Error(`no file "${name}" is planted: ${names.join(', ')}`)
}
const files = PLANTED.filter(({ name, engines }) => {
  const isAsked = values.files === undefined || values.files.split(',').includes(name)
  return isAsked && engines.some((engine) => engine === values.engine)
})
if (files.length === 0) throw new Error(`none of these files is for the engine "${values.engine}"`)
let failed = 0
for (const file of files) {
  const { isSolved, text } = run(file)
  if (!isSolved) failed++
  console.log(`${isSolved ? 'solved' : 'MISSED'}  ${file.name.padEnd(30)} ${text}`)
}
console.log(`${files.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function run(file: PlantedFile): { readonly isSolved: boolean; readonly text: string } {
  const { keep } = values
  const folder = keep === undefined ? mkdtempSync(join(tmpdir(), 'zktune-planted-')) : join(keep, file.name)
  try {
    mkdirSync(folder, { recursive: true })
    const config = join(folder, 'start.cfg')
    writeFileSync(config, textOf(file))
    const output = join(folder, 'advice')
    const { engine, budget, duration, warmup, profile, seed } = values
    const words = [
      'recommend',
      '--config',
      config,
      '--workload',
      file.workload,
      '--profile',
      profile,
      '--engine',
      engine,
    ]
    const limits = ['--budget', budget, '--duration', duration, '--warmup', warmup, '--seed', seed, '--output', output]
    const ended = spawnSync(process.execPath, [MAIN, ...words, ...limits], { encoding: 'utf8' })
    if (ended.status !== 0) return { isSolved: false, text: `exit code ${ended.status}: ${ended.stderr.slice(-300)}` }
    return judged(file, JSON.parse(readFileSync(join(output, 'result.json'), 'utf8')) as PlantedResult)
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true, force: true })
  }
}
