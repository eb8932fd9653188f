/** The forms of nodes that subsumption goes by under large groups, and the images that lead to them, against all renamings of a state. */
import fc from 'fast-check'
import { List, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import type { Id, Observer, Protocol } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { fits, layoutOf } from '../../checker/states/layout.ts'
import { Expander } from '../../checker/steps/expander.ts'
import { LargeGroup } from '../../checker/symmetry/large-group.ts'
import { GREW } from '../../checker/tables/step-tables.ts'
import { Tables } from '../../checker/tables/tables.ts'
import { standardTuning } from '../../checker/tables/tuning.ts'
import { allPermutations } from '../../checker/values/permutation.ts'

class Follower extends Record({ follows: null as Id<'node'> | null, value: null as Id<'value'> | null }) {}

type Message = { readonly type: 'Edge'; readonly of: Id<'value'> }

const last: Observer<{ readonly type: 'followed' }, List<Id>> = { init: List(), on: (_, __, from) => List([from]) }

/** Each node may follow one, have a value, and tell another of a value; an observer knows who followed last. */
const followers = (nodes: number, values: number) =>
  ({
    name: 'followers',
    source: 'test',
    network: 'fair-loss',
    values: { value: values },
    roles: {
      node: {
        count: nodes,
        init: () => new Follower(),
        actions: {
          follow: {
            when: n => n.follows === null,
            do: (n, { nodes, choose, emit }) => {
              emit({ type: 'followed' })
              return n.set('follows', choose(nodes.node))
            },
          },
          value: { when: n => n.value === null, do: (n, { values, choose }) => n.set('value', choose(values.value)) },
          tell: {
            when: n => n.follows === null && n.value === null,
            do: (n, { others, values, choose, send }) => {
              send(choose(others), { type: 'Edge', of: choose(values.value) })
              return n
            },
          },
        },
        on: { Edge: n => n },
      },
    },
    observers: { last },
    properties: {},
  }) satisfies Protocol<{ node: { state: Follower; inbox: Message } }, { readonly type: 'followed' }, 'value'>

/** What each node follows and has, who followed last (-1: none), and the messages: from, to, value. */
interface State {
  readonly nodes: readonly (readonly [follows: number, value: number])[]
  readonly last: number
  readonly edges: readonly (readonly [from: number, to: number, of: number])[]
}

const renamed = ({ nodes, last, edges }: State, node: readonly number[], value: readonly number[]): State => {
  const to = (names: readonly number[], id: number): number => (id < 0 ? -1 : (names[id] as number))
  const image = [...nodes]
  nodes.forEach(([follows, has], i) => {
    image[node[i] as number] = [to(node, follows), to(value, has)]
  })
  return { nodes: image, last: to(node, last), edges: edges.map(([a, b, of]) => [to(node, a), to(node, b), to(value, of)]) }
}

const imagesOf = (nodeCount: number, valueCount: number) => {
  const system = new System(followers(nodeCount, valueCount) as unknown as AnyProtocol)
  // So few forms are remembered that they are forgotten time and again.
  const tables = new Tables(system, { symmetry: true, tuning: { listedMax: 1, formSlotsMax: 1 } })
  const orbits = new LargeGroup(tables, (_, local) => local)
  const forms = orbits.formsOf(tables)
  const naming = { group: orbits, forms, sync: (closed: boolean) => orbits.sync(closed) }
  const expander = new Expander(tables, { dead: undefined, bisimulation: undefined, subsume: true }, naming)
  const id = (kind: string, rank: number): Id | null => (rank < 0 ? null : system.idOf(kind, rank))
  const nodeOf = ([follows, value]: State['nodes'][number]) =>
    system.values.encode(new Follower({ follows: id('node', follows) as Id<'node'>, value: id('value', value) as Id<'value'> }))
  /** Lets the tables learn what one more step of each node leads to. */
  const learn = (): void => {
    tables.locals.forEach((states, node) => {
      for (let local = 0, { size } = states; local < size; local++) tables.act(node, local)
    })
    const { emits } = tables.outcomes
    for (let o = 0; o < emits.length; o++) if (emits.data[o] !== 0) tables.observe(0, tables.initialRest[0] as number, emits.data[o] as number)
  }
  const find = ({ nodes, last, edges }: State) =>
    tables.encode({
      nodes: nodes.map(nodeOf),
      crashed: nodes.map(() => false),
      observers: [system.values.encode(List(last < 0 ? [] : [id('node', last)]))],
      budgets: [],
      flight: edges.map(([from, to, of]) => ({ from, to, message: system.values.encodeTagged({ type: 'Edge', of: id('value', of) }, 'it') })),
    })
  const encode = (state: State) => {
    const found = find(state)
    if (found === undefined) throw new Error('Not all images of a state are known.')
    return found
  }
  const admit = (state: State): void => {
    const { components, bits } = encode(state)
    expander.successors.count = 0
    while (expander.admit(components, bits) === GREW) {
      expander.refresh()
      if (!fits(expander.successors.layout, tables)) expander.useLayout(layoutOf(tables, expander.successors.layout))
      expander.successors.count = 0
    }
  }
  const nodesAt = (k: number): string => [...expander.successors.unpack(expander.successors.records, k * expander.successors.layout.width)].join()
  const textAt = (k: number): string => `${nodesAt(k)} ${expander.successors.bitsOf(expander.successors.records, k * expander.successors.layout.width)}`
  const alternatives = (state: State): readonly string[] => {
    admit(state)
    expect(expander.successors.count).toBe(expander.successors.groups[0])
    return [...new Set(Array.from({ length: expander.successors.count }, (_, k) => textAt(k)))].sort()
  }
  const formOf = (state: State): string => {
    admit(state)
    return nodesAt(0)
  }
  const textOf = (state: State): string => {
    const { components, bits } = encode(state)
    return `${components.join()} ${bits.toSorted((a, b) => a - b)}`
  }
  return { learn, alternatives, formOf, textOf, isKnown: (state: State): boolean => find(state) !== undefined }
}

const shuffled = (count: number) => {
  const ids = Array.from({ length: count }, (_, i) => i)
  return fc.shuffledSubarray(ids, { minLength: count })
}

const statesOf = (nodeCount: number, valueCount: number): fc.Arbitrary<State> => {
  const node = fc.nat(nodeCount - 1)
  const value = fc.nat(valueCount - 1)
  const maybe = (id: fc.Arbitrary<number>) => fc.oneof(fc.constant(-1), id)
  const one = fc.tuple(maybe(node), maybe(value))
  return fc.record({
    // Few different ones, so that there are ties.
    nodes: fc
      .tuple(fc.array(one, { minLength: 1, maxLength: nodeCount }), fc.array(fc.nat(), { minLength: nodeCount, maxLength: nodeCount }))
      .map(([few, picks]) => picks.map(pick => few[pick % few.length] as readonly [number, number])),
    last: maybe(node),
    edges: fc
      .uniqueArray(fc.tuple(node, fc.integer({ min: 1, max: nodeCount - 1 }), value), { maxLength: 4, comparator: (a, b) => a.join() === b.join() })
      .map(edges => edges.map(([from, by, of]) => [from, (from + by) % nodeCount, of] as const)),
  })
}

/** The images that are found are all those with the same nodes, and the same for each renaming. */
const expectAll = ({ alternatives, formOf, textOf }: ReturnType<typeof imagesOf>, state: State, image: State, renamings: readonly Renaming[]): void => {
  const found = alternatives(state)
  expect(alternatives(image)).toEqual(found)
  const form = formOf(state)
  const expected = renamings.map(([node, value]) => textOf(renamed(state, node, value))).filter(text => text.startsWith(`${form} `))
  if (expected.length <= standardTuning.tiesMax) expect(found).toEqual([...new Set(expected)].sort())
  else expect(expected).toContain(found[0])
}

type Renaming = readonly [node: readonly number[], value: readonly number[]]

const renamingsOf = (nodes: number, values: number): readonly Renaming[] =>
  allPermutations([
    ['node', nodes],
    ['value', values],
  ]).map(p => [p.get('node') ?? [], p.get('value') ?? [0]])

describe.each([
  { nodes: 5, values: 1, runs: 1_500 },
  { nodes: 4, values: 3, runs: 700 },
])('images with the same nodes: $nodes nodes, $values values', ({ nodes, values, runs }) => {
  const images = imagesOf(nodes, values)
  const renamings = renamingsOf(nodes, values)

  // Twice, with more states of nodes each time: so fields of records move.
  it.each(['after one step of a node', 'after two'])('%s', () => {
    images.learn()
    fc.assert(
      fc.property(statesOf(nodes, values).filter(images.isKnown), shuffled(nodes), shuffled(values), (state, node, value) =>
        expectAll(images, state, renamed(state, node, value), renamings),
      ),
      { numRuns: runs, seed: 20_261_121 },
    )
  })
})

it('images with the same nodes: rings of several lengths, whose nodes all look alike', () => {
  const images = imagesOf(7, 1)
  images.learn()
  const renamings = renamingsOf(7, 1)
  const rings = statesOf(7, 1).map(({ edges }): State => ({ nodes: [1, 2, 0, 4, 5, 6, 3].map(to => [to, -1]), last: -1, edges }))
  fc.assert(
    fc.property(rings, shuffled(7), (state, node) => expectAll(images, state, renamed(state, node, [0]), renamings)),
    { numRuns: 20, seed: 20_261_121 },
  )
})

it('where too many renamings fix the nodes, one image: the same for each', () => {
  const { learn, alternatives } = imagesOf(7, 1)
  learn()
  const initial = statesOf(7, 1).map(state => ({ ...state, nodes: state.nodes.map(() => [-1, -1] as const), last: -1 }))
  fc.assert(
    fc.property(initial, shuffled(7), (state, node) => {
      const found = alternatives(state)
      expect(found).toHaveLength(1)
      expect(alternatives(renamed(state, node, [0]))).toEqual(found)
    }),
    { numRuns: 300, seed: 20_261_121 },
  )
})
