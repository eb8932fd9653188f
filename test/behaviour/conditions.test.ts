/** A small protocol for each condition of the search and of its reductions that random protocols hardly ever depend on: without the condition, its verdict is wrong. */
import { List, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Report } from '../../checker/check/report.ts'
import type { Snapshot } from '../../checker/check/snapshot.ts'
import { always, canAlways, crashRecovery, crashStop, each, eachPair, observed, partition, reachable, some, somePair, step } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import type { Tuning } from '../../checker/tables/tuning.ts'
import { Walker } from '../../checker/trace/walk.ts'
import { type Finding, oracle } from '../support/oracle.ts'
import { proofAfter } from '../support/tunings.ts'

class Node extends Record({ n: 0 }) {}

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Erased = any

const named = (protocol: Erased): AnyProtocol => ({ name: 'conditions', source: 'test', network: 'reliable', properties: {}, ...protocol })

const role = (more: Erased, count = 1): Erased => ({ count, init: () => new Node(), on: {}, ...more })

const never = (of: string, c: number): Erased =>
  each(
    of,
    (s: Erased) => s.n,
    n => n !== c,
  )

/** Goes on to `to` where it is at `from`. */
const go = (from: number, to: number, also: (here: Erased) => void = () => {}): Erased => ({
  when: (s: Erased) => s.n === from,
  do(s: Erased, here: Erased) {
    also(here)
    return s.set('n', to)
  },
})

const finding = ({ verdict, counterexample }: Report) => ({ verdict, length: counterexample?.steps.length ?? null })

/** The oracle says this, and so does a search, each way. */
const says = async (protocol: AnyProtocol, verdict: 'holds' | 'violated', ways: readonly Options[]): Promise<void> => {
  const [name, expected] = Object.entries(oracle(protocol).properties)[0] as [string, Finding]
  expect(expected.verdict).toBe(verdict)
  for (const options of ways) expect([options, finding(await explore(protocol, { ...options, property: name }))]).toEqual([options, expected])
}

describe('recoveries', () => {
  it('a message that is dead before a recovery may be alive after it', () =>
    says(
      named({
        roles: {
          a: role({
            actions: { ask: go(0, 1, ({ send, self }) => send(self, { type: 'M' })) },
            on: { M: (s: Erased) => (s.n === 2 ? s.set('n', 3) : s) },
            recover: (s: Erased) => (s.n === 1 ? s.set('n', 2) : s),
          }),
        },
        faults: [crashRecovery('a', { atMost: 1 })],
        properties: { fine: never('a', 3) },
      }),
      'violated',
      [{}, { reduce: ['dead-messages'] }, { reduce: ['dead-messages', 'bisimulation'] }],
    ))

  it('states that only a recovery tells apart are not alike', () =>
    says(
      named({
        roles: { a: role({ actions: { one: go(0, 1), two: go(0, 2) }, recover: (s: Erased) => (s.n === 2 ? s.set('n', 3) : s) }) },
        faults: [crashRecovery('a', { atMost: 1 })],
        properties: { fine: never('a', 3) },
      }),
      'violated',
      [{ reduce: ['dead-messages', 'bisimulation'] }, { reduce: ['symmetry', 'dead-messages', 'bisimulation'] }],
    ))

  it('a node that may crash before its step: partial order knows what is left of the budget beside an observer', () =>
    says(
      named({
        roles: { a: role({ actions: { step: go(0, 1) }, recover: (s: Erased) => (s.n === 0 ? s.set('n', 3) : s) }) },
        observers: { o: { init: 0, on: (seen: number) => seen } },
        faults: [crashRecovery('a', { atMost: 1 })],
        properties: { fine: never('a', 3) },
      }),
      'violated',
      [{ reduce: ['partial-order'] }, { reduce: ['symmetry', 'dead-messages', 'partial-order'] }],
    ))
})

