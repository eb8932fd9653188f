/** Partial order, condition by condition: small protocols, each of which comes out wrong if one condition of reduce/ is left out. */
import type { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { changRoberts } from '../../bench/over-reliable/chang-roberts.ts'
import { echo } from '../../bench/over-reliable/echo.ts'
import { twoPhaseCommitOverReliable } from '../../bench/over-reliable/two-phase-commit.ts'
import { explore } from '../../checker/check/explore.ts'
import type { Reduction } from '../../checker/check/reductions.ts'
import { observed } from '../../checker/index.ts'
import type { AnyProtocol, Spec } from '../../checker/protocol/protocol.ts'
import { type Finding, oracle } from '../support/oracle.ts'
import { type Description, type Op, protocolOf, ruleOf, sendOf } from '../support/random-protocol.ts'

type Role = Description['roles'][number]
type Rule = Role['A'][number]
type Property = Description['properties'][number]

const idle: Role = { count: 1, modulus: 3, nMax: null, initial: 'zero', actions: [], A: [], B: [], keeps: null }

const any = { if: 'true' } as const
const marked = (c: number) => ({ if: 'marked', c }) as const
const n = (c: number) => ({ if: 'n is', c }) as const
const unsent = { if: 'no last' } as const
const sentOnce = { if: 'last is', who: 'self' } as const

const mark = (c = 1): Op => ({ op: 'mark', c })
const set = (c: number): Op => ({ op: 'set', c })
const remember: Op = { op: 'remember', who: 'self' }
const emit: Op = { op: 'emit', type: 'e', who: 'self' }
const join: Op = { op: 'join', who: 'sender' }

/** The first role never has this n. */
const never = (c: number): Property => ({ is: 'invariant', predicate: { type: 'each', role: 0, view: 'n', is: 'not', c } })
/** Nobody of this role receives what it joins for. */
const nobodyJoins = (role: number): Property => ({ is: 'invariant', predicate: { type: 'each', role, view: 'members', is: 'at most', c: 0 } })
const silent: Property = { is: 'invariant', predicate: { type: 'observed', observer: 0, is: 'at most', c: 0 } }
const nGrows: Property = { is: 'step', role: 0, ok: 'n grows' }

const protocol = (roles: readonly Role[], property: Property, more: Partial<Description> = {}): Description => ({
  network: 'reliable',
  values: 0,
  ordered: false,
  uses: ['n', 'members', 'last'],
  sends: { are: 'limited', atMost: 3 },
  roles,
  steps: [],
  faults: [],
  observers: property === silent ? ['count'] : [],
  properties: [property],
  mayRest: null,
  ...more,
})

/** Someone sends A, B and, if `twice`, B again to the first role, in one step. */
const sender = (twice = false): Role => ({
  ...idle,
  actions: [ruleOf(unsent, remember, set(1), sendOf('A', 'others'), sendOf('B', 'others'), ...(twice ? [sendOf('B', 'others')] : []))],
})

const receiver = (A: readonly Rule[], B: readonly Rule[], actions: readonly Rule[] = []): Role => ({ ...idle, A, B, actions })

/** B first, and then A, makes n what A first, and then B, does: 2, by way of 1. */
const byWayOfOne: readonly [A: readonly Rule[], B: readonly Rule[]] = [
  [ruleOf(n(1), set(2), mark()), ruleOf(any, mark())],
  [ruleOf(marked(1), set(2)), ruleOf(any, set(1))],
]

const passOn = (type: 'A' | 'B'): Op => ({ op: 'send', type, to: 'others', payload: 1, who: 'self', value: false })

const joinSelf: Op = { op: 'join', who: 'self' }

/** Takes one step by itself; a message that comes before it joins. */
const mover = receiver([ruleOf(n(0), join)], [], [ruleOf(n(0), set(1))])

const joiner = (action: Rule, on: Partial<Role> = {}): Role => ({ ...idle, actions: [action], ...on })

/** The mover has received what it joins for, and the other has joined. */
const bothJoined: Property = { is: 'invariant', predicate: { type: 'eachPair', roles: [0, 1], view: 'members', same: false, c: 1 } }

/** Two that pass by 1 with the first message, and come to 2 with the second; which came first makes a difference. */
const gatherers: Role = {
  ...receiver([ruleOf(n(0), set(1), mark(1)), ruleOf(any, set(2))], [ruleOf(n(0), set(1), mark(2)), ruleOf(any, set(2))]),
  count: 2,
}

const sendsToAll: Role = { ...idle, actions: [ruleOf(unsent, remember, sendOf('A', 'others'), sendOf('B', 'others'))] }

const twoMoved = { type: 'world', about: 'total', is: 'at least', c: 2 } as const

/** With another handler of the first role. */
const protocolThat = (description: Description, type: string, handler: (node: Record<{ mark: number }>) => unknown): AnyProtocol => {
  const made = protocolOf(description)
  const first = made.roles['anna'] as AnyProtocol['roles'][string]
  return { ...made, roles: { ...made.roles, anna: { ...first, on: { ...first.on, [type]: handler as never } } } }
}

/** Whose event is the first? Not that of the second role. */
const withFirst = (description: Description): AnyProtocol => ({
  ...protocolOf(description),
  observers: { first: { init: '', on: (first: string, _, from) => (first === '' ? from.kind : first) } },
  properties: { notBert: observed('first', first => first !== 'bert') },
})

const cases: { readonly [condition: string]: Description | AnyProtocol } = {
  'the message changes what a predicate sees, later': protocol([receiver(...byWayOfOne), sender()], never(1)),
  'the message changes what a pair predicate sees, later': protocol([receiver(...byWayOfOne), sender()], {
    is: 'invariant',
    predicate: { type: 'eachPair', roles: [0, 1], view: 'n', same: false, c: 1 },
  }),
  'the message breaks a step property, later': protocol(
    [receiver([ruleOf(n(1), set(0), mark()), ruleOf(any, mark())], [ruleOf(marked(1), set(0)), ruleOf(any, set(1))]), sender()],
    nGrows,
  ),
  'the message emits an event, later': protocol([receiver([ruleOf(n(1), emit, set(2), mark()), ruleOf(any, mark())], byWayOfOne[1]), sender()], silent),
  'another emits an event only before it': protocol([receiver(byWayOfOne[0], [ruleOf(marked(1), set(2)), ruleOf(any, emit, set(1))]), sender()], silent),
  'another breaks a step property only before it': protocol(
    [receiver(byWayOfOne[0], [ruleOf(n(0), set(2)), ruleOf(marked(1), set(2)), ruleOf(any, set(1))]), sender(true)],
    nGrows,
  ),
  'what is sent differs': protocol(
    [
      receiver([ruleOf(n(1), sendOf('B', 'others'), mark()), ruleOf(any, mark())], [ruleOf(marked(1), set(1), sendOf('A', 'others')), ruleOf(any, set(1))]),
      { ...sender(), B: [ruleOf(any, join)] },
    ],
    nobodyJoins(1),
  ),
  'what is sent has another order': protocol(
    [
      receiver([ruleOf(any, passOn('A'))], [ruleOf(any, passOn('B'))]),
      { ...idle, actions: [ruleOf(unsent, remember, sendOf('A', 'others'))] },
      {
        ...idle,
        actions: [ruleOf(unsent, remember, sendOf('B', 'others'))],
        A: [ruleOf({ if: 'payload', c: 1 }, mark())],
        B: [ruleOf(marked(1), mark()), ruleOf({ if: 'payload', c: 1 }, join)],
      },
    ],
    nobodyJoins(2),
  ),
  'where it leads differs': protocol([receiver([ruleOf(any, remember)], [ruleOf(unsent, set(1)), ruleOf(any, set(2))]), sender()], never(1)),
  'where it leads differs, for a message that is sent later': protocol(
    [
      receiver([ruleOf(any, remember)], [ruleOf(unsent, set(1)), ruleOf(any, set(2))]),
      { ...idle, actions: [ruleOf(unsent, remember, sendOf('A', 'others')), ruleOf(sentOnce, sendOf('B', 'others'))] },
    ],
    never(1),
  ),
  'only the second message after it does not commute': protocol(
    [receiver([ruleOf(any, mark())], [ruleOf(n(0), set(2)), ruleOf(marked(1), set(0)), ruleOf(any, set(1))]), sender(true)],
    never(1),
  ),
  'an action is possible only before it': protocol([receiver([ruleOf(any, mark())], [], [ruleOf(marked(0), set(1))]), sender()], never(1)),
  'an action that it does, too, emits an event': protocol([receiver([ruleOf(any, mark())], [], [ruleOf(marked(0), emit, mark(2))]), sender()], silent),
  'an action that it does, too, breaks a step property': protocol(
    [receiver([ruleOf(any, set(2), mark())], [], [ruleOf(n(0), set(2)), ruleOf(marked(0), set(1))]), sender()],
    nGrows,
  ),
  'an action that it does, too, sends something else': protocol(
    [
      { ...sender(), A: [ruleOf(any, join)] },
      receiver(
        [ruleOf(marked(0), sendOf('B', 'others'), mark())],
        [],
        [ruleOf(marked(0), sendOf('A', 'others'), mark()), ruleOf({ if: 'members', c: 0 }, joinSelf)],
      ),
    ],
    bothJoined,
  ),
  'a message that it makes needless is still there': protocol(
    [
      receiver([ruleOf(any, mark())], [ruleOf(marked(0), mark(2)), ruleOf(any, set(1))]),
      { ...sender(), actions: [ruleOf(unsent, remember, sendOf('A', 'others'), sendOf('B', 'others'))] },
    ],
    never(2),
    { mayRest: { type: 'world', about: 'total', is: 'at least', c: 1 } },
  ),
  'it has a choice more, later': protocol(
    [receiver([ruleOf(n(1), { op: 'choose mark', from: [1, 2] }), ruleOf(any, mark())], [ruleOf(any, set(1))], [ruleOf(marked(2), set(2))]), sender()],
    never(2),
  ),

  'a handler throws only before it': protocolThat(protocol([receiver([ruleOf(any, mark())], []), sender()], never(1)), 'B', node => {
    if (node.get('mark') === 0) throw new Error('too soon')
    return node
  }),

  'another sends to it': protocol([mover, joiner(ruleOf(unsent, remember, joinSelf, sendOf('A', 'others')))], bothJoined),
  'another sends to it, when it has received what is in flight': protocol(
    [mover, joiner(ruleOf(unsent, remember, sendOf('B', 'self')), { B: [ruleOf(any, joinSelf, sendOf('A', 'others'))] })],
    bothJoined,
  ),
  'another sends to it, when it has received what a third sends': protocol(
    [mover, { ...joiner(ruleOf(unsent, remember, joinSelf, sendOf('B', 'others')), { B: [ruleOf(any, sendOf('A', 'everyone'))] }), count: 2 }],
    bothJoined,
    { sends: { are: 'limited', atMost: 2 } },
  ),
  'another sends to it, when it has received what one before it sends': protocol(
    [mover, { ...joiner(ruleOf({ if: 'first' }, joinSelf, sendOf('B', 'others')), { B: [ruleOf(any, sendOf('A', 'everyone'))] }), count: 2 }],
    bothJoined,
    { ordered: true, sends: { are: 'limited', atMost: 1 } },
  ),
  'another sends to it, in its second step': protocol(
    [mover, { ...idle, actions: [ruleOf(unsent, remember, joinSelf), ruleOf(sentOnce, sendOf('A', 'others'))] }],
    bothJoined,
    { sends: { are: 'limited', atMost: 1 } },
  ),
  'another sends to it, when it has recovered': protocol(
    [
      mover,
      {
        ...idle,
        keeps: ['n', 'members'],
        actions: [
          ruleOf(n(0), set(1), mark(2), { op: 'choose last', from: 'everyone' }, { op: 'join', who: 'last' }),
          ruleOf(marked(0), sendOf('A', 'members')),
        ],
      },
    ],
    bothJoined,
    { faults: [{ type: 'crash-recovery', role: 1, atMost: 1 }] },
  ),

  'a predicate sees it': protocol([gatherers, sendsToAll], { is: 'invariant', predicate: { type: 'some', role: 0, view: 'n', is: 'not', c: 1 } }),
  'an observer hears it': withFirst(protocol([joiner(ruleOf(unsent, remember, emit)), joiner(ruleOf(unsent, remember, emit))], silent)),
  'a pair predicate sees it': protocol([gatherers, sendsToAll], {
    is: 'invariant',
    predicate: { type: 'eachPair', roles: [0, 0], view: 'n', same: false, c: 1 },
  }),

  'it may crash before': protocol([receiver([ruleOf(any, set(1))], []), sender()], never(2), {
    faults: [{ type: 'crash-stop', role: 0, atMost: 1 }],
    mayRest: twoMoved,
  }),
  'the message may be lost': protocol([receiver([ruleOf(any, set(1))], []), sender()], never(2), {
    faults: [{ type: 'loss', role: 0, atMost: 1 }],
    mayRest: twoMoved,
  }),

  'it goes round in circles': protocol(
    [
      { ...idle, actions: [ruleOf(any, set(1))] },
      { ...idle, actions: [ruleOf(marked(0), mark(1)), ruleOf(marked(1), mark(0))] },
    ],
    never(1),
  ),
}

const ways: readonly (readonly Reduction[])[] = [
  ['partial-order'],
  ['symmetry', 'partial-order'],
  ['dead-messages', 'partial-order'],
  ['symmetry', 'dead-messages', 'partial-order'],
]

/** The verdict and the shortest length, or that it throws. */
const judged = async (ask: () => Promise<Finding> | Finding): Promise<Finding | 'throws'> => {
  try {
    return await ask()
  } catch {
    return 'throws'
  }
}

/** States without, and with. */
const counts: readonly (readonly [Spec, without: number, reduced: number, reduce: readonly Reduction[]])[] = [
  [changRoberts({ nodes: 5 }), 4_320, 26, []],
  [echo({ nodes: 3 }), 1_690, 356, []],
  [echo({ nodes: 3 }), 300, 72, ['symmetry']],
  [twoPhaseCommitOverReliable({ resources: 4 }), 4_368, 2_554, []],
  [twoPhaseCommitOverReliable({ resources: 4 }), 370, 243, ['symmetry']],
]

describe('partial order', () => {
  const everywhere = Object.entries(cases).flatMap(([condition, one]) => (['reliable', 'fifo'] as const).map(network => [network, condition, one] as const))

  it.each(everywhere)('%s: %s', async (network, _, one) => {
    const made = { ...('uses' in one ? protocolOf(one as Description) : (one as AnyProtocol)), network }
    const names = [...Object.keys(made.properties), ...(made.mayRest === undefined ? [] : ['deadlock'])]
    const expected = await Promise.all(names.map(name => judged(() => oracle(made, { statesMax: 5_000 }).properties[name] as Finding)))
    const isWrong = expected.some(finding => finding === 'throws' || finding.verdict === 'violated')
    // With one sender, what its channel keeps in order does not go wrong.
    expect(isWrong || network === 'fifo').toBe(true)
    for (const reduce of ways)
      for (const [i, property] of names.entries()) {
        const found = await judged(async () => {
          const { verdict, counterexample } = await explore(made, { reduce, property })
          return { verdict, length: counterexample?.steps.length ?? null }
        })
        expect({ reduce, property, found }).toEqual({ reduce, property, found: expected[i] })
      }
  })

  it.each(counts)('saves states of $name', async (spec, without, reduced, reduce) => {
    expect(await explore(spec, { reduce })).toMatchObject({ verdict: 'holds', complete: true, states: without })
    expect(await explore(spec, { reduce: [...reduce, 'partial-order'] })).toMatchObject({ verdict: 'holds', complete: true, states: reduced })
  })
})
