import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'c.made.size < (self.rank === 0 ? updates : others) && (isServed || c.document.processed.isEmpty())',
    to: 'c.made.size < (true ? updates : others) && (isServed || c.document.processed.isEmpty())',
    because: 'How often each writes is the bound of the model.',
  },
] satisfies Survivors
