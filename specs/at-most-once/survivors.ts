import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "send(nodes.database, { type: 'Like' })",
    to: ';',
    because: 'The request may be lost; `retry` says it again.',
  },
  {
    from: "send(nodes.database, { type: 'Unlike', user })",
    to: ';',
    because: 'The request may be lost; `retry` says it again.',
  },
] satisfies Survivors
