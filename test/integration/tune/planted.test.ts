import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { PLANTED, textOf } from '../../../bench/planted/files.ts'
import { judged } from '../../../bench/planted/verdict.ts'
import type { PlantedResult } from '../../../bench/planted/verdict.ts'
import { processesIn, Run } from '../command-line.ts'

/** One of `npm run planted`, on one server with short trials: the harm is so large that these see it. */
test('of a file that was made bad on purpose the harm is undone', async () => {
  const file = PLANTED.find(({ name }) => name === 'batch-of-one')
  if (file === undefined) throw new Error('it is planted')
  const folder = mkdtempSync(join(tmpdir(), 'planted-test-'))
  let run: Run | null = null
  try {
    const config = join(folder, 'start.cfg')
    writeFileSync(config, textOf(file))
    const output = join(folder, 'advice')
    const short = ['--budget', '20 trials', '--duration', '1s', '--warmup', '200ms', '--seed', '1']
    const words = ['--profile', 'standalone', '--config', config, '--workload', file.workload]
    run = new Run(['recommend', ...words, ...short, '--output', output], folder)
    expect(await run.ended, run.stderr).toBe(0)
    const result = JSON.parse(readFileSync(join(output, 'result.json'), 'utf8')) as PlantedResult
    // Not what was changed besides: of twenty tunings one may keep a change for nothing, and that is asked of all planted files.
    expect(judged(file, result).missed, run.stderr).toEqual([])
  } finally {
    run?.child.kill('SIGKILL')
    for (const pid of processesIn(folder)) process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}, 300_000)
