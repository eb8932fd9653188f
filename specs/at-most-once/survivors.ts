import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "network: retries ? 'fair-loss' : 'reliable',",
    to: "network: !(retries) ? 'fair-loss' : 'reliable',",
    because: 'Where an answer cannot be lost there is nothing to send again: what is sent again and never lost has no end.',
  },
] satisfies Survivors
