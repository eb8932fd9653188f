import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'return [n.merge({ reliable: below, delivered, buffer }), messages]',
    to: 'return [n.merge({ delivered, buffer }), messages]',
    because: 'The layer below delivers again what it has delivered. Its number is too old then, and it stays in the buffer.',
  },
] satisfies Survivors
