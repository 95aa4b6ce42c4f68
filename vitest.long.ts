import { defineConfig } from 'vitest/config'

/** What takes too long for every commit: see test/long/README.md. One file at a time, for most of them start servers. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