describe('views that know who has crashed', () => {
  const ways: readonly Options[] = [
    {},
    { reduce: [] },
    { reduce: ['symmetry'] },
    { reduce: ['symmetry'], tuning: { listedMax: 1 } },
    { reduce: ['dead-messages', 'bisimulation'] },
    { reduce: ['dead-fields'] },
    { reduce: ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'subsumption'], tuning: proofAfter(0) },
    { reduce: ['partial-order'] },
    { reduce: ['subsumption'], order: 'depth' },
  ]
  const crashing = (more: Erased): AnyProtocol => named({ faults: [crashStop('a', { atMost: 2 })], ...more })
  const nodes = { a: role({ actions: { one: go(0, 1), two: go(0, 2), three: go(1, 3), four: go(2, 3) } }, 2) }

  it('a crash changes what is true of a node', async () => {
    const crashed =
      (c: number) =>
      (s: Erased, status: Erased): boolean =>
        status.crashed && s.n === c
    await says(crashing({ roles: nodes, properties: { up: each('a', crashed(0), down => !down) } }), 'violated', ways)
    await says(crashing({ roles: nodes, properties: { up: each('a', crashed(3), down => !down) } }), 'violated', ways)
    await says(crashing({ roles: nodes, properties: { down: reachable(some('a', crashed(2), down => down)) } }), 'holds', ways)
    await says(crashing({ roles: nodes, properties: { up: each('a', crashed(4), down => !down) } }), 'holds', ways)
  })

  it('and of two nodes', async () => {
    const seen = ({ n }: Erased, { crashed }: Erased): number => (crashed ? n + 10 : n)
    await says(crashing({ roles: nodes, properties: { apart: eachPair('a', seen, (a, b) => !(a === 12 && b === 3)) } }), 'violated', ways)
    await says(crashing({ roles: nodes, properties: { both: reachable(somePair('a', seen, (a, b) => a === 11 && b === 12)) } }), 'holds', ways)
    await says(named({ roles: nodes, properties: { up: eachPair('a', seen, (a, b) => a < 10 && b < 10) } }), 'holds', ways)
  })

  it('states that only a view of a stopped node tells apart are not alike', () =>
    says(
      crashing({
        roles: { a: role({ actions: { one: go(0, 1), two: go(0, 2), end: go(1, 3), also: go(2, 3) } }) },
        properties: {
          fine: each(
            'a',
            ({ n }: Erased, { crashed }: Erased) => !(crashed && n === 2),
            is => is,
          ),
        },
      }),
      'violated',
      ways,
    ))

  it('a field that only a view of a stopped node reads is not dead', () => {
    class Worker extends Record({ phase: 'idle', note: 0 }) {}
    const note = (value: number): Erased => ({ when: (s: Erased) => s.phase === 'idle', do: (s: Erased) => s.merge({ phase: 'busy', note: value }) })
    return says(
      crashing({
        roles: { a: { count: 2, init: () => new Worker(), actions: { one: note(1), two: note(2) }, on: {} } },
        properties: {
          fine: each(
            'a',
            (s: Erased, { crashed }: Erased) => !(crashed && s.note === 2),
            is => is,
          ),
        },
      }),
      'violated',
      [
        ...ways,
        { reduce: ['dead-fields'], tuning: { fieldsStates: 1, fieldsVisits: 1 } },
        { reduce: ['dead-fields'], tuning: { fieldsStates: 4, fieldsVisits: 4 } },
      ],
    )
  })

  it('what stays possible for those that are up', () =>
    says(
      crashing({
        roles: nodes,
        properties: {
          done: canAlways(
            each(
              'a',
              ({ n }: Erased, { crashed }: Erased) => crashed || n === 3,
              is => is,
            ),
          ),
        },
      }),
      'holds',
      [{}, { reduce: [] }, { reduce: ['symmetry'] }, { reduce: ['dead-fields'] }],
    ))

  class Known extends Record({ self: null, n: 0 }) {}

  it('a view of states that hold names', () =>
    says(
      crashing({
        roles: { a: { ...nodes.a, init: ({ self }: Erased) => new Known({ self }) } },
        properties: {
          fine: each(
            'a',
            ({ n, self }: Erased, { crashed }: Erased) => !(crashed && n === 2 && self !== null),
            is => is,
          ),
        },
      }),
      'violated',
      ways,
    ))

  it('a view that prefers a node by its name is refused', async () => {
    const protocol = crashing({
      roles: { a: { count: 2, init: ({ self }: Erased) => new Known({ self }), on: {} } },
      properties: {
        fine: each(
          'a',
          (s: Erased, { crashed }: Erased) => !(crashed && String(s.self) === 'a2'),
          is => is,
        ),
      },
    })
    await expect(explore(protocol)).rejects.toThrow('NODES ARE NOT SYMMETRIC')
  })
})

