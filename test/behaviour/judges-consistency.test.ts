/** The judges of sequential and causal consistency, and of session guarantees, against brute force by their definitions. */
import fc from 'fast-check'
import { is, Set } from 'immutable'
import { describe, expect, test } from 'vitest'
import {
  causallyConsistent,
  type Id,
  linearizableHistory,
  monotonicReads,
  monotonicWrites,
  type OperationEvent,
  operations,
  type RegisterOperation,
  readYourWrites,
  register,
  type SessionEvent,
  type Sessions,
  sequentiallyConsistent,
  sessions,
  writesFollowReads,
} from '../../checker/index.ts'
import { by, idsOf, permutations, selections, type Told, told } from '../support/judges-support.ts'

const clients = idsOf('client', 3)
const [p, q, r] = clients as [Id, Id, Id]

/** What a client did: it wrote a value, or read one; with when it began and ended, in a history in which nobody does two things at a time. */
interface Done {
  readonly client: Id
  readonly write: boolean
  readonly value: number
  readonly began: number
  readonly ended: number
}

const historyOf = (all: readonly Done[]) => {
  const at = (end: 'began' | 'ended') => all.filter(one => one[end] < Infinity).map(one => ({ time: one[end], end, one }))
  const events = [...at('began'), ...at('ended')].sort((a, b) => a.time - b.time)
  type Event = OperationEvent<RegisterOperation<number>, number | undefined>
  return told(
    operations<RegisterOperation<number>, number | undefined>(),
    events.map(({ end, one: { client, write, value } }) =>
      end === 'began'
        ? by<Event>(client, write ? { type: 'invoke', op: 'write', value } : { type: 'invoke', op: 'read' })
        : by<Event>(client, write ? { type: 'return' } : { type: 'return', result: value }),
    ),
  )
}

/** Does each read, of those that are judged, answer the last value written before it? */
const explains = (order: readonly Done[], isJudged: (one: Done) => boolean): boolean =>
  order.every((one, i) => one.write || !isJudged(one) || one.value === (order.slice(0, i).findLast(({ write }) => write)?.value ?? 0))

const keeps = (order: readonly Done[], precedes: (a: Done, b: Done) => boolean): boolean =>
  order.every((one, i) => order.slice(i + 1).every(later => !precedes(later, one)))

const mine = (a: Done, b: Done): boolean => a.client === b.client && a.ended < b.began

/** One order of all that ended, and some of the rest. */
const isSequential = (all: readonly Done[]): boolean =>
  selections(all.filter(({ ended }) => ended === Infinity)).some(taken => {
    const some = all.filter(one => one.ended < Infinity || taken.includes(one))
    return permutations(some).some(order => keeps(order, mine) && explains(order, ({ ended }) => ended < Infinity))
  })

const isCausal = (all: readonly Done[]): boolean => {
  const direct = (a: Done, b: Done) => mine(a, b) || (a.write && !b.write && b.ended < Infinity && a.value === b.value)
  /** A way from one to another, by depth-first search. */
  const leadsTo = (a: Done, b: Done, on: readonly Done[] = []): boolean =>
    all.some(next => direct(a, next) && !on.includes(next) && (next === b || leadsTo(next, b, [...on, next])))
  return clients.every(client => {
    const seen = all.filter(one => one.write || (one.client === client && one.ended < Infinity))
    return permutations(seen).some(order => keeps(order, (a, b) => leadsTo(a, b)) && explains(order, one => one.client === client))
  })
}

/** Up to five operations of three clients; each write has its number for a value, and reads answer any. */
const operation = fc.tuple(fc.constantFrom(0, 0, 1, 1, 2), fc.boolean(), fc.constantFrom(0, 1, 1, 2, 2), fc.nat(9), fc.boolean())
const answers = fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2), fc.constantFrom(0, 1, 2))

/** Two write, and then read; and perhaps a third. */
const crossed = answers.map(([a, b, c]): [number, boolean, number, number, boolean][] => [
  [0, true, 0, 1, true],
  [1, true, 0, 1, true],
  [0, false, a, 1, true],
  [1, false, b, 1, true],
  [2, false, c, 1, true],
])

