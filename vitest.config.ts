import { defineConfig } from 'vitest/config'

export default defineConfig({
  // As tsconfig.json has it: a user's file in a test is one of this checker.
  resolve: { alias: { protocheck: new URL('checker/index.ts', import.meta.url).pathname } },
  test: {
    // All cores: most tests are one thread that computes, and a core is left idle otherwise.
    maxWorkers: '100%',
    include: ['test/**/*.test.ts'],
    // A search takes seconds on a busy machine; a test that hangs still fails.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
