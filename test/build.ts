import { execFileSync } from 'node:child_process'

/** Compiles what has changed since the last build, for tests that run what is built. */
export default function build(): void {
  execFileSync(process.execPath, ['build.mjs', '--prepare'], { stdio: 'inherit' })
}
