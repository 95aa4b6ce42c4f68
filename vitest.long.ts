import { defineConfig } from 'vitest/config'
import { whatIsBuilt } from './test/what-is-built.ts'

/** What takes too long for every commit: see test/long/README.md. One file at a time, for most of them start servers. */
export default defineConfig({
  plugins: [whatIsBuilt()],
  test: {
    include: ['test/long/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
