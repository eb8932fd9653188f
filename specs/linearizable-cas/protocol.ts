/**
 * Linearizable compare-and-swap: every operation goes through total order broadcast, and each replica executes them in the order of their delivery.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Linearizable compare-and-swap (CAS)", line by line; for one register x.
 */
import { List, Record } from 'immutable'
import {
  always,
  type CasOperation,
  casRegister,
  family,
  type HistoryEvent,
  type Id,
  kept,
  type Linearization,
  linearization,
  type Observer,
  type OperationEvent,
  observed,
  operations as operationsOf,
  type Proofs,
  type Protocol,
  reachable,
  sequentiallyConsistent,
  some,
  type World,
} from '../../checker/index.ts'
import { broadcastOf, type StackedRoles, stack } from '../state-machine-replication/over.ts'

/** (get, x) or (CAS, x, old, new): the request number `number` of the node `by`. */
export class Operation extends Record({ by: null as Id<'node'> | null, number: 0, op: 'read' as 'read' | 'cas', old: 0, new: 1 }) {}

export class Replica extends Record({
  localState: 0,
  requests: 0,
  waiting: false, // for the delivery of its last request
  swaps: 0, // how many of its compare-and-swaps have succeeded
}) {}

type Event = OperationEvent<CasOperation<number>, number | boolean | undefined>

const nothing: Observer<Event, List<HistoryEvent>> = { init: List(), on: history => history }

/**
 * Bounds: each node is asked for `operations`, one after another: to get, or to swap 0 for 1. `over` is the broadcast: `leader`, `lamport` or `raft`, and this with so many `terms`.
 * With `gets: 'local'` a get answers with the local state at once: that is sequentially consistent, and not linearizable (H. Attiya and J. L. Welch, "Sequential Consistency versus Linearizability",
 * ACM TOCS 12(2), 1994).
 */
export const linearizableCas = family({ nodes: 3, operations: 1, over: 'leader', terms: 1, gets: 'in order' }, ({ nodes, operations, over, terms, gets }) => {
  const isLocal = gets === 'local'
  const { role, send, isReady } = stack<Replica, Event>(broadcastOf(over, terms), {
    init: new Replica(),

    // on delivering (get, x) or (CAS, x, old, new) by total order broadcast
    deliver(app, { by, number, op, old, new: next }: Operation, { self, emit, rule }) {
      const success = op === 'cas' && rule('the value is the old one', app.localState === old)
      const after = success ? app.set('localState', next) : app
      if (by !== self || !app.waiting || number !== app.requests - 1) return after
      emit({ type: 'return', result: op === 'cas' ? success : app.localState })
      return after.merge({ waiting: false, swaps: app.swaps + (success ? 1 : 0) })
    },
  })

  return {
    name: 'linearizable-cas',
    source: 'Kleppmann 2025/26, Distributed Systems, slide Linearizable compare-and-swap (CAS)',
    network: 'fair-loss',
    roles: {
      node: {
        ...role,
        count: nodes,
        actions: {
          ...role.actions,
          // on request to perform get(x) or CAS(x, old, new): total order broadcast it, and wait for delivery
          request: {
            when: n => !n.app.waiting && n.app.requests < operations && isReady(n),
            do(n, here) {
              const op = here.choose(['read', 'cas'] as const)
              if (op === 'read' && here.rule('a get is answered at once', isLocal)) {
                here.emit({ type: 'invoke', op })
                here.emit({ type: 'return', result: n.app.localState })
                return n.set('app', n.app.set('requests', n.app.requests + 1))
              }
              const m = new Operation({ by: here.self, number: n.app.requests, op })
              here.emit(op === 'read' ? { type: 'invoke', op } : { type: 'invoke', op, old: m.old, new: m.new })
              return send(n.set('app', n.app.merge({ requests: n.app.requests + 1, waiting: true })), m, here)
            },
          },
        },
      },
    },
    observers: {
      clients: linearization(casRegister(0)),
      history: isLocal ? operationsOf<CasOperation<number>, number | boolean | undefined>() : nothing,
    },
    properties: {
      /** "Can we implement linearizable compare-and-swap in a distributed system? Yes: total order broadcast to the rescue again!" */
      linearizable: observed('clients', clients => isLocal || kept(clients)),

      /** With gets that are local: one order of all operations, that of each node in it, explains every answer. */
      sequential: observed('history', sequentiallyConsistent(casRegister(0))),

      /** Of compare-and-swaps from one value one succeeds. */
      swapsOnce: always(({ all }: World<StackedRoles<Replica>, string>) => all('node').reduce((sum, { app }) => sum + app.swaps, 0) <= 1),

      /** From now on everybody sees the new value. */
      takesEffect: reachable(observed('clients', ({ configurations }: Linearization) => configurations.every(({ object }) => object === 1))),

      /** A compare-and-swap fails, though its old value was there when it was asked for. */
      answered: reachable(
        some(
          'node',
          n => n.app.requests === operations && !n.app.waiting && n.app.swaps < operations && n.app.localState > 0,
          isBack => isBack,
        ),
      ),
    },
  } satisfies Protocol<StackedRoles<Replica>, Event>
})

export const proofs = [
  {},
  { nodes: 2, operations: 2 },
  { nodes: 2, operations: 2, over: 'lamport' },
  { nodes: 2, over: 'raft', terms: 2 },
  { nodes: 2, operations: 2, gets: 'local' },
] satisfies Proofs<typeof linearizableCas>
