import { type Claims, observed } from '../../checker/index.ts'
import type { Outside, vmReplication } from './protocol.ts'

export const claims = {
  noOutputTwice: {
    because: 'The primary fails after an output, and the backup does not know whether the world has seen it ("Duplicate output").',
    refutes: observed('outside', (outside: Outside) => outside.again === 0),
    length: 5,
  },
} satisfies Claims<typeof vmReplication>
