/**
 * ABD: a linearizable register on n replicas, of which any minority may be unavailable.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "ABD: Making quorum reads/writes linearizable" and "Linearizability for different
 * operations". These slides have diagrams and no pseudo-code: the messages are those of the diagrams.
 * After H. Attiya, A. Bar-Noy and D. Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1), 1995; as there, one client writes. Where several do (`writers`),
 * a set first asks a quorum for a timestamp to exceed: N. Lynch and A. Shvartsman, "Robust Emulation of Shared Memory Using Dynamic Quorum-Acknowledged Broadcasts", FTCS 1997.
 */
import { is, Map, Record, Set } from 'immutable'
import {
  always,
  type CasOperation,
  canAlways,
  casRegister,
  crashStop,
  eachLeadsTo,
  eachPair,
  type From,
  fairDelivery,
  family,
  type Here,
  type Id,
  kept,
  type Linearization,
  linearization,
  type Observer,
  type OperationEvent,
  observed,
  type Proofs,
  type Protocol,
  reachable,
  some,
  somePair,
  type World,
} from '../../checker/index.ts'

type Replica = Id<'replica'>

/** A value and its timestamp (t, writer): `v` is the number of the write, of all that there may be, so no two are the same. 0 is what was there before. */
export class Stamped extends Record({ t: 0, by: null as Id<'writer'> | null, v: 0 }) {}

class Writer extends Record({
  written: 0, // how many sets it has begun
  values: null as Map<Replica, Stamped> | null, // who has answered, of several writers, what its timestamp is
  own: new Stamped(), // what the present set writes, and so the last that it wrote
  stored: null as Set<Replica> | null, // who has stored it
}) {}

export class Reader extends Record({
  request: 0, // so that an answer to an earlier get is not taken for one to this
  values: null as Map<Replica, Stamped> | null, // who answered the present get, and with what
  newest: new Stamped(), // the most recent value, once a quorum has answered …
  stored: null as Set<Replica> | null, // … and who has stored it
}) {}

type Stores = { readonly type: 'Ack'; readonly value: Stamped } | { readonly type: 'Value'; readonly request: number; readonly value: Stamped }

export type Roles = {
  replica: {
    state: Stamped
    inbox: From<'writer' | 'reader', { readonly type: 'Get'; readonly request: number } | { readonly type: 'Set'; readonly value: Stamped }>
  }
  writer: { state: Writer; inbox: From<'replica', Stores> }
  reader: { state: Reader; inbox: From<'replica', Stores> }
}

/** Get and set are read and write; compare-and-swap is for the claim that is refuted. */
export type Event = OperationEvent<CasOperation<number>, number | boolean | undefined> | { readonly type: 'stamped'; readonly t: number }

export type Client = Here<Roles, 'reader', Event>

/** Hears which timestamps sets have, and whether each is later than those of all sets that ended before it began. */
class Sets extends Record({
  ended: 0, // the latest timestamp of a set that has ended …
  before: Map<Id, number>(), // … when the set of a writer began
  own: Map<Id, number>(),
  violation: null as number | null,
}) {}

const sets: Observer<Event, Sets> = {
  init: new Sets(),
  on(seen, event, from) {
    if (event.type === 'invoke') return event.op === 'write' ? seen.setIn(['before', from], seen.ended) : seen
    if (event.type === 'stamped') {
      const { t } = event
      const next = seen.merge({ before: seen.before.delete(from), own: seen.own.set(from, t) })
      return t > seen.before.get(from, 0) ? next : next.set('violation', t)
    }
    return seen.merge({ ended: Math.max(seen.ended, seen.own.get(from, 0)), own: seen.own.delete(from) })
  },
}

/** Whether an operation of the client is under way. */
export const isBusy = ({ values, stored }: Writer | Reader): boolean => values !== null || stored !== null

/** r = w = (n + 1) / 2: any two quorums share a replica. */
const isQuorum = (size: number, { nodes }: Pick<Client, 'nodes'>) => size > nodes.replica.length / 2