const history: fc.Arbitrary<readonly Done[]> = fc
  .oneof({ arbitrary: fc.array(operation, { minLength: 3, maxLength: 5 }), weight: 5 }, { arbitrary: crossed, weight: 1 })
  .map(drawn => {
    let written = 0
    const free = new globalThis.Map<number, number>()
    return drawn.flatMap(([client, write, value, lasts, ends], i): Done[] => {
      const began = Math.max(i * 4, (free.get(client) ?? 0) + 0.25) + client / 8
      if (began === Infinity) return []
      const ended = ends || lasts < 7 ? began + lasts + 0.5 + i / 64 : Infinity
      free.set(client, ended)
      return [{ client: clients[client] as Id, write, value: write ? ++written : value, began: began, ended }]
    })
  })

describe('histories', () => {
  const judged = (all: readonly Done[]) => ({
    sequential: sequentiallyConsistent(register(0))(historyOf(all)),
    causal: causallyConsistent(register(0))(historyOf(all)),
  })

  test('what the definitions say, each by trying all orders', () => {
    const counts = { sequential: 0, causal: 0, neither: 0 }
    fc.assert(
      fc.property(history, all => {
        const expected = { sequential: isSequential(all), causal: isCausal(all) }
        expect(judged(all)).toEqual(expected)
        if (linearizableHistory(register(0))(historyOf(all))) expect(expected.sequential).toBe(true)
        if (expected.sequential) expect(expected.causal).toBe(true)
        counts[expected.sequential ? 'sequential' : expected.causal ? 'causal' : 'neither']++
      }),
      { numRuns: 300, seed: 20_261_128 },
    )
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5)
  })

  const one = (client: Id, what: 'writes' | 'reads', value: number, began: number): Done => ({
    client,
    write: what === 'writes',
    value,
    began,
    ended: began + 0.5,
  })

  test('a stale read is no matter, a read that goes back is', () => {
    const stale = [one(p, 'writes', 1, 0), one(q, 'reads', 0, 1)]
    expect(judged(stale)).toEqual({ sequential: true, causal: true })
    expect(judged([...stale, one(q, 'reads', 1, 2), one(q, 'reads', 0, 3)])).toEqual({ sequential: false, causal: false })
  })

  test('two that see concurrent writes in two orders are causally consistent, and not sequentially', () => {
    const writes = [one(p, 'writes', 1, 0), one(q, 'writes', 2, 0)]
    expect(judged([...writes, one(p, 'reads', 2, 1), one(q, 'reads', 1, 2)])).toEqual({ sequential: false, causal: true })
    expect(judged([...writes, one(p, 'reads', 2, 1), one(r, 'reads', 2, 2), one(r, 'reads', 1, 3)])).toEqual({ sequential: false, causal: true })
    // Whoever read 1 before writing 2 has made them no longer concurrent.
    expect(judged([one(p, 'writes', 1, 0), one(q, 'reads', 1, 1), one(q, 'writes', 2, 2), one(r, 'reads', 2, 3), one(r, 'reads', 1, 4)])).toEqual({
      sequential: false,
      causal: false,
    })
  })

  test('what reads have their answers from must be known', () => {
    const twice = [one(p, 'writes', 1, 0), one(q, 'writes', 1, 1)]
    expect(() => judged(twice)).toThrow('READ FROM WHAT?')
    expect(() => judged([one(p, 'writes', 0, 0), one(q, 'reads', 0, 1)])).toThrow('READ FROM WHAT?')
  })
})

