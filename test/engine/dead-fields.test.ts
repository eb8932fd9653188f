import { hash, is, List, Map, Record, Seq, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Reduction } from '../../checker/check/reductions.ts'
import type { Report } from '../../checker/check/report.ts'
import { each, eachPair, type Id, observed, type Property, type Protocol } from '../../checker/index.ts'
import type { Spec } from '../../checker/protocol/protocol.ts'
import { DeadFieldRead } from '../../checker/run/untrackable.ts'
import { proofAfter } from '../support/tunings.ts'

type Node = Id<'node'>

class Clerk extends Record({ phase: 'early', notes: Map<Node, number>(), gossip: 0 }) {}

/** What may be handed on to others. */
type Part = Clerk | Map<Node, number>

type Told = { readonly type: 'Told'; readonly part: Part }

type Roles = { node: { state: Clerk; inbox: Told } }

/** Whose entry is noted early; what is overwritten on the way; how a late look finds the note. */
interface Case {
  readonly whose: 'self' | 'other'
  readonly overwrites: 'one other' | 'all others' | 'nothing'
  readonly looks: (n: Clerk, id: Node) => boolean
}

const office = ({ whose, overwrites, looks }: Case, count = 3) =>
  ({
    name: 'office',
    source: 'this test',
    network: 'fair-loss',
    roles: {
      node: {
        count,
        init: () => new Clerk(),
        on: { Told: n => n },
        actions: {
          note: {
            when: n => n.phase === 'early',
            do: (n, { self, others, choose }) => n.set('notes', n.notes.set(whose === 'self' ? self : choose(others), 2)),
          },
          gossip: { when: n => n.phase === 'early', do: (n, { choose }) => n.set('gossip', choose([0, 1, 2])) },
          go: { when: n => n.phase === 'early', do: n => n.set('phase', 'mid') },
          // There nobody reads anything.
          retire: { when: n => n.phase === 'early', do: n => n.set('phase', 'retired') },
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

/** The state of a clerk who has noted something about this node. */
const late = (id: Node): Clerk => new Clerk({ phase: 'late', notes: Map([[id, 2]]) })

const verdictOf = async (protocol: Spec, reduce: readonly Reduction[]) => {
  const { verdict, counterexample, reductions } = await explore(protocol, { reduce })
  return [verdict, counterexample?.steps.length, reductions.includes('dead-fields')]
}

/** It is violated after so many steps, with dead fields as without. */
const violated = async (protocol: Spec, steps = 4): Promise<void> => {
  expect(await verdictOf(protocol, [])).toEqual(['violated', steps, false])
  for (const reduce of [['dead-fields'], ['symmetry', 'dead-fields']] as const) expect(await verdictOf(protocol, reduce)).toEqual(['violated', steps, true])
}

const tells = (text: string): boolean => /\b2\b/.test(text)

describe('what is read late is not dead early', () => {
  it.each<[string, Case]>([
    ['an entry of another node, where one other is overwritten', { whose: 'other', overwrites: 'one other', looks: entry }],
    ['the entry of the node itself, where all others are overwritten', { whose: 'self', overwrites: 'all others', looks: entry }],
    ['an entry, by a copy of the state', { whose: 'other', overwrites: 'nothing', looks: (n, id) => entry(n.set('gossip', 1), id) }],
    [
      'an entry, by a map that was written to',
      { whose: 'other', overwrites: 'nothing', looks: (n, id) => n.notes.update(id, 0, note => note + 1).get(id) === 3 },
    ],
  ])('%s', async (_, one) => violated(office(one)))

  /** Ways to get at all of a state, */
  const ofState: { readonly [name: string]: Case['looks'] } = {
    toJS: n => tells(JSON.stringify(n.toJS())),
    toObject: n => tells(JSON.stringify(n.toObject())),
    toJSON: n => tells(JSON.stringify(n)),
    String: n => tells(String(n)),
    toSeq: n => n.toSeq().some(value => Map.isMap(value) && value.includes(2)),
    Seq: n => tells(String(Seq(n))),
    'an iteration': n => tells(String([...n])),
    equals: (n, id) => n.equals(late(id)),
    'equals, from the other side': (n, id) => late(id).equals(n),
    is: (n, id) => is(n, late(id)),
    'is, from the other side': (n, id) => is(late(id), n),
    hashCode: (n, id) => n.hashCode() === late(id).hashCode(),
    hash: (n, id) => hash(n) === hash(late(id)),
    'an element of a list': (n, id) => List([n]).includes(late(id)),
    'an element of a set': (n, id) => Set([n]).has(late(id)),
    'an element that is looked for': (n, id) => Set([late(id)]).has(n),
    withMutations: (n, id) => n.withMutations(m => m.set('gossip', 1)).notes.get(id) === 2,
    asMutable: (n, id) => n.asMutable().notes.get(id) === 2,
    'an equal state, by merge': (n, id) => new Clerk().merge(n).notes.get(id) === 2,
    'what Immutable keeps, by a spread': n => tells(JSON.stringify({ ...n })),
    'what Immutable keeps, by Object.values': n => tells(JSON.stringify(Object.values(n))),
    'what Immutable keeps, by a descriptor': n => tells(JSON.stringify(Object.getOwnPropertyDescriptors(n))),
  }
  it.each(Object.entries(ofState))('the whole state, by %s', async (_, looks) => violated(office({ whose: 'other', overwrites: 'nothing', looks }, 2)))

  /** … and at a map in it. */
  const ofMap: { readonly [name: string]: Case['looks'] } = {
    some: n => n.notes.some(note => note === 2),
    has: (n, id) => n.notes.has(id),
    size: n => n.notes.size > 0,
    toJS: n => tells(JSON.stringify(n.notes.toJS())),
    toObject: n => tells(JSON.stringify(n.notes.toObject())),
    toArray: n => tells(String(n.notes.toArray())),
    toJSON: n => tells(JSON.stringify(n.notes)),
    String: n => tells(`${n.notes}`),
    entries: n => tells(String([...n.notes.entries()])),
    keys: (n, id) => [...n.notes.keys()].includes(id),
    values: n => [...n.notes.values()].includes(2),
    keySeq: (n, id) => n.notes.keySeq().includes(id),
    'an iteration': n => tells(String([...n.notes])),
    forEach: n => {
      let sum = 0
      n.notes.forEach(note => {
        sum += note
      })
      return sum === 2
    },
    equals: (n, id) => n.notes.equals(Map([[id, 2]])),
    'equals, from the other side': (n, id) => Map([[id, 2]]).equals(n.notes),
    is: (n, id) => is(n.notes, Map([[id, 2]])),
    'is, from the other side': (n, id) => is(Map([[id, 2]]), n.notes),
    hashCode: (n, id) => n.notes.hashCode() === Map([[id, 2]]).hashCode(),
    hash: (n, id) => hash(n.notes) === hash(Map([[id, 2]])),
    getIn: (n, id) => n.getIn(['notes', id]) === 2,
    hasIn: (n, id) => n.hasIn(['notes', id]),
    'update of the state': (n, id) => n.update('notes', notes => (notes.get(id) === 2 ? notes.clear() : notes.set(id, 7))).notes.isEmpty(),
    Map: (n, id) => Map(n.notes).get(id) === 2,
    'a map that it is merged into': (n, id) => Map<Node, number>().merge(n.notes).get(id) === 2,
    'a map that is merged into it': (n, id) => n.notes.merge(Map<Node, number>()).get(id) === 2,
    'a set of its keys': (n, id) => Set.fromKeys(n.notes).has(id),
    'an element of a list': (n, id) => List([n.notes]).includes(Map([[id, 2]])),
    withMutations: (n, id) => n.notes.withMutations(notes => notes.delete(null as never)).get(id) === 2,
    'a key that is no id': (n, id) => n.notes.get({ valueOf: () => id } as never) === 2,
    'what Immutable keeps, by a spread': n => tells(JSON.stringify({ ...n.notes })),
    'what Immutable keeps, by a descriptor': n => tells(JSON.stringify(Object.getOwnPropertyDescriptors(n.notes))),
  }
  it.each(Object.entries(ofMap))('a whole map, by %s', async (_, looks) => violated(office({ whose: 'other', overwrites: 'nothing', looks }, 2)))
})

/** A late clerk hands on a part of its state without a look at it: to another, to an observer, to a property. */
const telling = (part: (n: Clerk) => Part, to: 'message' | 'event' | 'choice' | 'view' | 'pair') => {
  const { node } = office({ whose: 'other', overwrites: 'nothing', looks: () => false }, 2).roles
  const hasNote = (told: Part): boolean => (told instanceof Clerk ? told.notes : told).includes(2)
  const isLate = (n: Clerk): boolean => n.phase === 'late'
  const properties: { readonly [to: string]: Property<Roles> } = {
    event: observed('told', (all: Set<Part>) => !all.some(hasNote)),
    view: each<Roles, 'node', Part>(
      'node',
      n => (isLate(n) ? part(n) : new Clerk()),
      one => !hasNote(one),
    ),
    pair: eachPair<Roles, 'node', Part>(
      'node',
      n => (isLate(n) ? part(n) : new Clerk()),
      one => !hasNote(one),
    ),
  }
  return {
    name: 'telling',
    source: 'this test',
    network: 'fair-loss',
    roles: {
      node: {
        ...node,
        on: { Told: (n, { part: told }) => (isLate(n) && hasNote(told) ? n.set('phase', 'found') : n) },
        actions: {
          ...node.actions,
          look: {
            when: isLate,
            do(n, { self, send, emit, choose }) {
              if (to === 'message') send(self, { type: 'Told', part: part(n) })
              if (to === 'event') emit({ type: 'Told', part: part(n) })
              return to === 'choice' && hasNote(choose([part(n)])) ? n.set('phase', 'found') : n
            },
          },
        },
      },
    },
    observers: { told: { init: Set<Part>(), on: (all: Set<Part>, { part: told }) => all.add(told) } },
    properties: {
      isNeverFound:
        properties[to] ??
        each(
          'node',
          n => n.phase,
          phase => phase !== 'found',
        ),
    },
  } satisfies Protocol<Roles, Told>
}

describe('what is handed on is read', () => {
  it.each([
    ['message', 5],
    ['event', 4],
    ['choice', 4],
    ['view', 3],
    ['pair', 3],
  ] as const)('%s', async (to, steps) => {
    for (const part of [(n: Clerk) => n.notes, (n: Clerk) => n]) await violated(telling(part, to), steps)
  })
})

describe('what nobody reads', () => {
  it('what all are overwritten before is dead, and what nobody reads', async () => {
    const all = office({ whose: 'other', overwrites: 'all others', looks: entry })
    const report = await explore(all, { reduce: ['dead-fields'] })
    // Of phases early, mid, late, retired of three nodes nothing else is left.
    expect([report.verdict, report.states]).toEqual(['holds', 4 ** 3])
    expect((await explore(all, { reduce: [] })).states).toBeGreaterThan(1_000)
  })
})

it('an entry of a kind that is met only after fields were reset is not dead', async () => {
  class Clerk extends Record({ phase: 'early', ticks: 0, notes: Map<Id, number>() }) {}
  type Roles = { clerk: { state: Clerk; inbox: never }; peer: { state: Clerk; inbox: never } }
  const ticks = 400
  const protocol = {
    name: 'late keys',
    source: 'this test',
    network: 'fair-loss',
    values: { v: 1 },
    roles: {
      clerk: {
        count: 1,
        init: () => new Clerk(),
        on: {},
        actions: {
          // It overwrites the entries of all others, as long as values are no keys.
          go: { when: c => c.phase === 'early', do: (c, { nodes }) => c.merge({ phase: 'late', notes: c.notes.set(nodes.peer[0] as Id, 1) }) },
          tick: { when: c => c.phase === 'early' && c.ticks < ticks, do: c => c.set('ticks', c.ticks + 1) },
          note: { when: c => c.phase === 'early' && c.ticks === ticks, do: (c, { values }) => c.set('notes', c.notes.set(values.v[0] as Id, 2)) },
          look: { when: c => c.phase === 'late', do: (c, { values }) => (c.notes.get(values.v[0] as Id) === 2 ? c.set('phase', 'found') : c) },
        },
      },
      peer: { count: 1, init: () => new Clerk(), on: {} },
    },
    properties: {
      isNeverFound: each(
        'clerk',
        c => c.phase,
        phase => phase !== 'found',
      ),
    },
  } satisfies Protocol<Roles, never, 'v'>
  await violated(protocol, ticks + 3)
})

it('what was found before a search begins anew is not lost, if it was asked about', async () => {
  const interrupted = (options: Options): Promise<Report> => {
    const stop = new AbortController()
    const onProgress = ({ phase }: { phase: string }): void => {
      if (stop.signal.aborted || !phase.startsWith('violated')) return
      stop.abort()
      throw new DeadFieldRead()
    }
    return explore(office({ whose: 'self', overwrites: 'nothing', looks: entry }), { ...options, tuning: proofAfter(0), onProgress, signal: stop.signal })
  }
  expect(await interrupted({})).toMatchObject({ verdict: 'violated', property: 'isNeverFound', stoppedBy: 'interrupt', shortest: false })
  expect(await interrupted({ depth: 2 })).toMatchObject({ verdict: 'inconclusive', stoppedBy: 'interrupt' })
})
