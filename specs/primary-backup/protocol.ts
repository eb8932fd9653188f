/**
 * Primary/backup: a primary orders the operations of its clients and has its backup execute each of them first; a view server says who is primary.
 * P: lecture "Primary-Backup", slides "Primary-Backup (P-B) approach" to "Summary of rules"; W: D. Woos, "More Primary/Backup", slides "Rules" to
 * "One more corner case"; U: T. Anderson and D. Woos, "Lamport Clocks", slides "Lab 2 Rules" and "Why Atomic State Transfer?".
 */
import { is, List, Record } from 'immutable'
import {
  always,
  arePrefixConsistent,
  canAlways,
  each,
  eachPair,
  type From,
  fairDelivery,
  family,
  type Here,
  type Id,
  kept,
  leadsTo,
  linearization,
  observed,
  type Proofs,
  type Protocol,
  reachable,
  type World,
  weaklyFair,
} from '../../checker/index.ts'
import { mayLead, View } from '../view-service/protocol.ts'
import { type Acknowledged, acknowledged, type Event, type Service, service } from './history.ts'
import { counter, execute, lastOf, type Op, Operation, Store } from './store.ts'

type Server = Id<'server'>

/** W, slide "Rules"; a write and a read are told apart since W asks whether rule 2 is needed for reads ("Fast" Reads?). The last is of P, slide "Transitioning between views". */
export const rules = {
  1: 'Rule 1: the primary was primary or backup in the view before',
  2: 'Rule 2: the backup has executed the write first',
  '2r': 'Rule 2: the backup has executed the read first',
  3: 'Rule 3: the view of a forwarded request is correct',
  4: 'Rule 4: only the primary takes requests of clients',
  5: 'Rule 5: every operation is before or after the state transfer',
  ack: 'Ack: no new view before the primary has acknowledged this one',
} as const

class ViewServer extends Record({ view: new View(), acked: true }) {}

class Replica extends Record({
  view: new View(), // its idea of the current view
  upToDate: false, // has the backup of this view got the state?
  store: new Store(),
  log: List<Operation>(), // every operation executed; kept only for transfer by log
  pending: null as Operation | null, // forwarded to the backup, and not accepted yet
}) {}

class Caller extends Record({
  seq: 0,
  op: null as Op | null, // what it waits for
}) {}

type ViewChange = From<'viewServer', { readonly type: 'ViewChange'; readonly view: View }>

type Roles = {
  viewServer: { state: ViewServer; inbox: From<'server', { readonly type: 'Ack'; readonly num: number }> }
  server: {
    state: Replica
    inbox:
      | ViewChange
      | From<'client', { readonly type: 'Request'; readonly seq: number; readonly op: Op }>
      | From<
          'server',
          | { readonly type: 'Forward'; readonly num: number; readonly operation: Operation }
          | { readonly type: 'Accepted'; readonly num: number; readonly operation: Operation }
          | { readonly type: 'AskForState'; readonly num: number }
          | { readonly type: 'Snapshot'; readonly num: number; readonly store: Store }
          | { readonly type: 'Log'; readonly num: number; readonly log: List<Operation> }
          | { readonly type: 'Transferred'; readonly num: number }
        >
  }
  client: { state: Caller; inbox: ViewChange | From<'server', { readonly type: 'Reply'; readonly seq: number; readonly result: number }> }
}

/**
 * Modelling choices. A view server may believe whatever it likes about who is alive (see view-service for pings and timeouts), so it forms any view that some belief explains.
 * A server that has stopped cannot be told from a slow one: only the claims on progress need crashes. A client has no view of its own: it asks the primary of any view change that
 * reaches it, and an old one may reach it at any time, again and again; that is an outdated client, and one that sends its request again.
 *
 * `alone`: are there views without a backup? `byLog`: is the state transferred as the log of all operations, or as a snapshot? `strict`: does a backup also
 * check that a request is forwarded by the primary of its view? The slides do not ask for it; with it rule 4, which U strikes out, is redundant.
 */