describe('sessions', () => {
  type Events = readonly Told<SessionEvent<number>>[]
  const judges = { readYourWrites, monotonicReads, monotonicWrites, writesFollowReads }
  const judged = (events: Events) => {
    const state = told(sessions<unknown>(), events)
    return Object.fromEntries(Object.entries(judges).map(([name, judge]: readonly [string, (state: Sessions) => boolean]) => [name, judge(state)]))
  }

  /** For any earlier event of a session, and any later read. */
  const expected = (events: Events) => {
    const reads = events.flatMap(([client, event], at) => (event.type === 'saw' ? [{ client, at, has: [...event.writes] }] : []))
    const writes = events.flatMap(([client, event], at) => (event.type === 'wrote' ? [{ client, at, write: event.write }] : []))
    const own = <T extends { readonly client: Id; readonly at: number }>(of: readonly T[], before: { readonly client: Id; readonly at: number }) =>
      of.filter(({ client, at }) => client === before.client && at < before.at)
    const seenWrites = (read: (typeof reads)[number]) => writes.filter(({ write }) => read.has.includes(write))
    return {
      readYourWrites: reads.every(read => own(writes, read).every(({ write }) => read.has.includes(write))),
      monotonicReads: reads.every(read => own(reads, read).every(({ has }) => has.every(write => read.has.includes(write)))),
      monotonicWrites: reads.every(read => seenWrites(read).every(seen => own(writes, seen).every(({ write }) => read.has.includes(write)))),
      writesFollowReads: reads.every(read => seenWrites(read).every(seen => own(reads, seen).every(({ has }) => has.every(write => read.has.includes(write))))),
    }
  }

  const drawn: fc.Arbitrary<Events> = fc
    .array(fc.tuple(fc.nat(2), fc.boolean(), fc.oneof(fc.constant(31), fc.constantFrom(30, 29, 27, 23), fc.nat(31))), { minLength: 3, maxLength: 9 })
    .map(all => {
      let written = 0
      return all.map(([client, writes, has]) =>
        writes
          ? by(clients[client] as Id, { type: 'wrote', write: ++written } as const)
          : by(
              clients[client] as Id,
              { type: 'saw', writes: Array.from({ length: written }, (_, i) => i + 1).filter(write => ((has >> (write - 1)) & 1) === 1) } as const,
            ),
      )
    })

  test('each guarantee is as it is defined; all four say that what is seen has all its causes', () => {
    let causal = 0
    const broken = new globalThis.Map<string, number>()
    fc.assert(
      fc.property(drawn, events => {
        const says = judged(events)
        expect(says).toEqual(expected(events))
        for (const [name, holds] of Object.entries(says)) broken.set(name, (broken.get(name) ?? 0) + (holds ? 0 : 1))
        // The causes of an event: earlier events of its session, and the writes that it sees, with their causes.
        const causes = (at: number): Set<number> => {
          const [client, event] = events[at] as Told<SessionEvent<number>>
          const direct = events.flatMap(([other, earlier], i) =>
            i < at && (other === client || (event.type === 'saw' && earlier.type === 'wrote' && [...event.writes].includes(earlier.write))) ? [i] : [],
          )
          return Set(direct).union(...direct.map(causes))
        }
        const isClosed = events.every(
          ([, event], at) =>
            event.type === 'wrote' ||
            causes(at).every(i => {
              const [, cause] = events[i] as Told<SessionEvent<number>>
              return cause.type === 'saw' || [...event.writes].includes(cause.write)
            }),
        )
        expect(Object.values(says).every(holds => holds)).toBe(isClosed)
        if (isClosed) causal++
      }),
      { numRuns: 500, seed: 20_261_128 },
    )
    expect(causal).toBeGreaterThan(20)
    for (const name of Object.keys(judges)) expect([name, (broken.get(name) ?? 0) > 9]).toEqual([name, true])
  })

  test('the first read that breaks a guarantee is named', () => {
    const state = told(sessions<unknown>(), [
      by(p, { type: 'wrote', write: 1 }),
      by(p, { type: 'saw', writes: [] }),
      by(q, { type: 'saw', writes: [1] }),
      by(q, { type: 'saw', writes: [] }),
    ])
    const unseen = state.broken.get('read your writes')
    expect(unseen?.at).toBe(p)
    expect(is(unseen?.missing, Set([1]))).toBe(true)
    expect(state.broken.get('monotonic reads')?.at).toBe(q)
    expect(state.broken.size).toBe(2)
  })

  test('a write has a name of its own, and is written before it is seen', () => {
    expect(() => told(sessions<unknown>(), [by(p, { type: 'wrote', write: 1 }), by(q, { type: 'wrote', write: 1 })])).toThrow('NOT A WRITE')
    expect(() => told(sessions<unknown>(), [by(p, { type: 'saw', writes: [1] })])).toThrow('NOT A WRITE')
  })
})
