import { List, Record, Set } from 'immutable'
import { crashRecovery, crashStop, duplication, each, eachPair, family, type Id, loss, observed, type Protocol, step } from '../../checker/index.ts'
import type { AnyProtocol, Spec } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { randomFrom } from '../../checker/search/random.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { traceOf } from '../../checker/trace/trace-of.ts'
import { Walker, type WalkStep } from '../../checker/trace/walk.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'

class Courier extends Record({ sent: 0, items: List<number>(), from: Set<Id>(), clock: 0 }) {}
class Depot extends Record({ items: List<number>(), clock: 0 }) {}

type Item = { readonly type: 'Item'; readonly number: number }
type Roles = { courier: { state: Courier; inbox: Item | { readonly type: 'Note' } }; depot: { state: Depot; inbox: Item } }
type Events = { readonly type: 'Got'; readonly number: number }

/** Two couriers and a depot: a bit of everything that a trace may show. */
export const post = family(
  { couriers: 2, itemsMax: 2 },
  ({ couriers, itemsMax }) =>
    ({
      name: 'post',
      source: 'made up',
      network: 'fifo',
      faults: [crashStop('courier', { atMost: 1 }), crashRecovery('courier', { atMost: 1 }), loss({ atMost: 1 }), duplication({ atMost: 1 })],
      roles: {
        courier: {
          count: couriers,
          init: () => new Courier(),
          recover: c => c.set('from', Set()),
          actions: {
            send: {
              when: c => c.sent < itemsMax,
              do(c, { choose, send, nodes }) {
                const number = choose([7, 8])
                send(nodes.courier, { type: 'Item', number })
                send(nodes.depot, { type: 'Item', number })
                return c.set('sent', c.sent + 1)
              },
            },
            note: {
              do(c, { broadcast }) {
                broadcast({ type: 'Note' })
                return c
              },
            },
          },
          on: {
            Item(c, { number }, from, { emit }) {
              emit({ type: 'Got', number })
              return c.merge({ items: c.items.push(number), from: c.from.add(from) })
            },
            Note: c => c,
          },
          within: c => c.items.size <= 3,
        },
        depot: {
          count: 1,
          init: () => new Depot(),
          on: { Item: (d, { number }) => d.set('items', d.items.push(number)) },
        },
      },
      steps: {
        tick: {
          do({ nodes, get, set }) {
            for (const id of nodes.courier) set(id, get(id).set('clock', get(id).clock + 1))
          },
        },
      },
      observers: { heard: { init: List<number>(), on: (heard: List<number>, { number }: Events) => heard.push(number) } },
      properties: {
        fewItems: each(
          'depot',
          d => d.items.size,
          size => size < 2,
        ),
        sameItems: eachPair(
          'courier',
          c => c.items,
          (a, b) => a.isEmpty() || b.isEmpty() || a.first() === b.first(),
        ),
        itemsStay: step('courier', (before, after) => before.from.isSubset(after.from)),
        hearsLittle: observed('heard', (heard: List<number>) => heard.size < 2),
      },
    }) satisfies Protocol<Roles, Events>,
)

export const walkerOf = (protocol: Spec): Walker => new Walker(new System(protocol as AnyProtocol))

/** Takes the steps that are called so (`stepText`), each once. */
export const take = (walker: Walker, names: readonly string[]): readonly WalkStep[] => {
  let state = walker.initial()
  return names.map(name => {
    const possible = walker.successors(state, { idle: true })
    const found = possible.find(({ step }) => stepText(step) === name)
    if (found === undefined) throw new Error(`No step is called ${name}; there is: ${possible.map(({ step }) => stepText(step)).join(' | ')}`)
    state = found.next
    return found
  })
}

/** The execution of these steps, as a trace that is said to violate `property`. */
export const traceBy = (protocol: Spec, property: string, names: readonly string[], more: Partial<Trace> = {}): Trace => {
  const walker = walkerOf(protocol)
  return { ...traceOf(walker.system, property, walker.initial(), take(walker, names)), ...more }
}

/** A random execution of at most `length` steps. */
export const randomWalk = (walker: Walker, length: number, seed: number): readonly WalkStep[] => {
  const random = randomFrom(seed)
  let state = walker.initial()
  const taken: WalkStep[] = []
  while (taken.length < length) {
    const possible = walker.successors(state)
    if (possible.length === 0) break
    const next = possible[random(possible.length)] as WalkStep
    taken.push(next)
    state = next.next
  }
  return taken
}

/** A bit of everything that a trace may show. */
export const everything = traceBy(
  post(),
  'hearsLittle',
  [
    'c1 send, choosing 7',
    'c2 send, choosing 8',
    'Item(number: 7) from c1 to c2 is doubled',
    'tick',
    'c1 receives Item(number: 7) from itself',
    'depot receives Item(number: 8) from c2',
    'c2 crashes and recovers',
    'Item(number: 7) from c1 to depot is lost',
    'c1 crashes',
    'c2 receives Item(number: 7) from c1',
  ],
  { mutant: 'chatty', because: 'A made-up trace, in which there is a bit of everything that a space-time diagram may have to show.' },
)

/** Random executions of two protocols that have little in common. */
export const walks = [1, 2, 3].flatMap(seed =>
  [post(), lamportMutex({ processes: 5, maxClock: 20 })].map(protocol => {
    const walker = walkerOf(protocol)
    return traceOf(walker.system, 'fewItems', walker.initial(), randomWalk(walker, 30, seed))
  }),
)
