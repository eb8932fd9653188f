/**
 * A register on n replicas, written and read by quorums, with read repair.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Quorum (2 out of 3)", "Read and write quorums", "Read repair".
 * These slides have diagrams and no pseudo-code: the messages are those of the diagrams. After D. K. Gifford, "Weighted Voting for Replicated Data", SOSP 1979.
 */
import { Map, Record, Set } from 'immutable'
import {
  always,
  canAlways,
  crashStop,
  family,
  type Id,
  kept,
  linearization,
  type Observer,
  type OperationEvent,
  observed,
  type Proofs,
  type Protocol,
  type RegisterOperation,
  reachable,
  register,
  type World,
} from '../../checker/index.ts'

type Replica = Id<'replica'>

/** What a replica stores: of the pair (t, v) of the slides t is enough. There is one writer, which counts its writes, and what it writes is their number. */
class Stored extends Record({ t: 0 }) {}

class Writer extends Record({
  t: 0,
  acks: null as Set<Replica> | null, // who acknowledged the present write
}) {}

class Reader extends Record({
  request: 0, // so that an answer to an earlier read is not taken for one to this
  values: null as Map<Replica, number> | null, // who answered the present read, and with what
}) {}

type Ack = { readonly type: 'Ack'; readonly t: number }

type Roles = {
  replica: { state: Stored; inbox: { readonly type: 'Get'; readonly request: number } | { readonly type: 'Set'; readonly t: number } }
  writer: { state: Writer; inbox: Ack }
  reader: { state: Reader; inbox: Ack | { readonly type: 'Value'; readonly request: number; readonly t: number } }
}

type Event = OperationEvent<RegisterOperation<number>, number | undefined>

class ReadAfterWrite extends Record({
  written: 0, // by the last write that is complete
  writing: 0,
  floors: Map<Id, number>(), // what was written when the read began that is under way at this reader
  violation: null as Id | null, // who read something older
  invented: null as Id | null, // who read what was not written yet
}) {}

const readAfterWrite: Observer<Event, ReadAfterWrite> = {
  init: new ReadAfterWrite(),
  on(state, event, client) {
    if (event.type === 'invoke') return event.op === 'write' ? state.set('writing', event.value) : state.setIn(['floors', client], state.written)
    if (event.result === undefined) return state.set('written', state.writing)
    return state.merge({
      floors: state.floors.delete(client),
      violation: event.result < state.floors.get(client, 0) ? client : state.violation,
      invented: event.result > state.writing ? client : state.invented,
    })
  },
}

/**
 * The bounds are those of the slides' diagrams: one write, and a read by each of two clients. That is all that read-after-write speaks of: a write, a read after it,
 * and what may disturb them: another read, with its repair. An earlier write disturbs as late messages only: `writes: 2, readers: 1`.
 * `down` replicas may crash; what that is for is availability: `readers: 1, down: 1`.
 */
export const quorumRegister = family(
  { replicas: 3, r: 2, w: 2, writes: 1, readers: 2, reads: 1, down: 0 },
  ({ replicas, r, w, writes, readers, reads, down }) =>
    ({
      name: 'quorum-register',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Read and write quorums, Read repair; Gifford 1979',
      // Messages to a replica that is unavailable are late, or it has crashed. Nobody sends again, so none may be lost.
      network: 'reliable',
      faults: [crashStop('replica', { atMost: down })],
      roles: {
        replica: {
          count: replicas,
          init: () => new Stored(),
          on: {
            // Slide "Read and write quorums": a write is acknowledged by a replica. "Choose between (t₀, v₀) and (t₁, v₁) based on timestamp."
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
            set: {
              when: writer => writer.acks === null,
              do(writer, { nodes, emit, send }) {
                const t = writer.t + 1
                emit({ type: 'invoke', op: 'write', value: t })
                send(nodes.replica, { type: 'Set', t })
                return writer.merge({ t, acks: Set() })
              },
            },
          },
          on: {
            // The write is complete when w replicas have acknowledged it.
            Ack(writer, { t }, replica: Replica, { rule, emit }) {
              if (writer.acks === null || t !== writer.t) return writer
              const acks = writer.acks.add(replica)
              if (!rule('w replicas acknowledged', acks.size >= w)) return writer.merge({ acks })
              emit({ type: 'return' })
              return writer.merge({ acks: null })
            },
          },
          within: writer => writer.t <= writes,
        },

        reader: {
          count: readers,
          init: () => new Reader(),
          actions: {
            get: {
              when: reader => reader.values === null,
              do(reader, { nodes, emit, send }) {
                const request = reader.request + 1
                emit({ type: 'invoke', op: 'read' })
                send(nodes.replica, { type: 'Get', request })
                return reader.merge({ request, values: Map() })
              },
            },
          },
          on: {
            Value(reader, { request, t }, replica: Replica, { nodes, rule, emit, send }) {
              if (reader.values === null || request !== reader.request) return reader
              const values = reader.values.set(replica, t)
              if (!rule('r replicas answered', values.size >= r)) return reader.merge({ values })
              const newest = values.max() ?? 0
              emit({ type: 'return', result: newest })
              // Slide "Read repair": "Client helps propagate (t₁, v₁) to other replicas."
              const others = nodes.replica.filter(other => values.get(other) !== newest)
              send(others, { type: 'Set', t: newest })
              return reader.merge({ values: null })
            },

            // Nobody waits for the end of a read repair.
            Ack: reader => reader,
          },
          within: reader => reader.request <= reads,
        },
      },

      observers: {
        readAfterWrite,
        /** For the claim that is refuted. */
        clients: linearization(register(0)),
      },

      properties: {
        /** "The read will see the previously written value (or a value that subsequently overwrote it)." */
        readAfterWrite: observed('readAfterWrite', kept),

        /** What is read was written, or is being written. */
        readsOnlyWhatWasWritten: observed('readAfterWrite', ({ invented }: ReadAfterWrite) => invented === null),

        /** "Reads can tolerate n − r unavailable replicas": with no more than that down, it stays possible that each read ends. */
        readsAvailable: canAlways(always(({ all }: World<Roles, string>) => down > replicas - r || all('reader').every(({ values }) => values === null))),

        /** "Writes n − w." */
        writesAvailable: canAlways(always(({ all }: World<Roles, string>) => down > replicas - w || all('writer').every(({ acks }) => acks === null))),

        /** Something is read after a write is complete. */
        readsAfterWrite: reachable(observed('readAfterWrite', ({ floors }: ReadAfterWrite) => floors.some(written => written > 0))),
      },
    }) satisfies Protocol<Roles, Event>,
)

export const proofs = [{}, { readers: 1, down: 1 }, { writes: 2, readers: 1, reads: 2, slow: true }] satisfies Proofs<typeof quorumRegister>
