import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: n => !n.app.waiting && n.app.requests < operations && isReady(n),',
    to: 'when: n => !n.app.waiting && true && isReady(n),',
    because: 'How often a node asks is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
