import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'const precedes = (a: Stamp, b: Stamp) => a.t < b.t || (a.t === b.t && rank(a) < rank(b))',
    to: 'const precedes = (a: Stamp, b: Stamp) => a.t < b.t || (false)',
    because: 'Of two events at the same time neither happened before the other: either may come first.',
  },
  {
    from: 'const precedes = (a: Stamp, b: Stamp) => a.t < b.t || (a.t === b.t && rank(a) < rank(b))',
    to: 'const precedes = (a: Stamp, b: Stamp) => a.t < b.t || (a.t === b.t && true)',
    because: 'Of two events at the same time neither happened before the other: either may come first.',
  },
  {
    from: 'const precedes = (a: Stamp, b: Stamp) => a.t < b.t || (a.t === b.t && rank(a) < rank(b))',
    to: 'const precedes = (a: Stamp, b: Stamp) => a.t <= b.t || (a.t === b.t && rank(a) < rank(b))',
    because: 'Of two events at the same time neither happened before the other: either may come first.',
  },
] satisfies Survivors
