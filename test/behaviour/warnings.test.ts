import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { eachPair, explore, type Protocol } from '../../checker/index.ts'

class N extends Record({ x: 0, mode: 'idle' }) {}
type Roles = { n: { state: N; inbox: { readonly type: 'A' | 'B' } } }
type Role = Protocol<Roles>['roles']['n']

const spec = (role: Partial<Role>, more: Partial<Protocol<Roles>> = {}): Protocol<Roles> => ({
  name: 'vacuous',
  source: 'test',
  network: 'reliable',
  roles: {
    n: {
      count: 2,
      init: () => new N(),
      on: { A: n => n.set('mode', 'asked'), B: n => n.set('mode', 'busy') },
      actions: {
        ask: {
          when: n => n.x < 1,
          do(n, { broadcast }) {
            broadcast({ type: 'A' })
            broadcast({ type: 'B' })
            return n.set('x', n.x + 1)
          },
        },
      },
      ...role,
    },
  },
  properties: {},
  ...more,
})

const pairs = (word: string) =>
  eachPair<Roles, 'n', boolean>(
    'n',
    n => n.mode === word,
    (a, b) => !(a && b),
  )
const ask = spec({}).roles.n.actions?.['ask'] as NonNullable<Role['actions']>[string]

const sendsA = (n: N, { broadcast }: { broadcast(message: { type: 'A' }): void }): N => {
  broadcast({ type: 'A' })
  return n
}

const sendsIdle = (n: N, { broadcast }: { broadcast(message: { type: 'A' }): void }): N => {
  broadcast({ type: 'Idle' as 'A' })
  return n
}

describe('a model in which something never happens says so', () => {
  const cases: { readonly [what: string]: readonly [Protocol<Roles>, readonly string[]] } = {
    'nothing is missing': [spec({}), []],
    'an action that is never enabled': [
      spec({ actions: { ask, stop: { when: n => n.mode === 'bsuy', do: n => n } } }),
      ['the action stop of n is never enabled.'],
    ],
    'words that are not alike enough, or differ in their numbers': [
      spec({ on: { A: n => n.set('mode', n.mode === 'phase2' ? 'isle' : 'phase1'), B: n => (n.mode === 'ask' ? n : n.set('mode', 'busy')) } }),
      ['the code names "isle", which nothing ever was, and the field mode of n was "idle". Is one of them misspelt?'],
    ],
    'names of fields and of handlers are no misspelt values': [
      spec({
        on: { A: (n: N) => n.set('mode', 'node'), B: (n: N) => n.set('mode', 'busy'), Idle: (n: N) => n } as Role['on'],
        actions: { ask, tell: { when: n => n.x > 9, do: sendsIdle } },
      }),
      ['the action tell of n is never enabled.', 'the handler Idle of n never runs: no such message arrives.'],
    ],
    'no action is enabled': [
      spec({ actions: { ask: { ...ask, when: () => false } } }),
      [
        'the action ask of n is never enabled.',
        'the handler A of n never runs: no such message arrives.',
        'the handler B of n never runs: no such message arrives.',
      ],
    ],
    'a message that nobody sends': [
      spec({ actions: { ask: { ...ask, do: (n, here) => sendsA(n.set('x', 1), here) } } }),
      ['the handler B of n never runs: no such message arrives.'],
    ],
    '`within` cuts all': [
      spec({ within: n => (n as unknown as { nonexistent: number }).nonexistent < 3 }),
      ['the action ask of n is cut off by `within` each time, so no step of it is part of the model.', 'the handler A', 'the handler B'],
    ],
    '`within` cuts one': [spec({ within: n => n.mode !== 'busy' }), ['the handler B of n is cut off by `within` each time']],
    'a global step': [spec({}, { steps: { s: { when: () => false, do: () => {} } } }), ['the global step s is never enabled.']],
    'a view that is never true': [spec({}, { properties: { p: pairs('bsuy') } }), ['the views of p are false in every state, so it compares nothing.']],
    'a choice of nothing': [spec({ actions: { ask, pick: { do: (n, { choose }) => n.set('x', choose([])) } } }), ['the action pick of n is never enabled.']],
  }
  it.each(Object.keys(cases))('%s', async what => {
    const [protocol, warnings] = cases[what] as (typeof cases)[string]
    for (const options of [{}, { reduce: [] }, { reduce: ['symmetry'] as const }]) {
      const { verdict, notes } = await explore(protocol, options)
      expect(verdict).toBe('holds')
      expect(notes).toEqual(warnings.map(warning => expect.stringContaining(`Warning: ${warning}`)))
    }
  })
})

describe('a model without an end says what grows', () => {
  it('a field', async () => {
    const { verdict, notes } = await explore(spec({ actions: { ask: { do: n => n.set('x', n.x + 1) } } }), { states: 2_000, reduce: [] })
    expect(verdict).toBe('inconclusive')
    expect(notes).toContainEqual(expect.stringMatching(/^The nodes of n were in \d+ different states; the field x had the most values, \d+\. .*`within` of n/))
  })

  it.each(['reliable', 'fifo'] as const)('a channel that is %s', async network => {
    const { verdict, notes } = await explore(spec({ actions: { ask: { do: sendsA } } }, { network }), { states: 2_000, reduce: [] })
    expect(verdict).toBe('inconclusive')
    expect(notes).toContainEqual(expect.stringMatching(/^Up to \d+ messages (A )?from n\d to n\d were in flight at once\. .*bound how many are sent/))
  })
})
