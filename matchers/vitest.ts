/** `import 'protocheck/vitest'` in a test: `expect` of Vitest knows the matchers, and so do the types. */
import { expect } from 'vitest'
import { matchers, type ProtocolMatchers } from './matchers.ts'

export * from './matchers.ts'

declare module 'vitest' {
  interface Matchers<T> extends ProtocolMatchers<T> {}
}

expect.extend(matchers)
