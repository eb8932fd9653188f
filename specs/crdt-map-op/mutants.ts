import { type Id, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { crdtMapOp, Triple } from './protocol.ts'

const timeAlone = (triple: Triple): Triple => triple.setIn(['t', 'node'], null)

export const mutants = {
  notUnique: {
    because: 'A timestamp is a time alone: of two updates with the same, each replica keeps the one that it had first.',
    breaks: 'convergence',
    parameters: { sets: 1 },
    length: 6,
    change: spec =>
      withAction(spec, 'node', 'set', ({ when, do: set }) => ({
        when,
        do(n, here) {
          const send = (to: Id<'node'>[], packet: { readonly type: string; readonly msg: Triple }) =>
            here.send(to, { ...packet, msg: timeAlone(packet.msg) } as { readonly type: string })
          const next = set(n, { ...here, send: send as typeof here.send })
          return next.set('app', next.app.set('made', next.app.made.map(timeAlone)))
        },
      })),
  },
  anyName: {
    because: 'A node puts any name into the timestamp of what it sets: two nodes may make the same timestamp.',
    breaks: 'unique',
    length: 1,
    change: spec =>
      withAction(spec, 'node', 'set', ({ when, do: set }) => ({ when, do: (n, here) => set(n, { ...here, self: here.choose(here.nodes.node) }) })),
  },
  newestArrival: {
    because: 'A replica takes what comes last for the newest.',
    breaks: 'convergence',
    parameters: { sets: 1 },
    length: 6,
    change: spec => withRule(spec, 'it is later than the previous', true),
  },
  keepsPrevious: {
    because: 'The previous triples of the key stay: values := values ∪ {(t, k, v)}, so a read has two answers.',
    breaks: 'lastWriterWins',
    length: 4,
    change: spec =>
      withHandler(spec, 'node', 'Packet', Packet => (n, message, from, here) => {
        const next = Packet(n, message, from, here)
        return next.set('app', next.app.set('values', next.app.values.union(n.app.values)))
      }),
  },
  doesNotRetry: {
    because: 'The links do not retry, so that a replica may miss an update for ever.',
    breaks: 'eventualDelivery',
    length: 2,
    change: spec => withAction(spec, 'node', 'repeat', repeat => ({ ...repeat, when: () => false })),
  },
  doesNotHear: {
    because: 'A replica does not move its clock on when it delivers an update: the set that overwrites it has an earlier timestamp, and is lost.',
    breaks: 'newTimestamp',
    length: 3,
    change: spec =>
      withHandler(spec, 'node', 'Packet', Packet => (n, message, from, here) => {
        const next = Packet(n, message, from, here)
        return next.set('app', next.app.set('clock', n.app.clock))
      }),
  },
} satisfies Mutants<typeof crdtMapOp>
