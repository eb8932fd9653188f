/**
 * Session guarantees: a client may go from one replica to another, and still sees its own writes and what it has read.
 * D. Terry, A. Demers, K. Petersen, M. Spreitzer, M. Theimer and B. Welch, "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994.
 * Sets of writes are kept as sets here, and not as version vectors.
 */
import { Record, Set } from 'immutable'
import {
  always,
  canAlways,
  causallyConsistent,
  each,
  type From,
  family,
  type Here,
  type Id,
  type KeyValueOperation,
  keyValue,
  monotonicReads,
  monotonicWrites,
  type OperationEvent,
  observed,
  operations,
  type Proofs,
  type Protocol,
  reachable,
  readYourWrites,
  type SessionEvent,
  sessions,
  type World,
  writesFollowReads,
} from '../../checker/index.ts'

type Client = Id<'client'>

/** A write: the `number`-th of its client. Each client writes a key of its own, and the value is the number. */
export class Write extends Record({ by: null as Client | null, number: 0 }) {}

/** DB(S, t): the writes that the server has taken. */
export class Server extends Record({ db: Set<Write>() }) {}

export class Session extends Record({
  asks: 0, // how often it has asked
  waitsFor: null as 'write' | 'read' | null,
  writes: 0,
  writeSet: Set<Write>(), // "write-set: the set of WIDs for those writes performed in the session"
  readSet: Set<Write>(), // "read-set: the set of WIDs for the writes that are relevant to session reads"
}) {}

/** What a client asks, and what the server must have before it does so. */
type Request =
  | { readonly type: 'Write'; readonly write: Write; readonly written: Set<Write>; readonly read: Set<Write> }
  | { readonly type: 'Read'; readonly number: number; readonly written: Set<Write>; readonly read: Set<Write> }

type Answer = { readonly type: 'Written'; readonly write: Write } | { readonly type: 'Value'; readonly number: number; readonly db: Set<Write> }

type Roles = {
  server: { state: Server; inbox: From<'client', Request> | From<'server', { readonly type: 'AntiEntropy'; readonly db: Set<Write> }> }
  client: { state: Session; inbox: From<'server', Answer> }
}

type HereClient = Here<Roles, 'client', Event>

type Event = SessionEvent<Write> | OperationEvent<KeyValueOperation<Client, number>, number | undefined>

/** What the server has, it shows to anybody who reads there. */
const taken = (s: Server, db: Set<Write>, { emit }: Here<Roles, 'server', Event>): Server => {
  if (!db.isSubset(s.db)) emit({ type: 'saw', writes: db })
  return s.merge({ db })
}

const lastWrite = ({ writes }: Session, { self }: HereClient): Write => new Write({ by: self, number: writes })

/** Asks for what the client waits for. It asks all servers, and any one may be the first to answer. */
const ask = (c: Session, here: HereClient): void => {
  const needs = { written: c.writeSet, read: c.readSet }
  if (c.waitsFor === 'write') here.send(here.nodes.server, { type: 'Write', write: lastWrite(c, here), ...needs })
  else here.send(here.nodes.server, { type: 'Read', number: c.asks, ...needs })
}

/** What a read of a key shows: the latest write of its client. */
const shown = (db: Set<Write>, key: Client): number | undefined =>
  db
    .filter(({ by }) => by === key)
    .map(({ number }) => number)
    .max()