describe('a bound on the messages in flight', () => {
  const ways: readonly Options[] = [
    {},
    { reduce: [] },
    { reduce: ['symmetry'] },
    { reduce: ['dead-messages'] },
    { reduce: ['dead-messages', 'bisimulation'] },
    { reduce: ['dead-fields'] },
    { reduce: ['subsumption'], tuning: proofAfter(0) },
    { reduce: ['partial-order'] },
    { order: 'depth' },
  ]
  const networks = ['fifo', 'reliable'] as const
  /** It says something whenever it likes. */
  const saying = (types: readonly string[], most = 3): Erased => ({
    do(s: Erased, { send, nodes }: Erased) {
      for (const type of types) send(nodes.b, { type })
      return s.set('n', Math.min(most, s.n + 1))
    },
  })
  const adds = { M: (s: Erased) => s.set('n', Math.min(2, s.n + 1)) }

  it.each(networks)('%s: no more are in flight, in a channel or in all', async network => {
    for (const [withinFlight, most] of [
      [{ channel: 2 }, 4],
      [{ total: 3 }, 3],
      [{ channel: 1, total: 3 }, 2],
    ] as const) {
      const protocol = named({
        network,
        withinFlight,
        roles: { a: role({ actions: { say: saying(['M']) } }, 2), b: role({ on: adds }) },
        properties: { most: reachable(always((w: Erased) => w.inFlight.length === most)), more: always((w: Erased) => w.inFlight.length <= most) },
      })
      for (const options of ways) expect([options, (await explore(protocol, options)).verdict]).toEqual([options, 'holds'])
    }
  })

  it.each(networks)('%s: what is left out of the model breaks nothing', network =>
    says(
      named({
        network,
        withinFlight: { total: 1 },
        roles: {
          a: role({
            actions: {
              one: go(0, 1, ({ send, nodes }) => send(nodes.b, { type: 'M' })),
              two: go(0, 2, ({ send, nodes }) => {
                send(nodes.b, { type: 'M' })
                send(nodes.b, { type: 'M' })
              }),
            },
          }),
          b: role({ on: adds }),
        },
        properties: { fine: step('a', (_: Erased, after: Erased) => after.n !== 2) },
      }),
      'holds',
      ways,
    ),
  )

  it('a dead message takes its place until it is delivered', () =>
    says(
      named({
        withinFlight: { total: 1 },
        roles: {
          a: role({
            actions: {
              first: go(0, 1, ({ send, nodes }) => send(nodes.b, { type: 'Nothing' })),
              second: go(1, 2, ({ send, nodes }) => send(nodes.b, { type: 'M' })),
            },
          }),
          b: role({ on: { ...adds, Nothing: (s: Erased) => s } }),
        },
        properties: { fine: never('b', 1) },
      }),
      'violated',
      ways,
    ))

  it.each(networks)('%s: a step that is cut off is something to do', network =>
    says(
      // Once b has stopped and a message to it waits, all that is left is to say more.
      named({
        network,
        withinFlight: { total: 1 },
        faults: [crashStop('b')],
        roles: {
          a: role({ actions: { say: saying(['M'], 1) } }),
          b: role({ on: { M: (s: Erased) => s } }),
        },
        mayRest: false,
      }),
      'holds',
      [{}, { reduce: [] }, { reduce: ['symmetry'] }, { order: 'depth' }],
    ),
  )

  it.each(networks)('%s: a message is not doubled beyond it', network =>
    says(
      named({
        network,
        withinFlight: { channel: 1 },
        faults: [{ type: 'duplication', atMost: 2 }],
        roles: { a: role({ actions: { say: go(0, 1, ({ send, nodes }) => send(nodes.b, { type: 'M' })) } }), b: role({ on: adds }) },
        properties: { once: never('b', 2) },
      }),
      'holds',
      ways,
    ),
  )

  it('steps that commute without it', () =>
    says(
      // a sends to c before b does, or after c took what b sent: then there is room again.
      named({
        network: 'fifo',
        withinFlight: { total: 1 },
        roles: {
          a: role({ actions: { say: go(0, 1, ({ send, nodes }) => send(nodes.c, { type: 'A' })) } }),
          b: role({ actions: { say: go(0, 1, ({ send, nodes }) => send(nodes.c, { type: 'B' })) } }),
          c: role({ on: { A: (s: Erased) => s.set('n', s.n === 1 ? 2 : 3), B: (s: Erased) => (s.n === 0 ? s.set('n', 1) : s) } }),
        },
        properties: { fine: never('c', 2) },
      }),
      'violated',
      ways,
    ))
})

