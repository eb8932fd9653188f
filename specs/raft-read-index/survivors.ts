import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "if (n.read === null || !rule('a quorum has confirmed', n.read.confirmedBy.size >= majority(nodes.node))) return n",
    to: 'if (n.read === null || !true) return n',
    because: 'It takes three nodes and a log of two, which is slow: the mutant noRound breaks linearizable by it.',
  },
  {
    from: "if (n.read === null || !rule('a quorum has confirmed', n.read.confirmedBy.size >= majority(nodes.node))) return n",
    to: 'if (n.read === null || false) return n',
    because: 'It takes three nodes and a log of two, which is slow: the mutant noRound breaks linearizable by it.',
  },
  {
    from: "n.currentRole === 'leader' &&",
    to: 'true &&',
    because: 'Who does not lead never answers: it takes no confirmation.',
  },
  {
    from: 'n.reads < reads &&',
    to: 'true &&',
    because: 'How often a node is asked is the bound of the model.',
  },
] satisfies Survivors
