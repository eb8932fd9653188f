import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A search takes seconds on a busy machine; a test that hangs still fails.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
