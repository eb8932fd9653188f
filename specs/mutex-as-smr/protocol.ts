/**
 * Mutual exclusion as state machine replication: every process keeps the queue of those that want the lock, and applies the same commands to it in the same order.
 * T. Anderson and D. Woos, "Lamport Clocks", slide "Mutual exclusion as SMR". "Process a command iff we've seen all commands w/ lower timestamp" is total order broadcast by
 * Lamport clocks; any other will do.
 */
import { List, Record } from 'immutable'
import {
  always,
  arePrefixConsistent,
  each,
  eachPair,
  family,
  type Id,
  type Proofs,
  type Protocol,
  reachable,
  somePair,
  type World,
} from '../../checker/index.ts'
import { broadcastOf, type Stacked, type StackedRoles, stack } from '../state-machine-replication/over.ts'

type Node = Id<'node'>

/** "Commands: P_i requests, P_i releases". */
class Command extends Record({ by: null as Node | null, op: 'request' as 'request' | 'release', number: 0 }) {}

export class Process extends Record({
  queue: List<Node>(), // "State: queue of processes who want the lock": the first has it
  holders: List<Node>(), // who has had it, in turn
  state: 'idle' as 'idle' | 'waiting' | 'holding' | 'releasing',
  requests: 0,
}) {}

type Roles = StackedRoles<Process>
export type Site = Stacked<Process>

/** Bounds: each process requests the lock `requests` times. `over` is the broadcast: `leader`, `lamport` or `raft`. */
export const mutexAsSmr = family({ nodes: 2, requests: 2, over: 'leader', terms: 1 }, ({ nodes, requests, over, terms }) => {
  const { role, send, isReady } = stack<Process, never>(broadcastOf(over, terms), {
    init: new Process(),

    // process a command
    deliver(p, { by, op }: Command, { self, rule }) {
      const requested = rule('who requests goes to the end', true) ? p.queue.push(by as Node) : p.queue.unshift(by as Node)
      const queue = op === 'request' ? requested : p.queue.shift()
      const holder = queue.first()
      const isNew = holder !== undefined && holder !== p.queue.first()
      const next = p.merge({ queue, holders: isNew ? p.holders.push(holder) : p.holders })
      // Until its release is processed, its last request is in the queue: it does not request again.
      if (p.state === 'releasing' && op === 'release') return next.set('state', 'idle')
      return p.state === 'waiting' && holder === self ? next.set('state', 'holding') : next
    },
  })

  return {
    name: 'mutex-as-smr',
    source: 'Anderson & Woos, Lamport Clocks, slide Mutual exclusion as SMR; Lamport 1978, CACM 21(7)',
    network: 'fair-loss',
    roles: {
      node: {
        ...role,
        count: nodes,
        actions: {
          ...role.actions,
          request: {
            when: n => n.app.state === 'idle' && n.app.requests < requests && isReady(n),
            do: (n, here) =>
              send(
                n.set('app', n.app.merge({ state: 'waiting', requests: n.app.requests + 1 })),
                new Command({ by: here.self, op: 'request', number: n.app.requests }),
                here,
              ),
          },
          release: {
            when: n => n.app.state === 'holding' && isReady(n),
            do: (n, here) => send(n.set('app', n.app.set('state', 'releasing')), new Command({ by: here.self, op: 'release', number: n.app.requests }), here),
          },
        },
      },
    },
    properties: {
      mutualExclusion: eachPair(
        'node',
        ({ app }: Site) => app.state === 'holding',
        (a, b) => !(a && b),
      ),

      /** Whoever is first in the queue has the lock, as often as he has asked for it, and knows it: until his release is processed. */
      inTurn: always(({ nodes, get }: World<Roles>) =>
        nodes.node.every(id => {
          const { queue, holders, state } = get(id).app
          return (
            (queue.isEmpty() || holders.last() === queue.first()) &&
            holders.every(holder => holders.count(other => other === holder) <= get(holder).app.requests) &&
            (queue.first() === id) === (state === 'holding' || state === 'releasing')
          )
        }),
      ),

      /** All replicas see one sequence of holders; some see less of it. */
      sameHolders: eachPair('node', ({ app }: Site) => app.holders, arePrefixConsistent),

      /** Two want the lock at the same time, and one after the other has it. */
      contended: reachable(
        somePair(
          'node',
          ({ app }: Site) => app,
          (a, b) => a.state === 'holding' && b.state === 'waiting' && a.queue.size > 1,
        ),
      ),

      /** Over Lamport clocks alone a release waits for a later command of everybody, and who waits for the lock sends none. */
      passedOn: reachable(
        each(
          'node',
          ({ app }: Site) => app.holders.size,
          size => size >= (over === 'lamport' ? 1 : 2),
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { over: 'lamport' }, { requests: 1, over: 'raft' }] satisfies Proofs<typeof mutexAsSmr>
