import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: c => c.t < writes,',
    to: 'when: c => c.t <= writes,',
    because: 'One write more is another bound.',
  },
  {
    from: 'const isAdded = (t: number) => t % 2 === 1',
    to: 'const isAdded = (t: number) => t % 3 === 1',
    because: 'Which of the writes are removals is chosen here; the protocol takes them as they come.',
  },
  {
    from: 'when: c => c.t < writes,',
    to: 'when: c => true,',
    because: 'How often a client writes is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
