import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'init: ({ self }) => new Server({ nodeId: self }),',
    to: 'init: ({ self }) => new Server({}),',
    because: 'A node is told its id with each step: `nodeId` stands there as on the slide, and no step reads it.',
  },
  {
    from: "when: n => n.currentRole === 'leader' && n.target === null && n.currentTerm < bounds.terms,",
    to: "when: n => n.currentRole === 'leader' && n.target === null && true,",
    because: 'How many terms there are is the bound of the model.',
  },
  {
    from: 'when: n => handsOverTo(n) !== null,',
    to: 'when: n => true,',
    because: 'Who does not hand over has no target to forget, or one that is not heeded any more.',
  },
] satisfies Survivors
