/** The order in which proofs expand states: ranks against what ranks are, what waits against a list, and what the order is for. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Snapshot } from '../../checker/check/snapshot.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { longestWays, NodeRanks } from '../../checker/search/node-ranks.ts'
import { run } from '../../checker/search/run.ts'
import { Search } from '../../checker/search/search.ts'
import { Waiting } from '../../checker/search/waiting.ts'
import { Expander } from '../../checker/steps/expander.ts'
import { Tables } from '../../checker/tables/tables.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { proofAfter } from '../support/tunings.ts'

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

/** How many states a search in some order expands, how often it ranks them, and how many of all that it met no other covers; first over tables that know nothing, then over those that it leaves. */
const proofs = async (protocol: AnyProtocol, order: 'depth' | 'progress') => {
  const tables = new Tables(new System({ ...protocol, properties: {} }, { without: [] }), { symmetry: false })
  const prove = async () => {
    const search = new Search(
      tables,
      {
        limits: { depth: Infinity, states: Infinity, seconds: Infinity, bytes: Infinity },
        order,
        checkDeadlock: false,
        reducers: { partialOrder: undefined, dead: undefined, bisimulation: undefined, subsume: true, saturate: true },
        enough: () => false,
        pulse: async () => undefined,
      },
      0,
    )
    const spies = [vi.spyOn(Expander.prototype, 'expand'), vi.spyOn(NodeRanks.prototype, 'renew')] as const
    await run(search)
    const expanded = spies[0].mock.calls.length
    const ranked = spies[1].mock.results.filter(({ value }) => value).length
    for (const spy of spies) spy.mockRestore()
    const { seen, expander } = search.found
    const { width, bitsWord } = expander.successors.layout
    const covers = (a: Int32Array, b: Int32Array): boolean => a.every((word, w) => w < bitsWord || ((b[w] as number) & ~word) === 0)
    const byNodes = new Map<string, Int32Array[]>()
    for (let i = 0; i < seen.count; i++) {
      const state = seen.keys.subarray(i * width, (i + 1) * width)
      const nodes = state.subarray(0, bitsWord).join()
      byNodes.set(nodes, [...(byNodes.get(nodes) ?? []), state])
    }
    const kept = [...byNodes.values()].flatMap(alike => alike.filter(state => !alike.some(other => other !== state && covers(other, state)))).length
    return { expanded, ranked, kept }
  }
  return [await prove(), await prove()] as const
}

describe('a proof', () => {
  const protocol = raft({ nodes: 3, terms: 2, length: 1, crashes: 0 }) as unknown as AnyProtocol

  it('expands hardly a state that is covered afterwards, and keeps what depth-first is kept', async () => {
    const [, deep] = await proofs(protocol, 'depth')
    const [first, second] = await proofs(protocol, 'progress')
    // While tables still grow, states of nodes are ranked again and again, and what waits is put in order anew.
    expect(first.ranked).toBeGreaterThan(1)
    expect([first.kept, second.kept]).toEqual([deep.kept, deep.kept])
    expect(deep.kept).toBeGreaterThan(80_000)
    expect(second.expanded).toBeLessThan(1.02 * deep.kept)
    expect(deep.expanded).toBeGreaterThan(1.5 * deep.kept)
  })

  // Seven searches, with PROTOCHECK_SLOW thirteen: on a busy machine longer than other tests.
  it('goes on elsewhere in the same order, by ranks that are old', { timeout: 300_000 }, async () => {
    const options = { reduce: ['subsumption'], tuning: proofAfter(3) } as const
    const whole = await explore(protocol, options)
    const { verdict, states, transitions } = whole
    for (const share of process.env['PROTOCHECK_SLOW'] === undefined ? [0.03, 0.12, 0.5] : [0.01, 0.03, 0.06, 0.12, 0.25, 0.5]) {
      const snapshots: Snapshot[] = []
      const save = async (one: Snapshot): Promise<void> => void snapshots.push(structuredClone(one))
      await explore(protocol, { ...options, states: Math.ceil(states * share), checkpoint: { seconds: 60, save } })
      const [snapshot] = snapshots as [Snapshot]
      expect(await explore(protocol, { ...options, resume: () => snapshot })).toMatchObject({ verdict, states, transitions })
    }
  })
})
