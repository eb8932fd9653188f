/** The order in which proofs expand states: ranks against what ranks are, what waits against a list, and what the order is for. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { System } from '../checker/compile/system.ts'
import { Tables } from '../checker/compile/tables.ts'
import type { AnyProtocol } from '../checker/protocol/protocol.ts'
import { Expander } from '../checker/search/expander.ts'
import { longestWays } from '../checker/search/progress.ts'
import { Search } from '../checker/search/search.ts'
import { Waiting } from '../checker/search/waiting.ts'
import { raft } from '../specs/raft/protocol.ts'

const seed = 20_261_121

describe('ranks', () => {
  it('are the lengths of the longest ways, cycles taken as one', () => {
    const graph = fc
      .integer({ min: 1, max: 9 })
      .chain(size => fc.tuple(fc.constant(size), fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 2 * size })))
    fc.assert(
      fc.property(graph, ([size, edges]) => {
        const vertices = [...Array(size).keys()]
        const leads = vertices.map(v => vertices.map(w => v === w))
        for (const [v, w] of edges) (leads[v] as boolean[])[w] = true
        for (const via of vertices)
          for (const v of vertices) for (const w of vertices) if (leads[v]?.[via] && leads[via]?.[w]) (leads[v] as boolean[])[w] = true
        const isBefore = (v: number, w: number): boolean => leads[v]?.[w] === true && leads[w]?.[v] !== true
        const wayTo = (w: number): number => Math.max(0, ...vertices.filter(v => isBefore(v, w)).map(v => wayTo(v) + 1))
        const sorted = edges.toSorted(([v], [w]) => v - w)
        const starts = Int32Array.from({ length: size + 1 }, (_, v) => sorted.filter(([w]) => w < v).length)
        expect([...longestWays({ starts, targets: Int32Array.from(sorted, ([, w]) => w) })]).toEqual(vertices.map(wayTo))
      }),
      { numRuns: 3_000, seed },
    )
  })
})

describe('what waits', () => {
  const steps = fc.array(fc.oneof(fc.record({ state: fc.nat(40), progress: fc.nat(6) }), fc.constant('pop' as const), fc.constant('move' as const)), {
    maxLength: 60,
  })

  it('comes out by progress, of the same the last that came, here or after it was moved elsewhere', () => {
    fc.assert(
      fc.property(steps, list => {
        let waiting = new Waiting()
        const expected: { readonly state: number; readonly progress: number }[] = []
        for (const step of list) {
          if (step === 'move') {
            const moved = new Waiting()
            moved.view = waiting.view
            waiting = moved
          } else if (step !== 'pop') {
            expect(waiting.has(step.state)).toBe(expected.some(({ state }) => state === step.state))
            if (waiting.has(step.state)) continue
            waiting.push(step.state, step.progress)
            expected.push(step)
          } else if (expected.length > 0) {
            const least = Math.min(...expected.map(({ progress }) => progress))
            const [next] = expected.splice(
              expected.findLastIndex(({ progress }) => progress === least),
              1,
            )
            expect([waiting.pop(), waiting.progress]).toEqual([next?.state, next?.progress])
          }
          expect(waiting.length).toBe(expected.length)
        }
      }),
      { numRuns: 3_000, seed },
    )
  })
})

/** How many states a proof expands, and how many of all that it met are not covered by others. */
const proof = async (protocol: AnyProtocol, order: 'depth' | 'progress') => {
  const { properties: _, ...bare } = protocol
  const tables = new Tables(new System({ ...bare, properties: {} }, { without: [] }), { symmetry: false })
  // A first search fills the tables, by which states are ranked.
  for (let round = 0; ; round++) {
    const search = new Search(
      tables,
      {
        limits: { depth: Infinity, states: Infinity, seconds: Infinity, bytes: Infinity },
        exact: true,
        order,
        checkDeadlock: false,
        reducers: { order: undefined, dead: undefined, alike: undefined, subsume: true, saturate: true },
        enough: () => false,
        pulse: async () => undefined,
      },
      0,
    )
    const expand = vi.spyOn(Expander.prototype, 'expand')
    await search.run()
    const expanded = expand.mock.calls.length
    expand.mockRestore()
    if (round === 0) continue
    const { seen, expander } = search
    const { width, bitsWord } = expander.layout
    const states = Array.from({ length: seen.count }, (_, i) => seen.keys.subarray(i * width, (i + 1) * width))
    const covers = (a: Int32Array, b: Int32Array): boolean => a.every((word, w) => (w < bitsWord ? word === b[w] : ((b[w] as number) & ~word) === 0))
    const byNodes = new Map<string, Int32Array[]>()
    for (const state of states) {
      const nodes = state.subarray(0, bitsWord).join()
      byNodes.set(nodes, [...(byNodes.get(nodes) ?? []), state])
    }
    const kept = [...byNodes.values()].flatMap(alike => alike.filter(state => !alike.some(other => other !== state && covers(other, state)))).length
    return { expanded, kept }
  }
}

describe('a proof', () => {
  it('expands hardly a state that is covered afterwards; depth-first it does', async () => {
    const protocol = raft({ nodes: 3, terms: 2, broadcasts: 1 }) as unknown as AnyProtocol
    const { expanded, kept } = await proof(protocol, 'progress')
    expect(kept).toBeGreaterThan(80_000)
    expect(expanded).toBeLessThan(1.02 * kept)
    expect((await proof(protocol, 'depth')).expanded).toBeGreaterThan(1.5 * kept)
  })
})
