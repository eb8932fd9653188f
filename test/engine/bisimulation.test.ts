import { expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { type Description, protocolOf, ruleOf, sendOf } from '../support/random-protocol.ts'

type Role = Description['roles'][number]

const idle: Role = { count: 1, modulus: 3, nMax: null, initial: 'zero', actions: [], A: [], B: [], keeps: null }

const chatters: Role = { ...idle, actions: [ruleOf({ if: 'true' }, sendOf('A', 'sender'))] }

/** Somebody begins with a mark or without; one with a mark sends; who receives that, answers. */
const answered: Description = {
  network: 'fair-loss',
  values: 0,
  ordered: false,
  uses: ['n', 'members', 'last'],
  sends: { are: 'limited', atMost: 2 },
  roles: [
    {
      ...idle,
      actions: [
        ruleOf({ if: 'n is', c: 0 }, { op: 'remember', who: 'self' }, { op: 'choose mark', from: [0, 1] }, { op: 'set', c: 1 }),
        ruleOf({ if: 'n is', c: 1 }, { op: 'mark', c: 0 }, { op: 'set', c: 2 }),
        ruleOf({ if: 'marked', c: 1 }, sendOf('A', 'others'), { op: 'mark', c: 0 }, { op: 'set', c: 2 }),
      ],
      A: [ruleOf({ if: 'true' }, { op: 'join', who: 'sender' })],
    },
    { ...chatters, A: [ruleOf({ if: 'true' }, sendOf('A', 'sender'))] },
    chatters,
  ],
  steps: [],
  faults: [],
  observers: [],
  properties: [{ is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } }],
  mayRest: null,
}

it('a counterexample leads through states that only the classes that confirm it take for alike', async () => {
  // With n 1 and n 2 the answer is received alike; but the search had met neither of the states after it, and took each for itself.
  for (const reduce of [[], ['dead-messages', 'bisimulation'], ['symmetry', 'dead-messages', 'bisimulation', 'subsumption']] as const) {
    const { verdict, counterexample, shortest } = await explore(protocolOf(answered), { reduce })
    expect({ reduce, verdict, length: counterexample?.steps.length, shortest }).toEqual({ reduce, verdict: 'violated', length: 4, shortest: true })
  }
})

/** Somebody notes whom it likes, and is late from then on. Only a recovery tells whether it noted itself: then it is early again, knows it, and joins. */
const forgetful = (network: Description['network'], atMost: number, tears: Role['tears'] = []): Description => ({
  network,
  values: 0,
  ordered: false,
  uses: ['n', 'members', 'last'],
  sends: { are: 'limited', atMost: 1 },
  roles: [
    {
      ...idle,
      count: 2,
      actions: [
        { ...ruleOf({ if: 'no last' }, { op: 'choose last', from: 'everyone' }), phase: 'early', into: 'late' },
        { ...ruleOf({ if: 'last is', who: 'self' }, { op: 'join', who: 'self' }), phase: 'early' },
      ],
      keeps: ['last'],
      tears,
    },
  ],
  steps: [],
  faults: [{ type: 'crash-recovery', role: 0, atMost }],
  observers: [],
  properties: [{ is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } }],
  mayRest: null,
})

it.each([
  ['fair-loss', Infinity, []],
  ['reliable', 1, []],
  ['fair-loss', 2, ['n']],
] as const)('where nothing may be asked, what is known of recoveries counts: %s, %d, %j', async (network, atMost, tears) => {
  const options = { reduce: ['dead-messages', 'bisimulation'], tuning: { askedMin: 0 } } as const
  const { verdict, counterexample } = await explore(protocolOf(forgetful(network, atMost, tears)), options)
  expect({ verdict, length: counterexample?.steps.length }).toEqual({ verdict: 'violated', length: 3 })
})