export const primaryBackup = family(
  { servers: 3, clients: 2, requests: 1, views: 2, alone: true, byLog: false, strict: false },
  ({ servers, clients, requests, views, alone, byLog, strict }) => {
    const executed = (s: Replica, operation: Operation) => {
      const store = execute(s.store, operation)
      return s.merge({ store, log: byLog && store !== s.store ? s.log.push(operation) : s.log })
    }

    /** P, "Primary-Backup (P-B) approach", 3: the primary performs the operation and answers the client. */
    const answer = (before: Replica, operation: Operation, { emit, send }: Here<Roles, 'server', Event>) => {
      const s = executed(before, operation)
      emit({ type: 'serves', num: s.view.num, primary: s.view.primary, operation })
      const { client, seq } = operation
      const { result } = lastOf(s.store, client)
      if (client !== null) send(client, { type: 'Reply', seq, result })
      return s.set('pending', null)
    }

    return {
      name: 'primary-backup',
      source: 'Lecture Primary-Backup, slides P-B approach to Summary of rules; Woos, More Primary/Backup; Anderson & Woos, Lamport Clocks, slides Lab 2 Rules',
      network: 'fair-loss',
      roles: {
        viewServer: {
          count: 1,
          init: () => new ViewServer(),
          actions: {
            newView: {
              // P, "Transitioning between views": not before the ack, "even if new primary has or appears to have failed". Whoever is missing from the old pair is
              // thought dead, so it is not the next backup.
              when: (v, { rule }) => rule(rules.ack, v.acked),
              do(v, { choose, nodes, rule, send }) {
                const primary = choose(nodes.server.filter(s => rule(rules[1], mayLead(s, v.view))))
                const spares = nodes.server.filter(s => s !== primary && s !== v.view.primary && s !== v.view.backup)
                const backup = choose<Server | null>(alone && (v.view.num === 0 || v.view.backup !== null) ? [...spares, null] : spares)
                const view = new View({ num: v.view.num + 1, primary, backup })
                send(nodes.server, { type: 'ViewChange', view })
                send(nodes.client, { type: 'ViewChange', view })
                return v.merge({ view, acked: false })
              },
            },
            // A message may be lost: whoever pings the view server is told the view (see view-service).
            tell: {
              when: v => v.view.num > 0,
              do(v, { nodes, send }) {
                send(nodes.server, { type: 'ViewChange', view: v.view })
                send(nodes.client, { type: 'ViewChange', view: v.view })
                return v
              },
            },
          },
          on: { Ack: (v, { num }) => (num === v.view.num ? v.set('acked', true) : v) },
          within: v => v.view.num <= views,
        },

        server: {
          count: servers,
          names: ['A', 'B', 'C', 'D', 'E'].slice(0, servers),
          init: () => new Replica(),
          actions: {
            // A message may be lost: primary and backup send again what has not been answered yet, as far as they know.
            repeat: {
              when: (s, { self }) => s.view.primary === self || s.view.backup === self,
              do(s, { self, nodes, send }) {
                const { num, primary, backup } = s.view
                if (backup === self && primary !== null) send(primary, { type: s.upToDate ? 'Transferred' : 'AskForState', num })
                if (primary === self && s.upToDate) send(nodes.viewServer, { type: 'Ack', num })
                if (backup !== null && s.pending !== null) send(backup, { type: 'Forward', num, operation: s.pending })
                return s
              },
            },
          },
          on: {
            // P, "Transitioning between views". An operation that was under way in the old view is given up: the client asks again.
            ViewChange(s, { view }, from, { self, emit, send }) {
              if (view.num <= s.view.num) return s
              const { num, primary, backup } = view
              const next = s.merge({ view, upToDate: false, pending: null })
              // P, "State transfer via operation log": "if S2 is backup in view i but was not in view i − 1, S2 asks primary to transfer the state". It never was: see newView.
              if (backup === self && primary !== null) send(primary, { type: 'AskForState', num })
              if (primary !== self) return next
              emit({ type: 'leads', num, writes: s.store.writes })
              if (backup !== null) return next
              send(from, { type: 'Ack', num })
              return next.set('upToDate', true)
            },

            // W, "Inconsistencies": A starts sending state to B.
            AskForState(s, { num }, from, { send }) {
              if (num === s.view.num) send(from, byLog ? { type: 'Log', num, log: s.log } : { type: 'Snapshot', num, store: s.store })
              return s
            },

            // P, "State transfer via snapshot" …
            Snapshot(s, { num, store }, from, { self, send }) {
              if (num !== s.view.num || s.view.backup !== self) return s
              send(from, { type: 'Transferred', num })
              return s.upToDate ? s : s.merge({ store, upToDate: true })
            },

            // … or "State transfer via operation log".
            Log(s, { num, log }, from, { self, send }) {
              if (num !== s.view.num || s.view.backup !== self) return s
              send(from, { type: 'Transferred', num })
              return s.upToDate ? s : s.merge({ log, store: log.reduce(execute, new Store()), upToDate: true })
            },

            // P, "Transitioning between views": the new primary acknowledges the new view once the new backup is up to date.
            Transferred(s, { num }, _, { nodes, send }) {
              if (num !== s.view.num) return s
              send(nodes.viewServer, { type: 'Ack', num })
              return s.set('upToDate', true)
            },

            // P, "Primary-Backup (P-B) approach", 1 and 2: one operation at a time, so that the backup executes them in the order that the primary dictates. A repeated
            // request goes the same way, as "each op" does in rule 2, and at-most-once is left to `execute`.
            Request(s, { seq, op }, client, here) {
              const { primary, backup, num } = s.view
              if (!here.rule(rules[4], primary === here.self) || !here.rule(rules[5], s.upToDate) || s.pending !== null || seq < lastOf(s.store, client).seq)
                return s
              const operation = new Operation({ client, seq, op })
              if (backup !== null) here.send(backup, { type: 'Forward', num, operation })
              return here.rule(op === 'read' ? rules['2r'] : rules[2], backup === null) ? answer(s, operation, here) : s.set('pending', operation)
            },

            // P, "Summary of rules", 2: a non-backup rejects forwarded requests, a backup accepts them only if they are in its idea of the current view.
            Forward(s, { num, operation }, from, { self, rule, send }) {
              if (!rule(rules[3], num === s.view.num && s.view.backup === self && (!strict || s.view.primary === from)) || !rule(rules[5], s.upToDate)) return s
              send(from, { type: 'Accepted', num, operation })
              return executed(s, operation)
            },

            // P, "Primary-Backup (P-B) approach", 3.
            Accepted: (s, { num, operation }, _, here) => (num === s.view.num && is(operation, s.pending) ? answer(s, operation, here) : s),
          },
        },

        client: {
          count: clients,
          init: () => new Caller(),
          actions: {
            // Reads are operations like writes (W, "Reads vs. writes").
            request: {
              when: c => c.op === null && c.seq < requests,
              do(c, { choose, emit }) {
                const op = choose<Op>(['read', 'write'])
                emit({ type: 'invoke', op })
                return c.merge({ seq: c.seq + 1, op })
              },
            },
          },
          on: {
            ViewChange(c, { view }, _, { send }) {
              if (c.op !== null && view.primary !== null) send(view.primary, { type: 'Request', seq: c.seq, op: c.op })
              return c
            },
            Reply(c, { seq, result }, _, { emit }) {
              if (seq !== c.seq || c.op === null) return c
              emit({ type: 'return', result })
              return c.set('op', null)
            },
          },
        },
      },

      // Links deliver, and what is not answered yet is sent again. To form a view, and to ask, is the business of the view server and of the clients.
      fairness: [fairDelivery(), weaklyFair('viewServer', 'tell'), weaklyFair('server', 'repeat')],
      observers: { clients: linearization(counter), service, acknowledged },

      properties: {
        /** P, "View server": only one primary at a time; that is, of each view its primary alone answers clients. (In different views two may think that they lead.) */
        singlePrimaryPerView: observed('service', kept),

        /** What the clients see could have come from a single server. */
        linearizable: observed('clients', kept),

        /** Every write that was acknowledged in a view is known to whoever becomes primary of a later one. (Who learns late of an earlier one need not know it.) */
        noAcknowledgedWriteLost: observed('acknowledged', kept),

        /** A primary needs another server for its backup. */
        primaryIsNotBackup: each(
          'viewServer',
          v => v.view.primary === null || v.view.primary !== v.view.backup,
          isAnother => isAnother,
        ),

        /** At-most-once: no replica executes a write a second time. */
        noWriteTwice: each(
          'server',
          s => s.store.writes,
          writes => writes.toSet().size === writes.size,
        ),

        /**
         * U, "Why Atomic State Transfer?": primary and backup are consistent; that is, equal but for the operation that is under way between them.
         * (Two servers that are up to date in one view are its primary and its backup.)
         */
        replicasAgree: eachPair(
          'server',
          ({ view, upToDate, pending, store }) => (upToDate ? { num: view.num, underWay: pending !== null, writes: store.writes } : null),
          (a, b) =>
            a === null || b === null || a.num !== b.num || (a.underWay || b.underWay ? arePrefixConsistent(a.writes, b.writes) : is(a.writes, b.writes)),
        ),

        /** From wherever the system may be, every request that is under way can still be answered, as long as nobody stops for good: see the claims. */
        progress: canAlways(
          each(
            'client',
            c => c.op,
            op => op === null,
          ),
        ),

        ...(servers > 2 || views > 2 || clients > 1
          ? {}
          : {
              /** The same in the end, once there is a view, unless another is formed again and again: P, "Progress". Before the last view, which is the edge of the model. */
              progressInTheEnd: leadsTo(
                always(({ all }: World<Roles, string>) => all('viewServer').every(({ view }) => view.num > 0) && all('client').some(({ op }) => op !== null)),
                each(
                  'client',
                  c => c.op,
                  op => op === null,
                ),
              ),
            }),

        /** The last view is reached, and clients are answered in it. */
        servesInLastView: reachable(observed('service', ({ servers }: Service) => servers.has(views))),

        allWritesAcknowledged: reachable(observed('acknowledged', ({ writes }: Acknowledged) => writes.size === clients * requests)),
      },
    } satisfies Protocol<Roles, Event>
  },
)

export const proofs = [
  {},
  { views: 3, slow: true },
  { clients: 1, requests: 2, views: 3 },
  { byLog: true, slow: true },
  { clients: 1, views: 4, alone: false },
  { servers: 2, clients: 1, views: 2 },
] satisfies Proofs<typeof primaryBackup>
