#!/usr/bin/env node
import { startsEnsemble } from './first-sign.ts'
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
// In a log it would say nothing, and stand above every mistake in a line.
if (progress.isInteractive && startsEnsemble(words))
  progress.show({ phase: 'reading the configuration', totalMs: null, opsPerSecond: null })

const { runProcess } = await import('./run-process.ts')
await runProcess({ words, environment, progress })