describe('what can always be reached', () => {
  it('by a state that was found before', () =>
    says(
      // 0 → 1 → 3 and 0 → 2 → 1: whether 2 leads to 3 is known after 1 is, which was found before it.
      named({
        roles: { a: role({ actions: { first: go(0, 1), second: go(0, 2), back: go(2, 1), end: go(1, 3) } }) },
        properties: { ends: canAlways(always((w: Erased) => w.all('a')[0].n === 3)) },
      }),
      'holds',
      [{}, { reduce: [] }, { reduce: ['symmetry'] }],
    ))
})

describe('events', () => {
  it('a message of which nothing comes but an event is not dead', () =>
    says(
      named({
        roles: {
          a: role({ actions: { tell: go(0, 1, ({ send, nodes }) => send(nodes.b, { type: 'M' })) } }),
          b: role({
            on: {
              M(s: Erased, _message: Erased, _from: Erased, { emit }: Erased) {
                emit({ type: 'e' })
                return s
              },
            },
          }),
        },
        observers: { o: { init: 0, on: () => 1 } },
        properties: { silent: observed('o', (seen: number) => seen === 0) },
      }),
      'violated',
      [{}, { reduce: ['dead-messages'] }, { reduce: ['dead-messages', 'bisimulation'] }, { tuning: proofAfter(0) }],
    ))

  it('a step that sends and emits does not send without the event', () =>
    says(
      named({
        network: 'fair-loss',
        roles: {
          a: role({
            actions: {
              tell: {
                do(s: Erased, { send, emit, nodes }: Erased) {
                  emit({ type: 'asked' })
                  send(nodes.b, { type: 'M' })
                  return s
                },
              },
            },
          }),
          b: role({
            on: {
              M(s: Erased, _message: Erased, _from: Erased, { emit }: Erased) {
                if (s.n === 1) return s
                emit({ type: 'answered' })
                return s.set('n', 1)
              },
            },
          }),
        },
        observers: {
          o: { init: List(), on: (list: List<string>, { type }: Erased) => (list.includes(type) ? list : list.push(type)) },
        },
        properties: { inOrder: observed('o', (list: List<string>) => list.first('asked') === 'asked') },
      }),
      'holds',
      [{}, { tuning: proofAfter(0) }, { reduce: ['subsumption'], tuning: proofAfter(0) }, { order: 'depth' }, { reduce: ['subsumption'], order: 'depth' }],
    ))
})

