import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: node => node.timer === 0 && node.awaited.isEmpty(),',
    to: 'when: node => true && node.awaited.isEmpty(),',
    because: 'Who has heard from all may ask again at once.',
  },
  {
    from: 'const timeout = 2 * delay + 1',
    to: 'const timeout = 3 * delay + 1',
    because: 'Who waits longer suspects later: how late is not promised.',
  },
  {
    from: 'const timeout = 2 * delay + 1',
    to: 'const timeout = 2 * delay + 2',
    because: 'Who waits longer suspects later: how late is not promised.',
  },
  {
    from: "const isSynchronous = timing === 'synchronous'",
    to: "const isSynchronous = timing !== 'synchronous'",
    because: 'Each of the two goes by the name of the other, and what is promised goes with the name.',
  },
] satisfies Survivors
