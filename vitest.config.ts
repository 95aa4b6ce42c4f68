import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/integration/**', 'test/long/**', 'node_modules/**'],
    testTimeout: 30_000,
    // Files share their modules: nothing here keeps state in one, and a fresh process for each file costs more than the tests.
    isolate: false,
  },
})