describe('a delivery that the bound cuts off is a step', () => {
  // Over fair-loss it is told again and again: what is told once may be lost, and then there is no delivery.
  it.each([
    ['reliable', 1],
    ['fifo', 1],
    ['fair-loss', 0],
  ] as const)('%s', (network, told) =>
    says(
      named({
        network,
        roles: {
          a: role({ actions: { tell: go(0, told, ({ send, nodes }) => send(nodes.b, { type: 'M' })) } }),
          b: role({ on: { M: (s: Erased) => s.set('n', s.n + 1) }, within: (s: Erased) => s.n < 1 }),
        },
        mayRest: false,
      }),
      'holds',
      [{}, { reduce: [] }, { reduce: ['symmetry'] }, { order: 'depth' }, { reduce: ['partial-order'] }],
    ),
  )

  it('over fair-loss, what is told once may be lost', () =>
    says(
      named({
        network: 'fair-loss',
        roles: {
          a: role({ actions: { tell: go(0, 1, ({ send, nodes }) => send(nodes.b, { type: 'M' })) } }),
          b: role({ on: { M: (s: Erased) => s.set('n', s.n + 1) }, within: (s: Erased) => s.n < 1 }),
        },
        mayRest: false,
      }),
      'violated',
      [{}, { reduce: [] }, { order: 'depth' }],
    ))
})

describe('lower bounds', () => {
  /** Ways of so many steps: long and short ones to what is forbidden, and one aside to what is to be reachable. */
  const ways = (order: readonly ('long' | 'short' | 'aside')[], steps: { readonly [way in 'long' | 'short' | 'aside']?: number }): AnyProtocol => {
    const begins = { long: 10, short: 40, aside: 70 }
    const actions = order.flatMap(way => {
      const count = steps[way] ?? 0
      const end = way === 'aside' ? 98 : 99
      const at = (i: number): number => (i === 0 ? 0 : i === count ? end : begins[way] + i)
      return Array.from({ length: count }, (_, i) => [`${way}${i}`, go(at(i), at(i + 1))] as const)
    })
    return named({
      roles: { a: role({ actions: Object.fromEntries(actions) }) },
      properties: { fine: never('a', 99), met: reachable(always((w: Erased) => w.all('a')[0].n === 98)) },
    })
  }

  /** Lower bounds come into force where they may. */
  const tuning: Partial<Tuning> = { ...proofAfter(0), scoutStates: 0, batch: 1, judgedPerPulse: 1, expandedPerPulse: 1, pulseMs: 0 }

  it('a violation of exactly as many steps as are looked for is found', async () => {
    const used: boolean[] = []
    for (const order of [
      ['long', 'short'],
      ['short', 'long'],
    ] as const)
      for (const [long, short] of [
        [7, 3],
        [6, 4],
        [6, 5],
      ] as const)
        for (const depth of [undefined, short, short + 1]) {
          const report = await explore(ways(order, { long, short }), { property: 'fine', tuning, ...(depth === undefined ? {} : { depth }) })
          expect([order, long, depth, finding(report)]).toEqual([order, long, depth, { verdict: 'violated', length: short }])
          used.push(report.reductions.includes('lower-bounds'))
        }
    expect(used.includes(true)).toBe(true)
  })

  it('what is reachable and not met yet is met', async () => {
    for (const order of [
      ['long', 'aside'],
      ['aside', 'long'],
    ] as const)
      for (const depth of [3, 4, 5]) {
        const report = await explore(ways(order, { long: 8, aside: 3 }), { depth, tuning })
        expect([order, depth, report.verdict, report.unreached]).toEqual([order, depth, 'holds', []])
      }
  })

  it('what was reachable before they came into force counts', async () => {
    const report = await explore(ways(['aside', 'long'], { long: 8, aside: 1 }), { depth: 5, tuning: { ...tuning, firstStatesToDepth: 3 } })
    expect([report.reductions.includes('lower-bounds'), report.unreached]).toEqual([true, []])
  })
})

describe('a search that goes on', () => {
  it('knows what was reachable before', async () => {
    const protocol = named({
      roles: { a: role({ actions: { one: go(0, 1), two: go(1, 2), three: go(2, 3) } }) },
      properties: { starts: reachable(always((w: Erased) => w.all('a')[0].n === 0)) },
    })
    for (const order of ['breadth', 'depth'] as const) {
      let kept: Snapshot | undefined
      const checkpoint = {
        seconds: 1_000_000,
        async save(snapshot: Snapshot): Promise<void> {
          kept = snapshot
        },
      }
      const options: Options = { order, checkpoint, tuning: { batch: 1, judgedPerPulse: 1, expandedPerPulse: 1, pulseMs: 0 } }
      expect((await explore(protocol, { ...options, states: 2 })).stoppedBy).toBe('states')
      expect(kept).toBeDefined()
      const report = await explore(protocol, { ...options, resume: () => kept as Snapshot })
      expect([order, report.verdict, report.complete]).toEqual([order, 'holds', true])
    }
  })
})

