/** Code of a spec that does something else with a look (values/tracked-state.ts) than with a state is searched without dead fields. */
import { List, Map, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import { defaultReductions } from '../../checker/check/reductions.ts'
import { each, type Id, type Protocol, step } from '../../checker/index.ts'
import type { Spec } from '../../checker/protocol/protocol.ts'
import { proofAfter } from '../support/tunings.ts'

type Node = Id<'node'>

class Clerk extends Record({ phase: 'early', ticks: 0, gossip: 0, notes: Map<Node, number>(), past: List<string>() }) {
  #secret = 1

  get secret(): number {
    return this.#secret
  }
}

type Roles = { node: { state: Clerk; inbox: never } }

/** Where code of the spec does it. */
interface Code {
  readonly handler?: (n: Clerk, self: Node) => boolean
  readonly when?: (n: Clerk) => boolean
  readonly within?: (n: Clerk) => boolean
  readonly recover?: (n: Clerk) => Clerk
  readonly property?: Protocol<Roles>['properties'][string]
}

/** Gossip is chosen early, after some ticks; later it is looked at, in a way that a look does not show. */
const office = ({ handler = () => false, when = () => true, within = () => true, recover, property }: Code, { count = 2, ticks = 0 } = {}) =>
  ({
    name: 'office',
    source: 'this test',
    network: 'fair-loss',
    roles: {
      node: {
        count,
        init: () => new Clerk(),
        on: {},
        actions: {
          go: { when: n => n.phase === 'early', do: n => n.merge({ phase: 'mid', gossip: n.gossip + 1 }) },
          tick: { when: n => n.phase === 'early' && n.ticks < ticks, do: n => n.set('ticks', n.ticks + 1) },
          gossip: { when: n => n.phase === 'early' && n.ticks === ticks, do: (n, { choose }) => n.set('gossip', choose([0, 1, 2])) },
          note: { when: n => n.phase === 'early' && n.ticks === ticks, do: (n, { self }) => n.set('notes', n.notes.set(self, 2)) },
          find: { when: n => n.phase === 'mid' && when(n), do: (n, { self }) => n.set('phase', handler(n, self) ? 'found' : 'late') },
        },
        within,
        ...(recover === undefined ? {} : { recover }),
      },
    },
    faults: recover === undefined ? [] : [{ type: 'crash-recovery', role: 'node', atMost: 1 }],
    properties: {
      isNeverFound: each(
        'node',
        n => n.phase,
        phase => phase !== 'found',
      ),
      ...(property === undefined ? {} : { property }),
    },
  }) satisfies Protocol<Roles>

const isGossip = (n: Clerk, gossip: number): boolean => n.set('gossip', gossip) === n

const cases: { readonly [name: string]: Code } = {
  'a handler that compares what set returned': { handler: n => isGossip(n, 2) },
  'a handler that compares what merge returned': { handler: n => n.merge({ gossip: 2 }) === n },
  'a handler that compares what update returned': { handler: n => n.update('gossip', () => 2) === n },
  'a handler that compares what remove returned': { handler: n => n.remove('gossip') !== n },
  'a handler that compares what setting an entry returned': { handler: (n, self) => n.notes.set(self, 2) === n.notes },
  'a handler that compares a map with itself': { handler: n => n.set('gossip', 1).notes === n.notes },
  'a handler that goes on only if something changed': {
    handler(n) {
      const next = n.set('gossip', 2).set('ticks', n.ticks)
      return next === n
    },
  },
  'a handler that compares only one of two changes': { handler: n => n.set('past', List(['a'])).set('gossip', 3) !== n && n.set('gossip', 3) === n },
  'a condition': { when: n => isGossip(n, 2) },
  'a bound': { within: n => !isGossip(n, 2) },
  'a recovery': { recover: n => (isGossip(n, 2) ? n.set('phase', 'found') : n) },
  'a view': {
    property: each(
      'node',
      n => isGossip(n, 2),
      is => !is,
    ),
  },
  'a predicate': {
    property: each(
      'node',
      n => n,
      n => !isGossip(n, 2),
    ),
  },
  'a step property': { property: step('node', (before, after) => before.phase !== after.phase || !isGossip(after, 2)) },
  'a handler that throws where there never is what fields are reset to': {
    handler: n => {
      if (isGossip(n, 0)) throw new Error('no gossip')
      return false
    },
  },
  'a handler that clones': { handler: n => structuredClone({ n }) !== undefined },
}

const ways: { readonly [name: string]: Options } = {
  'by name': { reduce: ['dead-fields'] },
  'with others': { reduce: ['symmetry', 'dead-messages', 'dead-fields', 'subsumption'] },
  'by default': { tuning: proofAfter(0) },
}

describe('what a look does not show is searched without dead fields', () => {
  const found = async (protocol: Spec, options: Options) => {
    const { verdict, property, counterexample, reductions } = await explore(protocol, options)
    return { verdict, property, steps: counterexample?.steps.length, isInForce: reductions.includes('dead-fields') }
  }

  it.each(Object.entries(cases))('%s', async (_, code) => {
    const protocol = office(code)
    const expected = await found(protocol, { reduce: [] })
    for (const [way, options] of Object.entries(ways)) expect([way, await found(protocol, options)]).toEqual([way, expected])
  })

  // What was reset before is never what the code tells from other values.
  it.each(Object.entries(cases))('%s, where it shows only after fields are reset', async (_, code) => {
    const protocol = office(code, { count: 1, ticks: 400 })
    expect(await found(protocol, { reduce: ['dead-fields'] })).toEqual(await found(protocol, { reduce: [] }))
  })

  // Immutable's own `set` makes a record without the private fields of its class, so no execution keeps them.
  it('a property that uses a private field throws, in any way of searching', async () => {
    const property = each(
      'node',
      n => (n as Clerk).secret,
      secret => secret !== 1,
    )
    expect(() => new Clerk().set('ticks', 1).secret).toThrow(TypeError)
    for (const options of [{ reduce: [] }, ...Object.values(ways)] as const)
      await expect(explore(office({ property }), options)).rejects.toThrow('Cannot read private member #secret')
  })

  it('without such code it is searched with dead fields', async () => {
    for (const options of Object.values(ways)) expect((await explore(office({}), options)).reductions).toContain('dead-fields')
  })
})

describe('a handler that returns no state gets the same error', () => {
  it.each([undefined, null, 7, 'late'])('%s', async value => {
    const { roles, ...others } = office({})
    const { node } = roles
    const broken = {
      ...others,
      roles: { node: { ...node, actions: { ...node.actions, find: { when: (n: Clerk) => n.phase === 'mid', do: () => value as never } } } },
    }
    const errorOf = (options: Options) =>
      explore(broken, options).then(
        () => 'none',
        (error: Error) => error.message,
      )
    for (const options of Object.values(ways)) {
      const reduce = (options.reduce ?? defaultReductions).filter(reduction => reduction !== 'dead-fields')
      const expected = await errorOf({ ...options, reduce })
      expect(expected).toContain('NO STATE RETURNED')
      expect(await errorOf(options)).toBe(expected)
    }
  })
})
