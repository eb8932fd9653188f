import fc from 'fast-check'
import { is, List, Set } from 'immutable'
import { describe, expect, test } from 'vitest'
import {
  agreement,
  arePrefixConsistent,
  causalOrder,
  type DeliveryEvent,
  deliveries,
  fifoOrder,
  type Id,
  isPrefix,
  kept,
  noCreation,
  noDuplication,
  totalOrder,
  validity,
} from '../../checker/index.ts'
import { idsOf, type Told, told } from '../support/judges-support.ts'

const nodes = idsOf('node', 3)
const [A, B, C] = nodes as [Id, Id, Id]

type Event = Told<DeliveryEvent<string>>
const broadcast = (node: Id, message: string): Event => [node, { type: 'broadcast', message }]
const deliver = (node: Id, ...messages: readonly string[]): readonly Event[] => messages.map(message => [node, { type: 'deliver', message }])

const judge = (events: readonly Event[]) => {
  const all = told(deliveries(), events)
  return {
    fifo: kept(told(fifoOrder(), events)),
    causal: kept(told(causalOrder(), events)),
    total: kept(told(totalOrder(), events)),
    created: !noCreation(all),
    duplicated: !noDuplication(all),
  }
}

describe('the examples of the slides', () => {
  // A broadcasts m1 and then m3; B, once it has delivered m1, broadcasts m2.
  const sent: readonly Event[] = [broadcast(A, 'm1'), ...deliver(A, 'm1'), ...deliver(B, 'm1'), broadcast(B, 'm2'), broadcast(A, 'm3')]
  const judgeAt = (...order: readonly string[]) => judge([...sent, ...deliver(C, ...order)])

  test('FIFO broadcast: the valid orders are those with m1 before m3', () => {
    const orders = [
      ['m2', 'm1', 'm3'],
      ['m1', 'm2', 'm3'],
      ['m1', 'm3', 'm2'],
      ['m3', 'm1', 'm2'],
      ['m2', 'm3', 'm1'],
      ['m3', 'm2', 'm1'],
    ] as const
    expect(orders.map(order => judgeAt(...order).fifo)).toEqual([true, true, true, false, false, false])
  })
  test('causal broadcast: the valid orders are those that begin with m1', () => {
    const orders = [
      ['m1', 'm2', 'm3'],
      ['m1', 'm3', 'm2'],
      ['m2', 'm1', 'm3'],
      ['m3', 'm1', 'm2'],
      ['m2', 'm3', 'm1'],
      ['m3', 'm2', 'm1'],
    ] as const
    expect(orders.map(order => judgeAt(...order).causal)).toEqual([true, true, false, false, false, false])
  })
  test('total order: all nodes deliver in one order, whichever', () => {
    const rest = (order: readonly string[]) => nodes.flatMap(node => deliver(node, ...order))
    const all = ['m1', 'm2', 'm3'].map(message => broadcast(A, message))
    expect(judge([...all, ...rest(['m2', 'm3', 'm1'])]).total).toBe(true)
    expect(judge([...all, ...deliver(A, 'm1', 'm2'), ...deliver(B, 'm2', 'm1')]).total).toBe(false)
    expect(judge([...all, ...deliver(A, 'm1', 'm2', 'm3'), ...deliver(B, 'm3'), ...deliver(C, 'm1'), ...deliver(B, 'm1')]).total).toBe(false)
    expect(judge([...all, ...deliver(A, 'm1', 'm2', 'm3'), ...deliver(B, 'm1', 'm3')]).total).toBe(true)
  })
})

describe('what a violation says', () => {
  test('fifo: which message was too early, where, and what was missing', () => {
    const { violation } = told(fifoOrder(), [broadcast(A, 'm1'), broadcast(A, 'm2'), broadcast(A, 'm3'), ...deliver(B, 'm3')])
    expect([violation?.at, violation?.message]).toEqual([B, 'm3'])
    expect(is(violation?.missing, Set(['m2', 'm1']))).toBe(true)
  })
  test('total: against which delivery of which node', () => {
    const events = [...deliver(A, 'm1', 'm2'), ...deliver(C, 'm1', 'm2'), ...deliver(B, 'm2', 'm1')]
    const { violation } = told(totalOrder(), events)
    expect([violation?.at, violation?.message]).toEqual([B, 'm1'])
    expect(is(violation?.against, Set([List([A, 'm2']), List([C, 'm2'])]))).toBe(true)
  })
  test('creation and duplication: the first of each, and one does not hide the other', () => {
    const state = told(deliveries(), [broadcast(A, 'm1'), ...deliver(B, 'm2', 'm3'), ...deliver(C, 'm1', 'm1', 'm3', 'm3')])
    expect([state.created?.at, state.created?.message, state.duplicated?.at, state.duplicated?.message]).toEqual([B, 'm2', C, 'm1'])
  })
  test('it stays, alone', () => {
    const order = told(causalOrder(), [broadcast(A, 'm1'), broadcast(A, 'm2'), ...deliver(B, 'm2', 'm1'), broadcast(B, 'm3')])
    expect(kept(order) || !order.delivered.isEmpty() || !order.broadcast.isEmpty()).toBe(false)
    const total = told(totalOrder(), [...deliver(A, 'm1', 'm2'), ...deliver(B, 'm2', 'm1', 'm3')])
    expect(kept(total) || !total.delivered.isEmpty()).toBe(false)
  })
})

