/**
 * Compiles src/ into dist/. `npm run build` starts from nothing. `prepare`, which npm runs after `npm ci`, before
 * `npm pack` and when npx meets this folder for the first time, compiles what has changed, and does nothing at all, and
 * says nothing, where no compiler is installed.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'

/** This project's own, never one of a folder above. */
const COMPILER = 'node_modules/typescript/bin/tsc'

const isPreparing = process.argv.includes('--prepare')

process.exitCode = build()

function build() {
  if (isPreparing && !existsSync(COMPILER)) return 0
  if (!isPreparing) rmSync('dist', { recursive: true, force: true })
  const { status } = spawnSync(process.execPath, [COMPILER, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  // npm makes a bin executable when it installs it, but npm 10 does not when npx runs the bin of the folder it is in.
  if (status === 0) chmodSync('dist/cli/main.js', 0o755)
  return status ?? 1
}
