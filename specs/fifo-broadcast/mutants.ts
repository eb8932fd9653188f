import { type Mutants, withRule } from '../../checker/index.ts'
import type { fifoBroadcast } from './protocol.ts'

export const mutants = {
  deliversOnReceipt: {
    because: 'A message is delivered when it is received, though others of its sender are missing.',
    breaks: 'fifo',
    length: 3,
    change: spec => withRule(spec, 'in the order of the sender', true),
  },
} satisfies Mutants<typeof fifoBroadcast>
