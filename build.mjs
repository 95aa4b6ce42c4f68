/**
 * Compiles src/ into dist/. `npm run build` starts from nothing. `prepare`, which npm runs after `npm ci`, before
 * `npm pack` and when npx meets this folder for the first time, compiles what has changed, and does nothing at all, and
 * says nothing, where no compiler is installed.
 *
 * The programs that an ensemble and a load generator start are bundled, each into one file: a server of some 200 modules
 * spends more of its start on finding and reading them than on anything else (docs/decisions/0006).
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'

/** This project's own, never one of a folder above. */
const COMPILER = 'node_modules/typescript/bin/tsc'
const BUNDLED = ['ensemble/server-main', 'measure/generator-main']
const CHUNKS = 'chunks'

const isPreparing = process.argv.includes('--prepare')

process.exitCode = await build()

async function build() {
  if (isPreparing && !existsSync(COMPILER)) return 0
  if (!isPreparing) rmSync('dist', { recursive: true, force: true })
  const { status } = spawnSync(process.execPath, [COMPILER, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  if (status === 0) await bundle()
  // npm makes a bin executable when it installs it, but npm 10 does not when npx runs the bin of the folder it is in.
  if (status === 0) chmodSync('dist/cli/main.js', 0o755)
  return status ?? 1
}

/** From the sources, not from what was compiled: that is where the bundles go, and an unchanged file is not compiled again. */
async function bundle() {
  const { build: esbuild } = await import('esbuild')
  rmSync(`dist/${CHUNKS}`, { recursive: true, force: true })
  await esbuild({
    entryPoints: Object.fromEntries(BUNDLED.map((name) => [name, `src/${name}.ts`])),
    outdir: 'dist',
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    minifyWhitespace: true,
    logLevel: 'warning',
  })
}
