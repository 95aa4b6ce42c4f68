#!/usr/bin/env node
import { Progress } from './progress.ts'
import { terminalOf } from './terminal.ts'

/**
 * Says something before all else is loaded: of what an empty Node takes to start, the next sign of life must not be far.
 */

const words = process.argv.slice(2)
// commander takes --no-color wherever it stands; the streams must know before it parses.
const environment = words.includes('--no-color') ? { ...process.env, NO_COLOR: '1' } : process.env

const progress = new Progress({
  terminal: terminalOf(process.stderr, environment),
  write: (text) => {
    process.stderr.write(text)
  },
  nowMs: () => performance.now(),
})
if (startsEnsemble(words)) progress.show({ phase: 'reading the configuration', totalMs: null, opsPerSecond: null })

const { runProcess } = await import('./run-process.ts')
await runProcess({ words, environment, progress })

function startsEnsemble(all: readonly string[]): boolean {
  const isAsking = all.some((word) => ['--print-config', '--help', '-h'].includes(word))
  return !isAsking && (all.includes('bench') || all.includes('up'))
}