describe('single rules', () => {
  test('a message is created if it is delivered before it is broadcast', () => {
    expect(judge([...deliver(B, 'm1'), broadcast(A, 'm1')]).created).toBe(true)
    expect(judge([broadcast(A, 'm1'), ...deliver(B, 'm1')]).created).toBe(false)
  })
  test('a message is duplicated if one node delivers it twice, not if two do', () => {
    expect(judge([broadcast(A, 'm1'), ...deliver(B, 'm1'), ...deliver(C, 'm1')]).duplicated).toBe(false)
    expect(judge([broadcast(A, 'm1'), ...deliver(B, 'm1'), ...deliver(C, 'm1'), ...deliver(B, 'm1')]).duplicated).toBe(true)
  })
  test('a second delivery is no matter of any order', () => {
    const { fifo, causal, total } = judge([broadcast(A, 'm1'), broadcast(A, 'm2'), ...deliver(B, 'm1', 'm2', 'm1'), ...deliver(C, 'm1', 'm2')])
    expect([fifo, causal, total]).toEqual([true, true, true])
  })
  test('the sender too delivers its own messages in their order', () => {
    expect(judge([broadcast(A, 'm1'), broadcast(A, 'm2'), ...deliver(A, 'm2', 'm1')])).toMatchObject({ fifo: false, causal: false })
  })
  test('received and not yet delivered is no cause', () => {
    expect(judge([broadcast(A, 'm1'), broadcast(B, 'm2'), ...deliver(B, 'm1'), ...deliver(C, 'm2', 'm1')]).causal).toBe(true)
  })
  test('agreement and validity, among the nodes that count', () => {
    const state = told(deliveries(), [broadcast(A, 'm1'), ...deliver(B, 'm1'), ...deliver(C, 'm1')])
    expect(agreement(state, [B, C])).toBe(true)
    expect(agreement(state, [A, B])).toBe(false)
    expect(agreement(state, [B, A])).toBe(false)
    expect(agreement(state, [])).toBe(true)
    expect(validity(state, [B, C])).toBe(true)
    expect(validity(state, [A])).toBe(false)
    expect(validity(told(deliveries(), [broadcast(A, 'm1'), ...deliver(A, 'm1')]), nodes)).toBe(true)
  })
  test.each([
    ['fifoOrder', fifoOrder()],
    ['causalOrder', causalOrder()],
    ['deliveries', deliveries()],
  ])('%s wants messages that can be told apart', (_, observer) => {
    expect(() => told(observer as ReturnType<typeof deliveries>, [broadcast(A, 'm1'), broadcast(B, 'm1')])).toThrow(/BROADCAST TWICE.*\n.*m1/)
  })
})

