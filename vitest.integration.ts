import { defineConfig } from 'vitest/config'

/** Real processes, sockets and third-party clients: one file at a time, for they share two cores and the default ports. */
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
