/** How many states a symmetric protocol has up to the names of its nodes, against counts of mathematical objects up to isomorphism that are long known (oeis.org). */
import fc from 'fast-check'
import { List, Record, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Id, Observer, Protocol } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { layoutOf } from '../../checker/states/layout.ts'
import { Expander } from '../../checker/steps/expander.ts'
import { representativesOf } from '../../checker/symmetry/representative.ts'
import { GREW } from '../../checker/tables/step-tables.ts'
import { Tables } from '../../checker/tables/tables.ts'

class Follower extends Record({ follows: null as Id<'node'> | null }) {}

/** Each node may once follow a node: partial maps of a set into itself. Rings are ties that are no twins. */
const maps = (count: number) =>
  ({
    name: 'maps',
    source: 'test',
    network: 'reliable',
    roles: {
      node: {
        count,
        init: () => new Follower(),
        actions: {
          follow: { when: n => n.follows === null, do: (n, { nodes, choose }) => n.set('follows', choose(nodes.node)) },
        },
        on: {},
      },
    },
    properties: {},
  }) satisfies Protocol<{ node: { state: Follower; inbox: never } }>

class Sender extends Record({}) {}

/** Each node may send a message to any other; nobody hears: what is in flight is a directed graph. */
const graphs = (count: number) =>
  ({
    name: 'graphs',
    source: 'test',
    network: 'fair-loss',
    roles: {
      node: {
        count,
        init: () => new Sender(),
        actions: {
          send: {
            when: () => true,
            do: (n, { others, choose, send }) => {
              send(choose(others), { type: 'Edge' })
              return n
            },
          },
        },
        on: { Edge: n => n },
      },
    },
    properties: {},
  }) satisfies Protocol<{ node: { state: Sender; inbox: { readonly type: 'Edge' } } }>

class Row extends Record({ columns: Set<Id<'column'>>() }) {}
class Column extends Record({}) {}

/** Rows that each hold some of the columns: matrices of bits, whose rows and columns may be permuted. */
const matrices = (rows: number, columns: number) =>
  ({
    name: 'matrices',
    source: 'test',
    network: 'reliable',
    roles: {
      row: {
        count: rows,
        init: () => new Row(),
        actions: { mark: { when: () => true, do: (row, { nodes, choose }) => row.set('columns', row.columns.add(choose(nodes.column))) } },
        on: {},
      },
      column: { count: columns, init: () => new Column(), actions: {}, on: {} },
    },
    properties: {},
  }) satisfies Protocol<{ row: { state: Row; inbox: never }; column: { state: Column; inbox: never } }>

class Chooser extends Record({ value: null as Id<'value'> | null }) {}

/** Each node may once choose a value: partitions of those who have chosen. */
const partitions = (nodes: number, values: number) =>
  ({
    name: 'partitions',
    source: 'test',
    network: 'reliable',
    values: { value: values },
    roles: {
      node: {
        count: nodes,
        init: () => new Chooser(),
        actions: { choose: { when: n => n.value === null, do: (n, { values, choose }) => n.set('value', choose(values.value)) } },
        on: {},
      },
    },
    properties: {},
  }) satisfies Protocol<{ node: { state: Chooser; inbox: never } }, never, 'value'>

class Runner extends Record({ laps: 0 }) {}

type Arrived = { readonly type: 'arrived' }

const order: Observer<Arrived, List<Id>> = { init: List(), on: (order, _, from) => order.push(from) }

/** Nodes run laps, and an observer keeps the order of arrivals: its states have images that are no states yet. */
const races = (count: number, laps: number) =>
  ({
    name: 'races',
    source: 'test',
    network: 'reliable',
    roles: {
      node: {
        count,
        init: () => new Runner(),
        actions: {
          arrive: {
            when: n => n.laps < laps,
            do: (n, { emit }) => {
              emit({ type: 'arrived' })
              return n.set('laps', n.laps + 1)
            },
          },
        },
        on: {},
      },
    },
    observers: { order },
    properties: {},
  }) satisfies Protocol<{ node: { state: Runner; inbox: never } }, Arrived>

class Caller extends Record({ next: 0 }) {}

/** Each node may once call itself, and so many calls may be doubled: a further copy comes up first as the image of another node's, with these names. */
const copies = (count: number, doubled: number) =>
  ({
    name: 'copies',
    source: 'test',
    network: 'reliable',
    faults: [{ type: 'duplication', atMost: doubled }],
    roles: {
      node: {
        count,
        init: () => new Caller(),
        actions: {
          call: {
            when: n => n.next === 0,
            do: (n, { self, send }) => {
              send(self, { type: 'A', k: n.next })
              return n.set('next', 1)
            },
          },
        },
        on: { A: n => n },
      },
    },
    properties: {},
  }) satisfies Protocol<{ node: { state: Caller; inbox: { readonly type: 'A'; readonly k: number } } }>

