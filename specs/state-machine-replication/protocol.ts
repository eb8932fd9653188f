/**
 * State machine replication: every replica applies the same updates, in the order in which a broadcast delivers them.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "State machine replication" and "Replication using causal (and weaker) broadcast"; the
 * table of the second says which broadcast goes with which updates. Requests that are made again are as on "Retrying state updates".
 */
import { is, List, Range, Record, Set } from 'immutable'
import { always, each, eachPair, family, type Id, type Proofs, type Protocol, reachable, type World } from '../../checker/index.ts'
import { broadcastOf, type StackedRoles, stack } from './over.ts'

type Node = Id<'node'>

/** Of a set, each request adds another element. */
export class Element extends Record({ by: null as Node | null, request: 0 }) {}

/** An update: what the node `by` broadcasts as its message `number`, for its request `request`. */
export class Update extends Record({ by: null as Node | null, number: 0, request: 0, adds: Set<Element>(), removes: Set<Element>() }) {}

export class Replica extends Record({
  requests: 0,
  broadcasts: 0, // as many, and one more for each retry
  delivered: Set<Update>(),
  state: List<unknown>(), // of a log or a counter, what was applied; of a set, its elements are in `elements`
  elements: Set<Element>(),
}) {}

/** The kinds of updates: what each does to a replica. The less a broadcast promises, the more an update must bear. */
const apply: { readonly [kind: string]: (r: Replica, u: Update) => Replica } = {
  // "Arbitrary deterministic logic!" A log, which is another one for each order.
  deterministic: (r, u) => r.set('state', r.state.push(new Element({ by: u.by, request: u.request }))),
  // "Concurrent updates commute": a set from which a node removes only what it has seen there.
  'concurrent commute': (r, u) => r.set('elements', r.elements.union(u.adds).subtract(u.removes)),
  // "All updates commute": a counter.
  commute: r => r.set('state', r.state.push(null)),
  // "Commutative, idempotent, tolerates message loss": a set that only grows; an update has all that its node knows.
  idempotent: (r, u) => r.set('elements', r.elements.union(u.adds)),
}

/**
 * Bounds: the last `senders` nodes are asked for `requests` each, and ask again `retries` times. `over` is the broadcast, `updates` the kind of update, as in the table; over Raft there are so many `terms`.
 * Messages that may be lost, over `best-effort`, are superseded by later ones of their node; otherwise replicas are compared where they have delivered the same.
 */
export const stateMachineReplication = family(
  { nodes: 3, senders: 2, requests: 1, retries: 0, over: 'leader', updates: 'deterministic', terms: 1 },
  ({ nodes, senders, requests, retries, over, updates, terms }) => {
    const { role, send, isReady } = stack<Replica, never>(broadcastOf(over, terms), {
      init: new Replica(),

      // on delivering u through FIFO-total order broadcast: update state
      deliver(r, u: Update, { rule }) {
        const isNew = !r.delivered.some(({ by, request }) => by === u.by && rule('a client numbers its requests', request === u.request))
        const next = r.set('delivered', r.delivered.add(u))
        return retries === 0 || rule('the request is new', isNew) ? (apply[updates] as (typeof apply)[string])(next, u) : next
      },
    })

    /** What a replica has delivered, as far as it matters. */
    const heard = (delivered: Set<Update>) =>
      over === 'best-effort' ? delivered.filter(u => delivered.every(other => other.by !== u.by || other.number <= u.number)) : delivered

    return {
      name: 'state-machine-replication',
      source: 'Kleppmann 2025/26, Distributed Systems, slides State machine replication, Replication using causal (and weaker) broadcast',
      network: 'fair-loss',
      roles: {
        node: {
          ...role,
          count: nodes,
          actions: {
            ...role.actions,
            // on request to perform update u: send u via broadcast. Of a set, a node removes what it sees there, or adds an element to an empty one.
            request: {
              when: (n, { self }) => n.app.requests < requests && isReady(n) && (senders >= nodes || self.rank >= nodes - senders),
              do(n, here) {
                const { requests: request, broadcasts: number, elements } = n.app
                const removes = updates === 'concurrent commute' ? elements : Set<Element>()
                const own = Range(0, request + 1).map(number => new Element({ by: here.self, request: number }))
                const adds = updates === 'idempotent' ? elements.union(own) : removes.isEmpty() ? Set(own.takeLast(1)) : Set<Element>()
                const app = n.app.merge({ requests: request + 1, broadcasts: number + 1 })
                return send(n.set('app', app), new Update({ by: here.self, number, request, adds, removes }), here)
              },
            },
            // "Retrying state updates": the client does not know whether its last request arrived.
            retry: {
              when: n => n.app.requests > 0 && n.app.broadcasts < n.app.requests + retries && isReady(n),
              do(n, here) {
                const request = n.app.requests - 1
                const u = new Update({ by: here.self, number: n.app.broadcasts, request, adds: Set([new Element({ by: here.self, request })]) })
                return send(n.set('app', n.app.set('broadcasts', u.number + 1)), u, here)
              },
            },
          },
        },
      },
      properties: {
        /** Replicas that have delivered the same updates are in the same state. */
        sameState: eachPair(
          'node',
          n => n.app,
          (a, b) => !is(heard(a.delivered), heard(b.delivered)) || (is(a.state, b.state) && is(a.elements, b.elements)),
        ),

        /** Each request that is delivered is applied once, however often it was made, and nothing else is. (A log tells; what commutes may not.) */
        appliedOnce: always(({ all, get }: World<StackedRoles<Replica>, string>) =>
          all('node').every(({ app: { state, delivered } }) => {
            const applied = state.toSet().filter(one => one instanceof Element && one.by !== null && one.request < get(one.by).app.requests)
            const requests = delivered.map(({ by, request }) => new Element({ by, request }))
            return updates !== 'deterministic' || (applied.size === state.size && applied.size === requests.size)
          }),
        ),

        everybodyApplies: reachable(
          each(
            'node',
            n => (updates === 'deterministic' ? n.app.state.size : n.app.delivered.size),
            size => size >= senders * requests,
          ),
        ),
      },
    } satisfies Protocol<StackedRoles<Replica>>
  },
)

export const proofs = [
  {},
  { nodes: 2, over: 'lamport', requests: 2 },
  { nodes: 2, over: 'raft', terms: 2 },
  { nodes: 2, over: 'causal', updates: 'concurrent commute', requests: 2 },
  { over: 'reliable', updates: 'commute' },
  { nodes: 2, over: 'best-effort', updates: 'idempotent', requests: 2 },
  // Requests that are made again.
  { nodes: 2, senders: 1, requests: 2, retries: 1 },
  { nodes: 2, over: 'lamport', retries: 1 },
  { nodes: 2, senders: 1, over: 'raft', retries: 1 },
] satisfies Proofs<typeof stateMachineReplication>
