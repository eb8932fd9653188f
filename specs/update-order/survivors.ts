import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: ({ app }, { self }) => self.rank === 0 && !app.asked,',
    to: 'when: ({ app }, { self }) => self.rank === 0 && true,',
    because: 'Who blocks again has blocked already: it is one more update, and there is no end.',
  },
  {
    from: "when: ({ app }, { self, rule }) => self.rank === 1 && !app.asked && rule('where the block is shown', app.blocked || !waits),",
    to: "when: ({ app }, { self, rule }) => self.rank === 1 && true && rule('where the block is shown', app.blocked || !waits),",
    because: 'Who tweets again has tweeted already: it is one more update, and there is no end.',
  },
] satisfies Survivors