class Friend extends Record({ told: Set<Id<'node'>>(), heard: Set<Id<'node'>>() }) {}

/** Each node may tell so many others about a third: what is in the channels has images in channels where it is new. */
const gossip = (count: number, tells: number) =>
  ({
    name: 'gossip',
    source: 'test',
    network: 'fifo',
    roles: {
      node: {
        count,
        init: () => new Friend(),
        actions: {
          tell: {
            when: n => n.told.size < tells,
            do: (n, { others, choose, send }) => {
              const to = choose(others)
              if (n.told.has(to)) return n
              send(to, { type: 'News', of: choose(others) })
              return n.set('told', n.told.add(to))
            },
          },
        },
        on: { News: (n, { of }) => n.set('heard', n.heard.add(of)) },
      },
    },
    properties: {},
  }) satisfies Protocol<{ node: { state: Friend; inbox: { readonly type: 'News'; readonly of: Id<'node'> } } }>

describe.each([
  { what: 'partial maps of 4 points (A126285)', protocol: maps(4), states: 45 },
  { what: 'partial maps of 6 points (A126285)', protocol: maps(6), states: 338 },
  { what: 'directed graphs of 4 points (A000273)', protocol: graphs(4), states: 218 },
  { what: 'binary matrices, 3 by 3, up to the order of rows and columns (A002724)', protocol: matrices(3, 3), states: 36 },
  { what: 'partitions of at most 4 (A000070)', protocol: partitions(4, 4), states: 12 },
])('$what: $states', ({ protocol, states }) => {
  it.each([
    { way: 'all permutations', tuning: { listedMax: Infinity } },
    { way: 'colours', tuning: { listedMax: 1 } },
  ])('$way', async ({ tuning }) => {
    expect(await explore(protocol, { reduce: ['symmetry'], tuning })).toMatchObject({ complete: true, states })
  })
})

describe('groups that are too large to list', () => {
  it.each([
    { what: 'partial maps of 8 points (A126285)', protocol: maps(8), states: 2_598 },
    { what: 'directed graphs of 5 points (A000273)', protocol: graphs(5), states: 9_608 },
    { what: 'binary matrices, 4 by 4 (A002724)', protocol: matrices(4, 4), states: 317 },
    { what: 'binary matrices, 5 by 5 (A002724)', protocol: matrices(5, 5), states: 5_624 },
    { what: 'races of 7, one after each arrival', protocol: races(7, 1), states: 8 },
    { what: 'partitions of at most 10 (A000070)', protocol: partitions(10, 10), states: 139 },
  ])('$what: $states', async ({ protocol, states }) => {
    expect(await explore(protocol, { reduce: ['symmetry'], tuning: { listedMax: 1 } })).toMatchObject({ complete: true, states })
  })
})

describe('the representative', () => {
  it('is the same for all images of a state, also where all nodes look alike', () => {
    const count = 8
    const system = new System(maps(count) as unknown as AnyProtocol)
    const tables = new Tables(system, { symmetry: true, tuning: { listedMax: 1 } })
    for (let node = 0; node < count; node++) tables.act(node, tables.initialLocals[node]?.[0] as number)
    const expander = new Expander(tables, { dead: undefined, bisimulation: undefined }, representativesOf(tables, undefined))
    const representative = (map: readonly number[]): number[] => {
      const components = map.map(
        (to, node) => tables.locals[node]?.find(system.values.encode(new Follower({ follows: system.nodes[to]?.id as Id<'node'> })), false) as number,
      )
      expander.successors.count = 0
      while (expander.admit(components, []) === GREW) {
        expander.refresh()
        expander.useLayout(layoutOf(tables, expander.successors.layout))
      }
      return [...expander.successors.unpack(expander.successors.records, 0)]
    }
    const points = Array.from({ length: count }, (_, i) => i)
    const bijection = fc.shuffledSubarray(points, { minLength: count })
    // Rings of any lengths: every node follows one and is followed by one.
    fc.assert(
      fc.property(bijection, bijection, (map, rename) => {
        const image = [...points]
        map.forEach((to, from) => {
          image[rename[from] as number] = rename[to] as number
        })
        expect(representative(image)).toEqual(representative(map))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    { what: 'channels, 3 nodes', protocol: gossip(3, 2) },
    { what: 'channels, 4 nodes', protocol: gossip(4, 1) },
    { what: 'an observer', protocol: races(4, 2) },
    { what: 'a copy of a message that comes up as the image of another', protocol: copies(3, 2) },
  ])('is as often found with all permutations listed and without: $what', async ({ protocol }) => {
    const states = async (options: Options) => (await explore(protocol, { reduce: ['symmetry'], ...options })).states
    const listed = await states({ tuning: { listedMax: Infinity } })
    expect(await states({ tuning: { listedMax: 1 } })).toEqual(listed)
  })
})