/** Timestamps are compared by t, and those of one t by their writers. */
const isNewer = (a: Stamped, b: Stamped, { rule }: Pick<Client, 'rule'>) =>
  a.t > b.t || (a.t === b.t && a.by !== null && b.by !== null && a.by !== b.by && rule('the writers break ties', a.by.rank > b.by.rank))

/** The most recent of what a quorum has answered. (If ties were not broken, there might be several.) */
const newestOf = (values: Map<Replica, Stamped>, here: Pick<Client, 'rule' | 'choose'>) => {
  const all = values.toSet()
  return here.choose(all.filter(value => !all.some(other => isNewer(other, value, here))))
}

/** "When an operation finishes, the value read/written is stored on a quorum of replicas." */
const finish = (reader: Reader, here: Client) => {
  if (!here.rule('a quorum stores what is read', isQuorum(reader.stored?.size ?? 0, here))) return reader
  here.emit({ type: 'return', result: reader.newest.v })
  return new Reader({ request: reader.request })
}

/**
 * The bounds are those of the slides' diagrams: one set, and a get by each of two clients. In `proofs` a set overwrites another; a replica of three and of four is down (`down`
 * replicas may crash): of four replicas a quorum is three; and two clients write, each once.
 */
export const abd = family({ replicas: 3, writers: 1, writes: 1, readers: 2, reads: 1, down: 0 }, ({ replicas, writers, writes, readers, reads, down }) => {
  /** Of all writes, those of one writer after those of the one before it. */
  const numberOf = (writer: Writer, self: Id<'writer'>) => (writers === 1 ? 0 : self.rank * writes) + writer.written

  /** The set goes to the replicas, once its timestamp is known. */
  const store = (writer: Writer, t: number, { self, nodes, emit, send }: Here<Roles, 'writer', Event>) => {
    const own = new Stamped({ t, by: self, v: numberOf(writer, self) })
    emit({ type: 'stamped', t })
    send(nodes.replica, { type: 'Set', value: own })
    return writer.merge({ values: null, own, stored: Set() })
  }

  return {
    name: 'abd',
    source: 'Kleppmann 2025/26, Distributed Systems, slide ABD: Making quorum reads/writes linearizable; Attiya, Bar-Noy & Dolev 1995',
    // Messages to a replica that is unavailable are late, or it has crashed. Nobody sends again, so none may be lost.
    network: 'reliable',
    faults: [crashStop('replica', { atMost: down })],
    roles: {
      replica: {
        count: replicas,
        init: () => new Stamped(),
        on: {
          Set(replica, { value }, client, here) {
            here.send(client, { type: 'Ack', value })
            return here.rule('the update is more recent', isNewer(value, replica, here)) ? value : replica
          },
          Get(replica, { request }, client, { send }) {
            send(client, { type: 'Value', request, value: replica })
            return replica
          },
        },
      },

      writer: {
        count: writers,
        init: () => new Writer(),
        actions: {
          // "Set (blind write to quorum)". A single writer knows the last timestamp; one of several asks for it.
          set: {
            when: writer => writer.values === null && writer.stored === null && writer.written < writes,
            do(before, here) {
              const writer = before.set('written', before.written + 1)
              here.emit({ type: 'invoke', op: 'write', value: numberOf(writer, here.self) })
              if (writers === 1) return store(writer, writer.own.t + 1, here)
              here.send(here.nodes.replica, { type: 'Get', request: writer.written })
              return writer.set('values', Map())
            },
          },
        },
        on: {
          Value(writer, { request, value }, replica, here) {
            if (writer.values === null || request !== writer.written) return writer
            const values = writer.values.set(replica, value)
            if (!here.rule('a quorum is asked for the timestamp', isQuorum(values.size, here))) return writer.merge({ values })
            return store(writer, newestOf(values, here).t + 1, here)
          },

          Ack(writer, { value }, replica, here) {
            if (writer.stored === null || !is(value, writer.own)) return writer
            const stored = writer.stored.add(replica)
            if (!here.rule('a quorum stores what is written', isQuorum(stored.size, here))) return writer.merge({ stored })
            here.emit({ type: 'return' })
            return writer.merge({ stored: null })
          },
        },
      },

      reader: {
        count: readers,
        init: () => new Reader(),
        actions: {
          // "Get (quorum read)".
          get: {
            when: reader => reader.values === null && reader.stored === null,
            do(reader, { nodes, emit, send }) {
              const request = reader.request + 1
              emit({ type: 'invoke', op: 'read' })
              send(nodes.replica, { type: 'Get', request })
              return reader.merge({ request, values: Map() })
            },
          },
        },
        on: {
          // Once a quorum has answered, read repair: the most recent value goes to the others, and the get waits for a quorum to store it.
          Value(reader, { request, value }, replica, here) {
            if (reader.values === null || request !== reader.request) return reader
            const values = reader.values.set(replica, value)
            if (!here.rule('a quorum is read', isQuorum(values.size, here))) return reader.merge({ values })
            const newest = newestOf(values, here)
            const stored = values
              .filter(other => is(other, newest))
              .keySeq()
              .toSet()
            here.send(
              here.nodes.replica.filter(other => !stored.has(other)),
              { type: 'Set', value: newest },
            )
            return finish(reader.merge({ values: null, newest, stored }), here)
          },

          Ack(reader, { value }, replica, here) {
            if (reader.stored === null || !is(value, reader.newest)) return reader
            return finish(reader.merge({ stored: reader.stored.add(replica) }), here)
          },
        },
        within: reader => reader.request <= reads,
      },
    },

    // Links deliver. To ask is the business of each client.
    fairness: [fairDelivery()],
    observers: { clients: linearization(casRegister(0)), sets },

    properties: {
      /** "This ensures linearizability of get (quorum read) and set (blind write to quorum)." */
      linearizable: observed('clients', kept),

      /** "Every subsequent quorum operation will see that value": a set has a later timestamp than each that ended before it began. */
      laterSetsAreNewer: observed('sets', kept),

      /** "Multiple concurrent writes may overwrite each other": but all replicas can come to have the same value, if none is down. */
      converges: canAlways(
        eachPair(
          'replica',
          value => value,
          (a, b) => down > 0 || is(a, b),
        ),
      ),

      /** Any minority of the replicas may be down: it stays possible that each operation ends. */
      available: canAlways(
        always(
          ({ all }: World<Roles, string>) =>
            down >= replicas / 2 || [...all('writer'), ...all('reader')].every(({ values, stored }) => values === null && stored === null),
        ),
      ),

      ...(down !== 1 || replicas !== 3 || writers > 1
        ? {}
        : {
            /** And so it does, in the end: each set, and each get. */
            setsEnd: eachLeadsTo(
              'writer',
              isBusy,
              busy => busy,
              busy => !busy,
            ),
            getsEnd: eachLeadsTo(
              'reader',
              isBusy,
              busy => busy,
              busy => !busy,
            ),
          }),

      /** Some get has to wait for its read repair. */
      repairs: reachable(
        some(
          'reader',
          reader => reader.stored !== null,
          waits => reads === 0 || waits,
        ),
      ),

      /** Two writers may choose the same t: their names make the timestamps different. */
      ties: reachable(
        somePair(
          'replica',
          value => value,
          (a, b) => writers === 1 || (a.t === b.t && a.by !== b.by),
        ),
      ),

      /** The set takes effect for all to see: from now on nobody may read what was there before. */
      takesEffect: reachable(observed('clients', ({ configurations }: Linearization) => configurations.every(({ object }) => object !== 0))),
    },
  } satisfies Protocol<Roles, Event>
})

export const proofs = [
  {},
  { writes: 2, readers: 1 },
  { readers: 1, down: 1 },
  { replicas: 4, readers: 1, down: 1 },
  { writers: 2, readers: 1, slow: true },
  { writers: 2, readers: 1, reads: 0 },
  { writers: 2, readers: 1, reads: 0, down: 1 },
] satisfies Proofs<typeof abd>
