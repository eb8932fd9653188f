/**
 * Log-based replication of a virtual machine: the backup replays what was not deterministic at the primary, and the world outside sees no output that the backup does not know of.
 * Lecture Primary-Backup, slides "Log-based VM replication" (steps 1 and 2), "The problem of inconsistency", "FT protocol".
 */
import { List, Record } from 'immutable'
import {
  canAlways,
  crashStop,
  each,
  eachPair,
  family,
  type Id,
  isPrefix,
  kept,
  type Observer,
  observed,
  type Proofs,
  type Protocol,
  reachable,
  some,
} from '../../checker/index.ts'

/** What a machine is in the course of: an input event, the result of an instruction that is not deterministic (a time stamp counter, say), or an output. */
export class Event extends Record({ kind: 'input' as 'input' | 'instruction' | 'output', value: 0 }) {}

class Machine extends Record({
  role: 'backup' as 'primary' | 'backup',
  history: List<Event>(), // all that made its state what it is: an output is a function of what was before it
  alone: false, // no other machine is left
  released: 0, // of the primary: how much of it is done with, outputs included
}) {}

type Roles = { machine: { state: Machine; inbox: { readonly type: 'Log'; readonly event: Event } | { readonly type: 'Ack'; readonly size: number } } }

/** The world outside sees an output, and so what it came of. */
type Output = { readonly type: 'output'; readonly history: List<Event> }

/** Hears outputs: whether all are outputs, and those of one machine, and how many came again. */
export class Outside extends Record({ seen: List<Event>(), again: 0, violation: null as List<Event> | null }) {}

const outside: Observer<Output, Outside> = {
  init: new Outside(),
  on(o, { history }) {
    if (o.violation !== null) return o
    if (history.last()?.kind !== 'output') return o.set('violation', history)
    if (isPrefix(history, o.seen)) return o.set('again', 1)
    return isPrefix(o.seen, history) ? o.set('seen', history) : o.set('violation', history)
  },
}

/** Outputs leave the machine as far as `upTo`. */
const released = (m: Machine, upTo: number, emit: (event: Output) => void): Machine => {
  for (let i = m.released; i < upTo; i++) if (m.history.get(i)?.kind === 'output') emit({ type: 'output', history: m.history.take(i + 1) })
  return m.set('released', Math.max(m.released, upTo))
}

/** Bounds: so many `events` in all. The primary may fail; that it has, and who goes on, is told by a view service or the shared disk. */
export const vmReplication = family({ events: 3 }, ({ events }) => {
  const isFirst = (self: Id<'machine'>) => self.rank === 0
  return {
    name: 'vm-replication',
    source: 'Lecture Primary-Backup, slides Log-based VM replication, The problem of inconsistency, FT protocol',
    network: 'fifo', // the logging channel
    faults: [crashStop('machine', { atMost: 1 })],
    roles: {
      machine: {
        count: 2,
        names: ['primary', 'backup'],
        init: ({ self }) => new Machine({ role: isFirst(self) ? 'primary' : 'backup' }),
        actions: {
          // Step 1: "log results of input events", and "of non-deterministic instructions"; step 2: "send log entries to the backup". "Primary logs each output operation."
          run: {
            when: m => m.role === 'primary' && m.history.size < events,
            do(m, { choose, broadcast, rule, emit }) {
              const kind = choose(['input', 'instruction', 'output'] as const)
              const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })
              broadcast({ type: 'Log', event })
              const next = m.set('history', m.history.push(event))
              // "Delays any output until backup acknowledges it."
              return m.alone || rule('the backup has acknowledged it', false) ? released(next, next.history.size, emit) : next
            },
          },
        },
        on: {
          // Step 2: the backup "replays the log entries": "same input", "same non-deterministic instruction result".
          Log(m, { event }, from, { send }) {
            if (m.role === 'primary') return m
            const history = m.history.push(event)
            send(from, { type: 'Ack', size: history.size })
            return m.merge({ history })
          },
          Ack: (m, { size }, _, { emit }) => (m.role === 'primary' ? released(m, size, emit) : m),
        },
      },
    },
    steps: {
      // "Primary fails": the backup goes on from where the log ends. It "can restart execution at an output event": it does not know which outputs the world has seen.
      // If the backup fails, the primary goes on alone.
      goOn: {
        when: ({ nodes, crashed, get }) => nodes.machine.some(crashed) && nodes.machine.some(id => !crashed(id) && !get(id).alone),
        do({ nodes, crashed, get, set, emit }) {
          for (const id of nodes.machine)
            if (!crashed(id))
              set(
                id,
                released(get(id).merge({ role: 'primary', alone: true }), get(id).history.size, event => emit(id, event)),
              )
        },
      },
    },
    observers: { outside },
    properties: {
      /** After a failover the outside world cannot tell: all outputs are those of one machine. */
      oneMachine: observed('outside', kept),

      /** No two that are up take themselves for the primary. */
      onePrimary: eachPair(
        'machine',
        (m, { crashed }) => !crashed && m.role === 'primary',
        (a, b) => !(a && b),
      ),

      /** The backup is in a state that the primary was in. */
      replays: eachPair(
        'machine',
        m => m,
        (a, b) => a.role !== 'primary' || b.role !== 'backup' || isPrefix(b.history, a.history),
      ),

      /** "Output never contradicts the backup": what was released, the backup has. */
      knowsOutputs: eachPair(
        'machine',
        (m, { crashed }) => ({ crashed, role: m.role, history: m.history, released: m.history.take(m.released) }),
        (a, b) => a.role !== 'primary' || b.role !== 'backup' || b.crashed || isPrefix(a.released, b.history),
      ),

      /** Outputs are late, but none is lost: it stays possible that all have left. */
      outputsLeave: canAlways(
        each(
          'machine',
          (m, { crashed }) => crashed || m.role === 'backup' || m.released === m.history.size,
          isDone => isDone,
        ),
      ),

      /** Whatever fails, there can be a primary. */
      goesOn: canAlways(
        some(
          'machine',
          ({ role }, { crashed }) => !crashed && role === 'primary',
          isUp => isUp,
        ),
      ),

      /** All has left while both machines run. */
      leaves: reachable(
        some(
          'machine',
          m => m,
          m => !m.alone && m.released >= events && m.history.some(({ kind }) => kind === 'output'),
        ),
      ),

      /** The backup has taken over, and gone on to an output. */
      takesOver: reachable(
        each(
          'machine',
          (m, { crashed }) => crashed || (m.released >= events && m.history.take(m.released).some(({ kind }) => kind === 'output')),
          isDone => isDone,
        ),
      ),
    },
  } satisfies Protocol<Roles, Output>
})

export const proofs = [{}] satisfies Proofs<typeof vmReplication>
