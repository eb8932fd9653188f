import { Map, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { each, type Id, type Protocol } from '../checker/index.ts'
import { explore } from '../checker/search/explore.ts'

type Node = Id<'node'>

class Clerk extends Record({ phase: 'early', notes: Map<Node, number>(), gossip: 0 }) {}

type Roles = { node: { state: Clerk; inbox: never } }

/** Whose entry is noted early; what is overwritten on the way; how a late look finds the note. */
interface Case {
  readonly whose: 'self' | 'other'
  readonly overwrites: 'one other' | 'all others' | 'nothing'
  readonly looks: (n: Clerk, id: Node) => boolean
  /** Then nothing is dead. */
  readonly readsAll?: boolean
}

const office = ({ whose, overwrites, looks }: Case) =>
  ({
    name: 'office',
    source: 'this test',
    network: 'fair-loss',
    roles: {
      node: {
        count: 3,
        init: () => new Clerk(),
        on: {},
        actions: {
          note: {
            when: n => n.phase === 'early',
            do: (n, { self, others, choose }) => n.set('notes', n.notes.set(whose === 'self' ? self : choose(others), 2)),
          },
          gossip: { when: n => n.phase === 'early', do: (n, { choose }) => n.set('gossip', choose([0, 1, 2])) },
          go: { when: n => n.phase === 'early', do: n => n.set('phase', 'mid') },
          turn: {
            when: n => n.phase === 'mid',
            do(n, { others, choose }) {
              const over = overwrites === 'nothing' ? [] : overwrites === 'all others' ? others : [choose(others)]
              return n.merge({ phase: 'late', notes: over.reduce((notes, id) => notes.set(id, 1), n.notes) })
            },
          },
          look: {
            when: n => n.phase === 'late',
            do: (n, { nodes, choose }) => (looks(n, choose(nodes.node)) ? n.set('phase', 'found') : n),
          },
        },
      },
    },
    properties: {
      isNeverFound: each(
        'node',
        n => n.phase,
        phase => phase !== 'found',
      ),
    },
  }) satisfies Protocol<Roles>

const entry = (n: Clerk, id: Node): boolean => n.notes.get(id, 0) === 2

describe('what is read late is not dead early', () => {
  for (const [name, one] of Object.entries<Case>({
    'an entry of another node, where one other is overwritten': { whose: 'other', overwrites: 'one other', looks: entry },
    'the entry of the node itself, where all others are overwritten': { whose: 'self', overwrites: 'all others', looks: entry },
    'the whole map': { whose: 'other', overwrites: 'nothing', looks: n => n.notes.some(note => note === 2) },
    'an entry, by the whole state': { whose: 'other', overwrites: 'nothing', looks: n => JSON.stringify(n.toJS()).includes('2'), readsAll: true },
    'an entry, by has': { whose: 'other', overwrites: 'nothing', looks: (n, id) => n.notes.has(id) },
    'an entry, by a copy of the state': { whose: 'other', overwrites: 'nothing', looks: (n, id) => entry(n.set('gossip', 1), id) },
    'an entry, by equality': {
      whose: 'other',
      overwrites: 'nothing',
      looks: (n, id) => n.equals(new Clerk({ phase: 'late', notes: Map([[id, 2]]) })),
      readsAll: true,
    },
  }))
    it(name, async () => {
      for (const reduce of [['dead-fields'], ['symmetry', 'dead-fields']] as const) {
        const { verdict, counterexample, reductions } = await explore(office(one), { reduce })
        expect([verdict, counterexample?.steps.length, one.readsAll ?? reductions.includes('dead-fields')]).toEqual(['violated', 4, one.readsAll ?? true])
      }
    })

  it('what all are overwritten before is dead, and what nobody reads', async () => {
    const all = office({ whose: 'other', overwrites: 'all others', looks: entry })
    const report = await explore(all, { reduce: ['dead-fields'] })
    // Of phases early, mid, late of three nodes nothing else is left.
    expect([report.verdict, report.states]).toEqual(['holds', 3 ** 3])
    expect((await explore(all, { reduce: [] })).states).toBeGreaterThan(1_000)
  })
})
