import fc from 'fast-check'
import { is, List, Map, Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import {
  type CasOperation,
  casRegister,
  explore,
  type Id,
  kept,
  keyValue,
  linearizableHistory,
  linearization,
  linearize,
  type Operation,
  type OperationEvent,
  observed,
  operations,
  type Protocol,
  reachable,
  register,
  type SequentialObject,
} from '../../checker/index.ts'
import { by, idsOf, permutations, selections, type Told, told } from '../support/judges-support.ts'
import { oracle } from '../support/oracle.ts'

const clients = idsOf('client', 3)
const [p, q, r] = clients as [Id, Id, Id]

/** Both judges of one history; they must agree. */
const judge = <S, O extends Operation, R>(object: SequentialObject<S, O, R>, events: readonly Told<OperationEvent<O, R>>[]) => {
  const explained = linearize(object, told(operations<O, R>(), events))
  const tracked = told(linearization(object), events)
  expect(linearizableHistory(object)(told(operations<O, R>(), events))).toBe(explained.misplaced === null)
  expect(kept(tracked)).toBe(explained.misplaced === null)
  return { explained, tracked, misplaced: tracked.violation }
}

type Cas = OperationEvent<CasOperation<number>, number | boolean | undefined>
const read = { type: 'invoke', op: 'read' } as const
const write = (value: number): Cas => ({ type: 'invoke', op: 'write', value })
const cas = (old: number, next: number): Cas => ({ type: 'invoke', op: 'cas', old, new: next })
const answer = (result: number | boolean): Cas => ({ type: 'return', result })
const done: Cas = { type: 'return' }

describe('a register', () => {
  const verdict = (events: readonly Told<Cas>[]) => judge(casRegister(0), events).misplaced

  test('one client after the other', () => {
    expect(verdict([by(p, write(1)), by(p, done), by(q, read), by(q, answer(1))])).toBeNull()
  })
  test('a stale read: the write had returned before it was invoked', () => {
    const misplaced = verdict([by(p, write(1)), by(p, done), by(q, read), by(q, answer(0))])
    expect(misplaced?.call).toBe(q)
    expect(misplaced?.operation.toObject()).toEqual({ op: 'read' })
    expect(misplaced?.result).toBe(0)
  })
  test('a read at the same time as a write may see either value', () => {
    expect(verdict([by(p, write(1)), by(q, read), by(q, answer(0)), by(p, done)])).toBeNull()
    expect(verdict([by(p, write(1)), by(q, read), by(q, answer(1)), by(p, done)])).toBeNull()
  })
  test('new value first, old value later: the execution of "Linearizability" with quorums and no write-back', () => {
    const misplaced = verdict([by(p, write(1)), by(q, read), by(q, answer(1)), by(r, read), by(r, answer(0)), by(p, done)])
    expect(misplaced?.call).toBe(r)
  })
  test('a read that began before the other one ended may see the old value', () => {
    expect(verdict([by(p, write(1)), by(q, read), by(r, read), by(q, answer(1)), by(r, answer(0)), by(p, done)])).toBeNull()
  })
  test('a write whose client crashed may take effect late or never, but not be undone', () => {
    expect(verdict([by(p, write(1)), by(q, read), by(q, answer(0)), by(q, read), by(q, answer(1))])).toBeNull()
    expect(verdict([by(p, write(1)), by(q, read), by(q, answer(0)), by(q, read), by(q, answer(0))])).toBeNull()
    expect(verdict([by(p, write(1)), by(q, read), by(q, answer(1)), by(q, read), by(q, answer(0))])?.call).toBe(q)
  })
  test('a value that nobody wrote', () => {
    expect(verdict([by(p, write(1)), by(q, read), by(q, answer(2))])?.result).toBe(2)
  })
  test('two writes at once: all later readers agree on the last', () => {
    const writes: readonly Told<Cas>[] = [by(p, write(1)), by(q, write(2)), by(p, done), by(q, done)]
    expect(verdict([...writes, by(r, read), by(r, answer(1)), by(p, read), by(p, answer(1))])).toBeNull()
    expect(verdict([...writes, by(r, read), by(r, answer(2)), by(p, read), by(p, answer(2))])).toBeNull()
    expect(verdict([...writes, by(r, read), by(r, answer(1)), by(p, read), by(p, answer(2))])?.call).toBe(p)
  })
  test('compare-and-swap succeeds once', () => {
    expect(verdict([by(p, cas(0, 1)), by(q, cas(0, 2)), by(p, answer(true)), by(q, answer(false)), by(r, read), by(r, answer(1))])).toBeNull()
    expect(verdict([by(p, cas(0, 1)), by(q, cas(0, 2)), by(p, answer(true)), by(q, answer(true))])?.call).toBe(q)
    expect(verdict([by(p, cas(0, 1)), by(q, cas(0, 2)), by(p, answer(false)), by(q, answer(false))])?.call).toBe(q)
    expect(verdict([by(p, cas(0, 1)), by(p, answer(false))])?.call).toBe(p)
  })
  test('a misplaced operation stays: nothing later mends it', () => {
    expect(verdict([by(p, read), by(p, answer(1)), by(q, write(1)), by(q, done)])?.call).toBe(p)
  })
  test('the order explains the answers', () => {
    const { explained } = judge(casRegister(0), [by(p, write(1)), by(q, read), by(r, read), by(q, answer(1)), by(r, answer(0)), by(p, done)])
    expect(explained.order.map(({ call }) => call)).toEqual([r, p, q])
  })
  test('of a history that is not linearizable, the order explains what came before the misplaced operation', () => {
    const { explained } = judge(casRegister(0), [by(p, write(1)), by(q, read), by(q, answer(1)), by(r, read), by(r, answer(0)), by(p, done)])
    expect(explained.order.map(({ call }) => call)).toEqual([p, q])
  })
  test('a client with several operations under way gives them ids', () => {
    const events: readonly Told<Cas>[] = [
      by(p, { ...write(1), id: 1 }),
      by(p, { ...read, id: 2 }),
      by(p, { type: 'return', id: 2, result: 0 }),
      by(p, { ...read, id: 3 }),
    ]
    expect(verdict([...events, by(p, { type: 'return', id: 3, result: 1 })])).toBeNull()
    expect(is(verdict([...events, by(p, { type: 'return', id: 3, result: 2 })])?.call, List([p, 3]))).toBe(true)
  })
})

describe('other objects', () => {
  test('a key-value store', () => {
    const store = keyValue<string, number>()
    const put = { type: 'invoke', op: 'put', key: 'x', value: 1 } as const
    const get = (key: string) => ({ type: 'invoke', op: 'get', key }) as const
    expect(
      judge(store, [by(p, put), by(p, { type: 'return' }), by(q, get('x')), by(q, { type: 'return', result: 1 }), by(r, get('y')), by(r, { type: 'return' })])
        .misplaced,
    ).toBeNull()
    expect(judge(store, [by(p, put), by(p, { type: 'return' }), by(q, get('x')), by(q, { type: 'return' })]).misplaced?.call).toBe(q)
  })
  test("a queue, the object of Herlihy and Wing's examples: who was enqueued first is dequeued first", () => {
    type QueueOperation = { readonly op: 'enq'; readonly item: string } | { readonly op: 'deq' }
    const queue: SequentialObject<List<string>, QueueOperation, string | undefined> = {
      initial: List(),
      apply: (items, operation) => (operation.op === 'enq' ? [items.push(operation.item), undefined] : [items.shift(), items.first()]),
    }
    const enq = (item: string) => ({ type: 'invoke', op: 'enq', item }) as const
    const deq = { type: 'invoke', op: 'deq' } as const
    const ok = { type: 'return' } as const
    expect(judge(queue, [by(p, enq('x')), by(q, enq('y')), by(q, ok), by(p, ok), by(q, deq), by(q, { type: 'return', result: 'y' })]).misplaced).toBeNull()
    expect(judge(queue, [by(p, enq('x')), by(p, ok), by(q, enq('y')), by(p, deq), by(q, ok), by(p, { type: 'return', result: 'y' })]).misplaced?.call).toBe(p)
  })
})

describe('what the observer remembers', () => {
  const state = (events: readonly Told<Cas>[]) => told(linearization(casRegister(0)), events)

  test('with no call under way: the values that the register may have', () => {
    const oneWay = state([by(p, write(1)), by(q, write(2)), by(p, done), by(q, done)])
    const otherWay = state([
      by(q, write(2)),
      by(p, write(1)),
      by(q, done),
      by(p, done),
      by(r, read),
      by(r, answer(2)),
      by(r, write(1)),
      by(p, write(2)),
      by(p, done),
      by(r, done),
    ])
    expect(
      oneWay.configurations
        .map(({ object }) => object)
        .toArray()
        .sort(),
    ).toEqual([1, 2])
    expect(is(oneWay, otherWay)).toBe(true)
    expect(is(state([by(p, write(1)), by(p, done)]), state([by(p, write(2)), by(p, done), by(q, write(1)), by(q, done)]))).toBe(true)
  })
  test('a configuration that comes of another by further effects is left out', () => {
    const after = state([by(p, write(1)), by(q, read), by(q, answer(0))])
    expect(after.configurations.size).toBe(1)
    // The write of 1 before or after the one of 0: the value 0 with p's write to come, or done already and overwritten.
    const both = state([by(p, write(1)), by(q, write(0)), by(q, done)])
    expect(
      both.configurations
        .map(({ object, done: effects }) => `${object}${effects.has(p) ? ' done' : ''}`)
        .toArray()
        .sort(),
    ).toEqual(['0', '0 done'])
  })
  test('the violation and nothing else', () => {
    const violated = state([by(q, write(1)), by(p, read), by(p, answer(7))])
    expect(violated.pending.isEmpty() && violated.configurations.isEmpty()).toBe(true)
    expect(is(state([by(p, read), by(p, answer(7))]), violated)).toBe(true)
  })
})

describe('histories that are none', () => {
  const wrong: readonly (readonly [string, RegExp, readonly Told<Cas>[]])[] = [
    ['a second operation without an id', /INVOKED TWICE.*\n.*c1/, [by(p, read), by(p, write(1)), by(p, done)]],
    ['a return without its invocation', /RETURN WITHOUT INVOKE.*\n.*c2/, [by(p, read), by(q, answer(0))]],
    ['a second return', /RETURN WITHOUT INVOKE/, [by(p, read), by(p, answer(0)), by(p, answer(0))]],
  ]
  test.each(wrong)('%s', (_, error, events) => {
    expect(() => told(linearization(casRegister(0)), events)).toThrow(error)
    expect(() => linearize(casRegister(0), told(operations(), events))).toThrow(error)
  })
})

describe('random histories', () => {
  const operationOf = (number: number): CasOperation<number> =>
    number < 3 ? { op: 'read' } : number < 6 ? { op: 'write', value: number - 3 } : { op: 'cas', old: number % 2, new: 2 }

  /** What a client does in its turn, according to where it is: begins an operation, lets it take effect, returns (with the true answer, or a lie). */
  const turn = fc.record({ client: fc.nat(2), operation: fc.nat(7), lie: fc.option(fc.constantFrom<number | boolean>(0, 1, 2, true, false), { freq: 8 }) })

  const play = (turns: readonly (typeof turn extends fc.Arbitrary<infer T> ? T : never)[]): readonly Told<Cas>[] => {
    const object = casRegister(0)
    const underWay = new globalThis.Map<Id, { readonly operation: CasOperation<number>; readonly result?: number | boolean | undefined }>()
    let value = object.initial
    return turns.flatMap(({ client, operation, lie }): readonly Told<Cas>[] => {
      const id = clients[client] as Id
      const call = underWay.get(id)
      if (call === undefined) {
        underWay.set(id, { operation: operationOf(operation) })
        return [[id, { ...operationOf(operation), type: 'invoke' }]]
      }
      if (!('result' in call)) {
        const [next, result] = object.apply(value, call.operation)
        value = next
        underWay.set(id, { ...call, result })
        return []
      }
      underWay.delete(id)
      return [[id, { type: 'return', result: lie === null || call.operation.op === 'write' ? call.result : lie }]]
    })
  }
  const history = fc.array(turn, { maxLength: 15, size: 'max' }).map(play)

  interface Interval {
    readonly operation: CasOperation<number>
    readonly result?: unknown
    readonly invoked: number
    readonly returned: number
  }

  const intervalsOf = (events: readonly Told<Cas>[]): readonly Interval[] =>
    events.flatMap(([client, event], invoked) => {
      if (event.type === 'return') return []
      const { type, ...operation } = event
      const after = events.findIndex(([by, { type: kind }], i) => i > invoked && by === client && kind === 'return')
      const returns = events[after]?.[1]
      return [{ operation, invoked, returned: returns === undefined ? Infinity : after, ...(returns?.type === 'return' ? { result: returns.result } : {}) }]
    })

  /** The definition, word for word: some completion of the history has a legal sequential order that respects real time. */
  const explains = (order: readonly Interval[]): boolean => {
    const { initial, apply } = casRegister(0)
    const inTime = order.every((late, i) => order.slice(0, i).every(early => late.returned > early.invoked))
    let value = initial
    return (
      inTime &&
      order.every(({ operation, result, returned }) => {
        const [next, right] = apply(value, operation)
        value = next
        return returned === Infinity || right === result
      })
    )
  }
  const bruteForce = (events: readonly Told<Cas>[]): boolean => {
    const intervals = intervalsOf(events)
    const open = intervals.filter(({ returned }) => returned === Infinity)
    const complete = intervals.filter(({ returned }) => returned !== Infinity)
    return selections(open).some(some => permutations([...complete, ...some]).some(explains))
  }

  test('search, observer and brute force agree, on the operation that has no place too', () => {
    const seen = { linearizable: 0, not: 0 }
    fc.assert(
      fc.property(history, events => {
        const { explained, misplaced } = judge(casRegister(0), events)
        seen[misplaced === null ? 'linearizable' : 'not']++
        expect(misplaced === null).toBe(bruteForce(events))
        expect(is(explained.misplaced?.call, misplaced?.call ?? undefined)).toBe(true)
        expect(explained.misplaced?.result).toBe(misplaced?.result)
        if (misplaced === null) return
        // The first return with which the history has no order is that of the misplaced operation.
        const end = events.findIndex((_, i) => !bruteForce(events.slice(0, i + 1)))
        expect(events[end]).toEqual([misplaced.call, { type: 'return', result: misplaced.result }])
      }),
      { numRuns: 400 },
    )
    expect(Math.min(seen.linearizable, seen.not)).toBeGreaterThan(40)
  })

  test('the order that is found is one by the definition', () => {
    fc.assert(
      fc.property(history, events => {
        const { order, misplaced } = linearize(casRegister(0), told(operations<CasOperation<number>, number | boolean | undefined>(), events))
        if (misplaced !== null) return
        const intervals = intervalsOf(events)
        // Which interval each placed operation is: the next one of its client.
        const rest = intervals.map(interval => ({ interval, client: events[interval.invoked]?.[0] }))
        const placed = order.map(
          ({ call }) =>
            rest.splice(
              rest.findIndex(({ client }) => client === call),
              1,
            )[0]?.interval as Interval,
        )
        expect(explains(placed)).toBe(true)
        expect(rest.every(({ interval }) => interval.returned === Infinity)).toBe(true)
      }),
    )
  })

  test('the order of two returns in a row, or of two invocations, leaves no mark on the observer', () => {
    let swaps = 0
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        const places = events.flatMap(([by, { type }], i) => (type === events[i + 1]?.[1].type && by !== events[i + 1]?.[0] ? [i] : []))
        const place = places[seed % places.length]
        if (place === undefined) return
        const swapped = events.with(place, events[place + 1] as Told<Cas>).with(place + 1, events[place] as Told<Cas>)
        const [one, other] = [events, swapped].map(order => told(linearization(casRegister(0)), order))
        expect(kept(one as never)).toBe(kept(other as never))
        if (!kept(one as never)) return
        swaps++
        expect(is(one, other)).toBe(true)
      }),
      { numRuns: 400 },
    )
    expect(swaps).toBeGreaterThan(40)
  })
})