/** Bounds: each client asks so many `times`, to write or to read. With `history` the operations are kept, for the judges of consistency. */
export const sessionGuarantees = family(
  { servers: 2, clients: 2, times: 2, history: false },
  ({ servers, clients, times, history }) =>
    ({
      name: 'session-guarantees',
      source: 'Terry et al. 1994, Session Guarantees for Weakly Consistent Replicated Data',
      network: 'fair-loss',
      roles: {
        server: {
          count: servers,
          init: () => new Server(),
          actions: {
            // A server sends all that it has, so no write comes anywhere without those that were there before it.
            antiEntropy: {
              when: s => !s.db.isEmpty(),
              do(s, { broadcast }) {
                broadcast({ type: 'AntiEntropy', db: s.db })
                return s
              },
            },
          },
          on: {
            AntiEntropy: (s, { db }, _, here) => taken(s, s.db.union(db), here),

            // Which sets are checked at a write: a server that lacks some of them does nothing yet.
            Write(s, { write, written, read }, client, here) {
              const { rule, send } = here
              if (!rule('it has what was written before', written.isSubset(s.db))) return s // monotonic writes
              if (!rule('it has what was read before', read.isSubset(s.db))) return s // writes follow reads
              send(client, { type: 'Written', write })
              return taken(s, s.db.add(write), here)
            },

            // Which sets are checked at a read.
            Read(s, { number, written, read }, client, { rule, send }) {
              if (!rule('it has what the reader wrote', written.isSubset(s.db))) return s // read your writes
              if (!rule('it has what the reader read', read.isSubset(s.db))) return s // monotonic reads
              send(client, { type: 'Value', number, db: s.db })
              return s
            },
          },
        },

        client: {
          count: clients,
          init: () => new Session(),
          actions: {
            write: {
              when: c => c.waitsFor === null && c.asks < times,
              do(c, here) {
                const next = c.merge({ asks: c.asks + 1, waitsFor: 'write', writes: c.writes + 1 })
                here.emit({ type: 'wrote', write: lastWrite(next, here) })
                if (history) here.emit({ type: 'invoke', op: 'put', key: here.self, value: next.writes })
                ask(next, here)
                return next
              },
            },
            read: {
              when: c => c.waitsFor === null && c.asks < times,
              do(c, here) {
                const next = c.merge({ asks: c.asks + 1, waitsFor: 'read' })
                ask(next, here)
                return next
              },
            },
            // Who hears nothing asks again.
            again: {
              when: c => c.waitsFor !== null,
              do(c, here) {
                ask(c, here)
                return c
              },
            },
          },
          on: {
            Written(c, { write }, _, { emit }) {
              if (c.waitsFor !== 'write' || write.number !== c.writes) return c
              if (history) emit({ type: 'return' })
              return c.merge({ waitsFor: null, writeSet: c.writeSet.add(write) })
            },

            // "The relevant writes" of any read are taken to be all that the server has; one key is looked at.
            Value(c, { number, db }, _, { nodes, choose, emit }) {
              if (c.waitsFor !== 'read' || number !== c.asks) return c
              emit({ type: 'saw', writes: db })
              if (history) {
                const key = choose(nodes.client)
                emit({ type: 'invoke', op: 'get', key })
                emit({ type: 'return', result: shown(db, key) })
              }
              return c.merge({ waitsFor: null, readSet: c.readSet.union(db) })
            },
          },
        },
      },
      observers: { sessions: sessions<Write>(), operations: operations<KeyValueOperation<Client, number>, number | undefined>() },
      properties: {
        /** "Read Your Writes: read operations reflect previous writes." */
        readYourWrites: observed('sessions', readYourWrites),

        /** "Monotonic Reads: successive reads reflect a non-decreasing set of writes." */
        monotonicReads: observed('sessions', monotonicReads),

        /** "Writes Follow Reads: writes are propagated after reads on which they depend." */
        writesFollowReads: observed('sessions', writesFollowReads),

        /** "Monotonic Writes: writes are propagated after writes that logically precede them." */
        monotonicWrites: observed('sessions', monotonicWrites),

        /** All four together are causal consistency: Brzezinski, Sobaniec and Wawrzyniak 2004. */
        causal: observed('operations', causallyConsistent(keyValue<Client, number>())),

        /** It stays possible that whoever asks is answered, at any server. */
        answered: canAlways(
          each(
            'client',
            c => c.waitsFor,
            waitsFor => waitsFor === null,
          ),
        ),

        /** A server lacks what a client has read or written, so it must not answer yet. */
        behind: reachable(
          always(({ all }: World<Roles, string>) => all('client').some(c => all('server').some(({ db }) => !c.readSet.union(c.writeSet).isSubset(db)))),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)

export const proofs = [{}, { history: true, slow: true }] satisfies Proofs<typeof sessionGuarantees>
