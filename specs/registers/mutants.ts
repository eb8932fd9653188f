import { type Mutants, withAction, withHandler } from '../../checker/index.ts'
import { registers } from './protocol.ts'

export const mutants = {
  scalarClock: {
    because: 'The timestamps are compared in a total order, as of a last-writer-wins register: of two concurrent values one is discarded.',
    breaks: 'preserved',
    parameters: { writes: 1 },
    length: 3,
    change: spec => {
      const { on } = registers({ register: 'last writer wins' }).roles.node
      return { ...spec, roles: { node: { ...spec.roles.node, on } } }
    },
  },
  keepsAll: {
    because: 'Values that a later one replaces stay.',
    breaks: 'replaced',
    length: 4,
    change: spec =>
      withHandler(spec, 'node', 'Versions', Versions => (n, message) => Versions(n, message).update('values', all => all.union(n.values, message.values))),
  },
  byArrival: {
    because: 'Of concurrent values a replica keeps those that it is told last.',
    breaks: 'convergence',
    parameters: { writes: 1 },
    length: 4,
    change: spec => withHandler(spec, 'node', 'Versions', Versions => (n, message) => Versions(n, message).set('values', message.values)),
  },
  doesNotMerge: {
    because: 'A replica does not merge the vectors that it is told: what is written then does not come after what was there to be seen.',
    breaks: 'supersedes',
    length: 3,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Versions',
        Versions => (n, message) =>
          Versions(n, message).set(
            't',
            n.t.filter((_, node) => n.made.some(({ by }) => by === node)),
          ),
      ),
  },
  neverReconciles: {
    because: 'Replicas tell each other each write once, and the message may be lost.',
    breaks: 'eventualDelivery',
    parameters: { writes: 1 },
    length: 2,
    change: spec => withAction(spec, 'node', 'antiEntropy', antiEntropy => ({ ...antiEntropy, when: () => false })),
  },
} satisfies Mutants<typeof registers>
