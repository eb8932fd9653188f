import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "if (!rule('it is not applied yet', position >= f.applied.size)) return f",
    to: 'if (!true) return f',
    because: 'What is applied already waits in the buffer, and its turn does not come again.',
  },
  {
    from: 'when: l => l.begun < transactions,',
    to: 'when: l => true,',
    because: 'How many transactions begin is the bound of the model: without it there is no end.',
  },
  {
    from: "if (!rule('it is not applied yet', position >= f.applied.size)) return f",
    to: 'if (false) return f',
    because: 'What is applied already waits in the buffer, and its turn does not come again.',
  },
  {
    from: "recover: f => f.set('buffer', Map()),",
    to: 'recover: f => f,',
    because: 'A buffer on disk is as good: all that is in it is committed.',
  },
  {
    from: 'return f.merge({ applied, buffer })',
    to: 'return f.merge({ applied })',
    because: 'What comes before its turn may as well be lost: the follower fetches it again.',
  },
  {
    from: 'when: l => l.begun < transactions,',
    to: 'when: l => l.begun <= transactions,',
    because: 'How many transactions begin is the bound of the model.',
  },
] satisfies Survivors
