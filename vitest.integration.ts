import { defineConfig } from 'vitest/config'
import { whatIsBuilt } from './test/what-is-built.ts'

/** Real processes, sockets and third-party clients: one file at a time, for they share two cores and the default ports. */
export default defineConfig({
  plugins: [whatIsBuilt()],
  test: {
    include: ['test/integration/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