describe('random executions, against the definitions', () => {
  const messages = ['m1', 'm2', 'm3', 'm4'] as const
  const step = fc.record({ node: fc.nat(2), deliver: fc.boolean(), message: fc.nat(20) })

  /** Broadcasts of new messages, deliveries of old ones; now and then a delivery of anything, if so asked. */
  const executions = ({ wild }: { readonly wild: boolean }) =>
    fc.array(step, { minLength: 3, maxLength: 16, size: 'max' }).map(steps => {
      const events: Event[] = []
      for (const { node, deliver: delivers, message } of steps) {
        const self = nodes[node] as Id
        const old = events.flatMap(([, event]) => (event.type === 'broadcast' ? [event.message] : []))
        const next = messages[old.length]
        if (!delivers && next !== undefined) events.push(broadcast(self, next))
        else if (wild) events.push([self, { type: 'deliver', message: messages[message % 4] as string }])
        else {
          // Mostly the oldest message that is still to come, so that right orders are not rare.
          const had = events.filter(([by, { type }]) => by === self && type === 'deliver').map(([, event]) => event.message)
          const due = old.filter(one => !had.includes(one))
          const chosen = due[message < 14 ? 0 : message % due.length]
          if (chosen !== undefined) events.push([self, { type: 'deliver', message: chosen }])
        }
      }
      return events
    })

  /** Where in the execution a node first delivers a message; -1 if it does not. */
  const deliveredAt = (events: readonly Event[], node: Id, message: string) =>
    events.findIndex(([by, event]) => by === node && event.type === 'deliver' && event.message === message)
  const broadcastAt = (events: readonly Event[], message: string) => events.findIndex(([, event]) => event.type === 'broadcast' && event.message === message)

  /** a → b of all events: same node and earlier, broadcast and delivery of one message, and transitively. */
  const happensBefore = (events: readonly Event[]) => {
    const before = events.map(([by, event], i) =>
      events.map(([other, later], j) => i < j && (by === other || (event.type === 'broadcast' && later.type === 'deliver' && event.message === later.message))),
    )
    for (const k of events.keys())
      for (const i of events.keys()) for (const j of events.keys()) if (before[i]?.[k] && before[k]?.[j]) (before[i] as boolean[])[j] = true
    return (i: number, j: number) => before[i]?.[j] === true
  }

  /** If broadcast(m1) → broadcast(m2), then m1 is delivered before m2 wherever m2 is. */
  const ordered = (events: readonly Event[], sameSender: boolean) => {
    const before = happensBefore(events)
    return messages.every(m1 =>
      messages.every(m2 => {
        const [i, j] = [broadcastAt(events, m1), broadcastAt(events, m2)]
        if (!before(i, j) || (sameSender && events[i]?.[0] !== events[j]?.[0])) return true
        return nodes.every(node => {
          const [first, second] = [deliveredAt(events, node, m1), deliveredAt(events, node, m2)]
          return second === -1 || (first !== -1 && first < second)
        })
      }),
    )
  }
  const sameOrder = (events: readonly Event[]) =>
    nodes.every(n1 =>
      nodes.every(n2 =>
        messages.every(m1 =>
          messages.every(m2 => {
            const places = [deliveredAt(events, n1, m1), deliveredAt(events, n1, m2), deliveredAt(events, n2, m1), deliveredAt(events, n2, m2)] as const
            return places.includes(-1) || places[0] < places[1] === places[2] < places[3]
          }),
        ),
      ),
    )

  const agree = (runs: fc.Arbitrary<Event[]>, ours: (events: readonly Event[]) => boolean, definition: (events: readonly Event[]) => boolean) => {
    const seen = { yes: 0, no: 0 }
    fc.assert(
      fc.property(runs, events => {
        const verdict = ours(events)
        seen[verdict ? 'yes' : 'no']++
        expect(verdict).toBe(definition(events))
      }),
      { numRuns: 400 },
    )
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(15)
  }

  test('FIFO', () =>
    agree(
      executions({ wild: false }),
      events => judge(events).fifo,
      events => ordered(events, true),
    ))
  test('causal', () =>
    agree(
      executions({ wild: false }),
      events => judge(events).causal,
      events => ordered(events, false),
    ))
  test('total', () => agree(executions({ wild: true }), events => judge(events).total, sameOrder))
  test('no creation', () =>
    agree(
      executions({ wild: true }),
      events => !judge(events).created,
      events =>
        events.every(
          ([, event], i) => event.type === 'broadcast' || events.slice(0, i).some(([, { type, message }]) => type === 'broadcast' && message === event.message),
        ),
    ))
  test('no duplication', () =>
    agree(
      executions({ wild: true }),
      events => !judge(events).duplicated,
      events => events.every(([by, event], i) => event.type === 'broadcast' || deliveredAt(events, by, event.message) === i),
    ))
  test('causal implies FIFO', () => {
    fc.assert(fc.property(executions({ wild: false }), events => !judge(events).causal || judge(events).fifo))
  })
})

describe('logs', () => {
  const logs = fc.array(fc.constantFrom('x', 'y'), { maxLength: 4 }).map(entries => List(entries))

  test('isPrefix, by hand', () => {
    expect(isPrefix(List(), List())).toBe(true)
    expect(isPrefix(List(['x']), List(['x', 'y']))).toBe(true)
    expect(isPrefix(List(['x', 'y']), List(['x']))).toBe(false)
    expect(isPrefix(List(['y']), List(['x', 'y']))).toBe(false)
    expect(isPrefix(List([undefined]), List())).toBe(false)
    expect(isPrefix(List([List([1])]), List([List([1]), List([2])]))).toBe(true)
  })
  test('arePrefixConsistent, by hand', () => {
    expect(arePrefixConsistent(List(['x', 'y']), List(['x']))).toBe(true)
    expect(arePrefixConsistent(List(['x', 'y']), List(['x', 'x', 'y']))).toBe(false)
  })
  test('against the definition: a prefix of b is what b begins with', () => {
    fc.assert(
      fc.property(logs, logs, (a, b) => {
        const prefix = Array.from({ length: b.size + 1 }, (_, length) => b.take(length)).some(beginning => is(beginning, a))
        expect(isPrefix(a, b)).toBe(prefix)
        expect(arePrefixConsistent(a, b)).toBe(isPrefix(a, b) || isPrefix(b, a))
      }),
    )
  })
})
