import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: c => c.waitsFor === null && c.asks < times,',
    to: 'when: c => c.waitsFor === null && true,',
    because: 'How often a client asks is the bound of the model: without it there is no end.',
  },
  {
    from: 'when: c => c.waitsFor === null && c.asks < times,',
    to: 'when: c => c.waitsFor === null && true,',
    because: 'How often a client asks is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
