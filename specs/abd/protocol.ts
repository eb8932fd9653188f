/**
 * ABD: a linearizable register on n replicas, of which any minority may be unavailable.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "ABD: Making quorum reads/writes linearizable" and "Linearizability for different
 * operations". These slides have diagrams and no pseudo-code: the messages are those of the diagrams.
 * After H. Attiya, A. Bar-Noy and D. Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1), 1995; as there, one client writes.
 */
import { Map, Record, Set } from 'immutable'
import {
  always,
  type CasOperation,
  canAlways,
  casRegister,
  crashStop,
  family,
  type Here,
  type Id,
  kept,
  type Linearization,
  linearization,
  type OperationEvent,
  observed,
  type Proofs,
  type Protocol,
  reachable,
  some,
  type World,
} from '../../checker/index.ts'

type Replica = Id<'replica'>

/** What a replica stores: of the pair (t, v) of the slides t is enough. There is one writer, which counts its writes, and what it writes is their number. */
class Stored extends Record({ t: 0 }) {}

class Writer extends Record({
  t: 0,
  stored: null as Set<Replica> | null, // who has stored the value of the present set
}) {}

export class Reader extends Record({
  request: 0, // so that an answer to an earlier get is not taken for one to this
  values: null as Map<Replica, number> | null, // who answered the present get, and with what
  t: 0, // the most recent value, once a quorum has answered …
  stored: null as Set<Replica> | null, // … and who has stored it
}) {}

type Ack = { readonly type: 'Ack'; readonly t: number }

type Roles = {
  replica: { state: Stored; inbox: { readonly type: 'Get'; readonly request: number } | { readonly type: 'Set'; readonly t: number } }
  writer: { state: Writer; inbox: Ack }
  reader: { state: Reader; inbox: Ack | { readonly type: 'Value'; readonly request: number; readonly t: number } }
}

/** Get and set are read and write; compare-and-swap is for the claim that is refuted. */
type Event = OperationEvent<CasOperation<number>, number | boolean | undefined>

export type Client = Here<Roles, 'reader', Event>

/** r = w = (n + 1) / 2: any two quorums share a replica. */
const isQuorum = (size: number, { nodes }: Pick<Client, 'nodes'>) => size > nodes.replica.length / 2

/** "When an operation finishes, the value read/written is stored on a quorum of replicas." */
const finish = (reader: Reader, here: Client) => {
  if (!here.rule('a quorum stores what is read', isQuorum(reader.stored?.size ?? 0, here))) return reader
  here.emit({ type: 'return', result: reader.t })
  return new Reader({ request: reader.request })
}

/**
 * The bounds are those of the slides' diagrams: one set, and a get by each of two clients. In `proofs` a set overwrites another; a replica of three and of four is down (`down`
 * replicas may crash): of four replicas a quorum is three.
 */
export const abd = family(
  { replicas: 3, writes: 1, readers: 2, reads: 1, down: 0 },
  ({ replicas, writes, readers, reads, down }) =>
    ({
      name: 'abd',
      source: 'Kleppmann 2025/26, Distributed Systems, slide ABD: Making quorum reads/writes linearizable; Attiya, Bar-Noy & Dolev 1995',
      // Messages to a replica that is unavailable are late, or it has crashed. Nobody sends again, so none may be lost.
      network: 'reliable',
      faults: [crashStop('replica', { atMost: down })],
      roles: {
        replica: {
          count: replicas,
          init: () => new Stored(),
          on: {
            Set(replica, { t }, client, { rule, send }) {
              send(client, { type: 'Ack', t })
              return rule('the update is more recent', t > replica.t) ? replica.merge({ t }) : replica
            },
            Get(replica, { request }, client, { send }) {
              send(client, { type: 'Value', request, t: replica.t })
              return replica
            },
          },
        },

        writer: {
          count: 1,
          init: () => new Writer(),
          actions: {
            // "Set (blind write to quorum)".
            set: {
              when: writer => writer.stored === null,
              do(writer, { nodes, emit, send }) {
                const t = writer.t + 1
                emit({ type: 'invoke', op: 'write', value: t })
                send(nodes.replica, { type: 'Set', t })
                return writer.merge({ t, stored: Set() })
              },
            },
          },
          on: {
            Ack(writer, { t }, replica: Replica, here) {
              if (writer.stored === null || t !== writer.t) return writer
              const stored = writer.stored.add(replica)
              if (!here.rule('a quorum stores what is written', isQuorum(stored.size, here))) return writer.merge({ stored })
              here.emit({ type: 'return' })
              return writer.merge({ stored: null })
            },
          },
          within: writer => writer.t <= writes,
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
            Value(reader, { request, t }, replica: Replica, here) {
              if (reader.values === null || request !== reader.request) return reader
              const values = reader.values.set(replica, t)
              if (!here.rule('a quorum is read', isQuorum(values.size, here))) return reader.merge({ values })
              const newest = values.max() ?? 0
              const stored = values
                .filter(value => value === newest)
                .keySeq()
                .toSet()
              here.send(
                here.nodes.replica.filter(other => !stored.has(other)),
                { type: 'Set', t: newest },
              )
              return finish(reader.merge({ values: null, t: newest, stored }), here)
            },

            Ack(reader, { t }, replica: Replica, here) {
              if (reader.stored === null || t !== reader.t) return reader
              return finish(reader.merge({ stored: reader.stored.add(replica) }), here)
            },
          },
          within: reader => reader.request <= reads,
        },
      },

      observers: { clients: linearization(casRegister(0)) },

      properties: {
        /** "This ensures linearizability of get (quorum read) and set (blind write to quorum)." */
        linearizable: observed('clients', kept),

        /** Any minority of the replicas may be down: it stays possible that each operation ends. */
        available: canAlways(
          always(
            ({ all }: World<Roles, string>) =>
              down >= replicas / 2 ||
              (all('writer').every(({ stored }) => stored === null) && all('reader').every(({ values, stored }) => values === null && stored === null)),
          ),
        ),

        /** Some get has to wait for its read repair. */
        repairs: reachable(
          some(
            'reader',
            reader => reader.stored !== null,
            waits => waits,
          ),
        ),

        /** The set takes effect for all to see: from now on nobody may read what was there before. */
        takesEffect: reachable(observed('clients', ({ configurations }: Linearization) => configurations.every(({ object }) => object !== 0))),
      },
    }) satisfies Protocol<Roles, Event>,
)

export const proofs = [{}, { writes: 2, readers: 1 }, { readers: 1, down: 1 }, { replicas: 4, readers: 1, down: 1 }] satisfies Proofs<typeof abd>