describe('partitions', () => {
  it('a message that waits where the network never heals: partial order may not deliver it first', () =>
    says(
      named({
        roles: {
          a: role({ actions: { tell: go(0, 1, ({ nodes, send }) => send(nodes.b, { type: 'M' })) } }),
          b: role({ on: { M: (s: Erased) => s.set('n', 1) } }),
        },
        faults: [partition([{ a: 1 }], { atMost: 1, heals: false })],
        mayRest: ({ all }: Erased) => all('b').every(({ n }: Erased) => n === 1),
      }),
      'violated',
      [{}, { reduce: [] }, { reduce: ['partial-order'] }, { reduce: ['symmetry', 'partial-order'] }],
    ))

  it('what only sends is not taken at once through a link that is down', () =>
    says(
      named({
        network: 'fair-loss',
        roles: {
          a: role({
            actions: {
              ping: {
                do(s: Erased, { nodes, send }: Erased) {
                  send(nodes.b, { type: 'Ping' })
                  return s
                },
              },
            },
          }),
          b: role({
            actions: { start: go(0, 1, ({ nodes, send }) => send(nodes.c, { type: 'M' })) },
            on: {
              Ping(s: Erased, _: Erased, __: Erased, { nodes, send }: Erased) {
                if (s.n === 1) send(nodes.c, { type: 'M' })
                return s
              },
            },
          }),
          c: role({ on: { M: (s: Erased) => s.set('n', 1) } }),
        },
        faults: [partition([{ a: 1 }], { atMost: 1, heals: false })],
        properties: {
          told: canAlways(
            some(
              'c',
              (s: Erased) => s.n,
              n => n === 1,
            ),
          ),
        },
      }),
      'violated',
      [{}, { reduce: [] }, { reduce: ['dead-messages'] }, { reduce: ['symmetry', 'dead-messages', 'bisimulation'] }],
    ))

  it('what waits is not taken for what a node does nothing with, over any network', async () => {
    for (const network of ['fifo', 'reliable', 'fair-loss'])
      await says(
        named({
          network,
          roles: {
            a: role({ actions: { tell: go(0, 1, ({ nodes, send }) => send(nodes.b, { type: 'M' })) } }),
            b: role({ on: { M: (s: Erased) => s.set('n', 1) } }),
          },
          faults: [partition([{ a: 1 }], { atMost: 1 })],
          properties: {
            whole: reachable(always(({ all, observer }: Erased) => observer('partition').isEmpty() && all('b').every(({ n }: Erased) => n === 1))),
            told: canAlways(
              some(
                'b',
                (s: Erased) => s.n,
                n => n === 1,
              ),
            ),
          },
        }),
        'holds',
        [{}, { reduce: [] }],
      )
  })

  it.each(['fifo', 'reliable', 'fair-loss'])('what is walked meets the same states as the oracle, over %s', network => {
    const tells = role({
      actions: { tell: go(0, 1, ({ others, send }) => send(others, { type: 'M' })) },
      on: { M: (s: Erased) => (s.n < 2 ? s.set('n', s.n + 1) : s) },
    })
    const protocol = named({
      network,
      roles: { a: { ...tells, count: 3 } },
      faults: [partition([{ a: 1 }], { atMost: 1 }), partition([{ a: 1 }, { a: 1 }], { atMost: 1, heals: false })],
    })
    const walker = new Walker(new System(protocol))
    const reached = new Map([...walker.initials()].map(state => [walker.keyOf(state), state]))
    let transitions = 0
    for (const state of reached.values())
      for (const { next } of walker.successors(state)) {
        transitions++
        reached.set(walker.keyOf(next), reached.get(walker.keyOf(next)) ?? next)
      }
    const { states, transitions: expected } = oracle(protocol)
    expect([reached.size, transitions]).toEqual([states.length, expected])
  })
})
