import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "export const increment = (T: Vector, { self }: Place<Roles, 'node'>) => T.update(self, 0, count => count + 1)",
    to: "export const increment = (T: Vector, { self }: Place<Roles, 'node'>) => T.update(self, 0, count => count + 2)",
    because: 'Any increase will do: timestamps are compared, and not counted.',
  },
  {
    from: 'init: ({ nodes }) => new Node({ T: Map(nodes.node.map(i => [i, 0])) }),',
    to: 'init: ({ nodes }) => new Node({ T: Map(nodes.node.map(i => [i, 1])) }),',
    because: 'All nodes begin with the same number: timestamps are compared, and not counted.',
  },
] satisfies Survivors