describe('in a protocol', () => {
  /** Two replicas of a register, and a client each: a write goes to the other replica behind the client's back. */
  class Replica extends Record({ value: 0, asked: false }) {}
  type Roles = { replica: { state: Replica; inbox: { readonly type: 'Write'; readonly value: number } } }
  type Events = OperationEvent<{ readonly op: 'read' } | { readonly op: 'write'; readonly value: number }, number | undefined>

  const replicas = (atOnce: boolean) =>
    ({
      name: 'replicas',
      source: 'this test',
      network: 'reliable',
      roles: {
        replica: {
          count: 2,
          init: () => new Replica(),
          actions: {
            write: {
              when: node => !node.asked,
              do(node, { broadcast, emit }) {
                emit({ type: 'invoke', op: 'write', value: 1 })
                broadcast({ type: 'Write', value: 1 })
                if (atOnce) emit({ type: 'return' })
                return node.merge({ value: 1, asked: true })
              },
            },
            read: {
              when: node => !node.asked,
              do(node, { emit }) {
                emit({ type: 'invoke', op: 'read' })
                emit({ type: 'return', result: node.value })
                return node.set('asked', true)
              },
            },
          },
          on: { Write: (node, { value }) => node.set('value', value) },
        },
      },
      observers: { clients: linearization(register(0)) },
      properties: {
        linearizable: observed('clients', kept),
        oneMayRead: reachable(
          observed('clients', ({ configurations }: { configurations: Iterable<{ object: unknown }> }) =>
            [...configurations].some(({ object }) => object === 1),
          ),
        ),
      },
    }) satisfies Protocol<Roles, Events>

  test('a write that returns before it has arrived is not linearizable: write here, read there', async () => {
    const found = oracle(replicas(true) as never)
    expect(found.properties['linearizable']).toEqual({ verdict: 'violated', length: 2 })
    expect(found.properties['oneMayRead']?.verdict).toBe('holds')
    const report = await explore(replicas(true))
    expect([report.verdict, report.property, report.counterexample?.steps.map(({ name }) => name)]).toEqual(['violated', 'linearizable', ['write', 'read']])
    expect(report.counterexample?.steps.at(-1)?.observers['clients']).toMatchObject({ violation: { call: { $id: 'r2' }, result: 0 } })
  })
  test('a write that never returns is', async () => {
    expect(oracle(replicas(false) as never).properties['linearizable']?.verdict).toBe('holds')
    expect(await explore(replicas(false))).toMatchObject({ verdict: 'holds', complete: true, reductions: expect.arrayContaining(['symmetry']) })
  })
  test('its types: an operation that the object lacks, and an argument of another type, do not compile', () => {
    const emit = (event: Events): string => event.type
    // @ts-expect-error a register has no such operation
    emit({ type: 'invoke', op: 'increment' })
    // @ts-expect-error a write writes a number
    emit({ type: 'invoke', op: 'write', value: 'one' })
    expect(Map(register(0).initial === 0 ? [['read', emit({ type: 'invoke', op: 'read' })]] : []).get('read')).toBe('invoke')
  })
})
