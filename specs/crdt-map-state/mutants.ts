import { type Mutants, withAction, withHandler } from '../../checker/index.ts'
import type { crdtMapState } from './protocol.ts'

export const mutants = {
  mergesByArrival: {
    because: 'Not commutative: what arrives takes the place of what is there, s₁ ⊔ s₂ = s₂.',
    breaks: 'convergence',
    parameters: { sets: 1 },
    length: 4,
    change: spec => withHandler(spec, 'node', 'Values', Values => (n, message) => Values(n, message).set('values', message.values)),
  },
  notIdempotent: {
    because: 'Not idempotent: what is merged gets a later timestamp, so each message that comes again makes another state.',
    breaks: 'convergence',
    parameters: { sets: 1 },
    length: 2,
    change: spec =>
      withHandler(spec, 'node', 'Values', Values => (n, message) => {
        const later = message.values.map(triple => triple.updateIn(['t', 'time'], time => (time as number) + 1))
        return Values(n, { ...message, values: later })
      }),
  },
  keepsPrevious: {
    because: 'values := values ∪ V: the earlier triples of a key stay, so a read has two answers.',
    breaks: 'lastWriterWins',
    parameters: { sets: 1 },
    length: 3,
    change: spec => withHandler(spec, 'node', 'Values', Values => (n, message) => Values(n, message).set('values', n.values.union(message.values))),
  },
  sendsOnce: {
    because: 'Each state is sent once, after a set: if that message is lost, nobody hears of it.',
    breaks: 'eventualDelivery',
    parameters: { sets: 1 },
    length: 2,
    change: spec => withAction(spec, 'node', 'antiEntropy', antiEntropy => ({ ...antiEntropy, when: () => false })),
  },
  anyName: {
    because: 'A node puts any name into the timestamp of what it sets: two nodes may make the same timestamp.',
    breaks: 'unique',
    length: 1,
    change: spec =>
      withAction(spec, 'node', 'set', ({ when, do: set }) => ({ when, do: (n, here) => set(n, { ...here, self: here.choose(here.nodes.node) }) })),
  },
  doesNotHear: {
    because: 'A replica does not move its clock on when it merges: the set that overwrites what it saw has an earlier timestamp, and is lost.',
    breaks: 'newTimestamp',
    length: 3,
    change: spec => withHandler(spec, 'node', 'Values', Values => (n, message) => Values(n, message).set('clock', n.clock)),
  },
} satisfies Mutants<typeof crdtMapState>
