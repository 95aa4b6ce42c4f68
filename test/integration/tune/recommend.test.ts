import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { leftIn, processesIn, Run } from '../command-line.ts'

let folder: string
let runs: Run[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recommend-test-'))
  runs = []
})

afterEach(async () => {
  for (const run of runs) {
    run.child.kill('SIGKILL')
    await run.ended
  }
  for (const pid of processesIn(folder)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

function recommend(...words: string[]): Run {
  const run = new Run(['recommend', ...words], folder)
  runs.push(run)
  return run
}

function trialsIn(journal: string): readonly { readonly number: number; readonly configuration: object }[] {
  const lines = readFileSync(journal, 'utf8').split('\n').slice(1, -1)
  return lines.map((line) => JSON.parse(line) as { number: number; configuration: object })
}

/** Until so many trials of this process have ended. */
async function ended(run: Run, count: number): Promise<void> {
  await run.until(`${count} trials`, () => (run.stderr.match(/^trial /gm) ?? []).length >= count)
}

test('killed in the midst it goes on with the trial that was running, and after Ctrl-C says how to go on', async () => {
  const config = join(folder, 'start.cfg')
  writeFileSync(config, 'tickTime=2000\nmaxBatchSize=200\n')
  const output = join(folder, 'state-of-test-advice')
  const flags = ['--profile', 'standalone', '--config', config, '--workload', 'write-heavy', '--seed', '5']
  const short = ['--duration', '300ms', '--warmup', '100ms', '--budget', '30 trials', '--output', output]
  const first = recommend(...flags, ...short)
  await ended(first, 1)
  first.child.kill('SIGKILL')
  await first.ended
  const journal = join(output, 'journal.ndjson')
  const before = trialsIn(journal)
  expect(before.length).toBeGreaterThanOrEqual(1)

  // Once to the very next trial, and the same once more from a copy: both make the same one.
  const copy = join(folder, 'copy.ndjson')
  copyFileSync(journal, copy)
  const next: object[] = []
  for (let round = 0; round < 2; round++) {
    copyFileSync(copy, journal)
    const resumed = recommend('--resume', output)
    await ended(resumed, 1)
    resumed.child.kill('SIGINT')
    expect(await resumed.ended).toBe(130)
    expect(resumed.stderr).toContain(`Go on with: zktune recommend --resume ${output}`)
    const after = trialsIn(journal)
    expect(after.slice(0, before.length)).toEqual(before)
    next.push(after[before.length]?.configuration ?? {})
  }
  expect(next[0]).toEqual(next[1])
  expect(existsSync(join(output, 'zoo.cfg'))).toBe(false)
  expect(readFileSync(config, 'utf8')).toBe('tickTime=2000\nmaxBatchSize=200\n')
  // What the killed process had running ends by itself; nothing of the others is left.
  await expect.poll(() => processesIn(folder), { timeout: 20_000 }).toEqual([])
  expect(leftIn(folder).filter((name) => name.startsWith('zktune')).length).toBeLessThanOrEqual(1)
})
