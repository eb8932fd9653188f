import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "Prepared: (m, _, from: Id<'resource'>) => (m.state === 'init' ? m.set('prepared', m.prepared.add(from)) : m),",
    to: "Prepared: (m, _, from: Id<'resource'>) => (true ? m.set('prepared', m.prepared.add(from)) : m),",
    because: 'Once the manager has decided, it is no matter who is prepared.',
  },
] satisfies Survivors
