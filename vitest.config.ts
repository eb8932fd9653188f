import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, longest first: begun last, one of them would keep a single core busy while the others have nothing to do. */
const slow = ['specs-raft', 'checkpoint', 'specs-primary-backup', 'workers', 'exit-codes', 'specs-broadcast', 'watchdog', 'whole-code', 'one-line-changes']

const rank = ({ moduleId }: TestSpecification): number => {
  const place = slow.findIndex(name => moduleId.endsWith(`/${name}.test.ts`))
  return place < 0 ? slow.length : place
}

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  // As tsconfig.json has it: a user's file in a test is one of this checker. The longer name is first, as the shorter one begins it.
  resolve: {
    alias: {
      'protocheck/fast-check': new URL('matchers/fast-check.ts', import.meta.url).pathname,
      'protocheck/vitest': new URL('matchers/vitest.ts', import.meta.url).pathname,
      protocheck: new URL('checker/index.ts', import.meta.url).pathname,
    },
  },
  test: {
    // All cores: most tests are one thread that computes, and a core is left idle otherwise.
    maxWorkers: '100%',
    sequence: { sequencer: SlowFirst },
    include: ['test/**/*.test.ts'],
    // The files of one worker share their modules: the checker is loaded, and compiled by the engine of Node, once. What a test replaces is put back after it.
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
    // A search takes seconds on a busy machine; a test that hangs still fails.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
