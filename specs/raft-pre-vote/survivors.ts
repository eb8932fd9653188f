import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'init: ({ self }) => new Server({ nodeId: self }),',
    to: 'init: ({ self }) => new Server({}),',
    because: 'A node is told its id with each step: `nodeId` stands there as on the slide, and no step reads it.',
  },
] satisfies Survivors
