/**
 * Partition refinement, held against the definition of a bisimulation: whatever two states of one class may be asked, they answer alike, up to classes.
 * Random protocols have too few states of a node for that to fail in a search. PROTOCHECK_RUNS says on how many.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { Refinement } from '../../checker/reduce/bisimulation/refinement.ts'
import { StateGraph } from '../../checker/reduce/bisimulation/state-graph.ts'
import { has } from '../../checker/reduce/dead-messages.ts'
import type { Search } from '../../checker/search/search.ts'
import type { NumberedStates } from '../../checker/tables/numbered-states.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { randomProtocolFor } from '../support/random-protocol.ts'
import { lastSearch } from '../support/search-support.ts'

const runs = Number(process.env['PROTOCHECK_RUNS'] ?? 25)
const seed = Number(process.env['PROTOCHECK_SEED'] ?? 20_261_121)

/** How many states another stands for; throws where one does that is not alike. */
const merged = (search: Search): number => {
  const { tables } = search
  const known = (): number => tables.locals.reduce((sum, { size }) => sum + size, 0)
  // What is asked here may lead to states that the refinement did not know: it has to be judged with them.
  for (;;) {
    const before = known()
    let count = 0
    let wrong: unknown
    try {
      count = mergedAmongKnown(search)
    } catch (error) {
      wrong = error
    }
    if (known() > before) continue
    if (wrong !== undefined) throw wrong
    return count
  }
}

const mergedAmongKnown = ({ tables, reducers: { dead } }: Search): number => {
  if (dead === undefined) return 0
  const graph = new StateGraph(tables, dead)
  let refinement: Refinement
  do {
    refinement = new Refinement(tables, dead, graph, Infinity)
    refinement.goOn()
  } while (refinement.grew)
  const classes = refinement.representatives()
  const { outcomes, symmetry, bits, system } = tables
  const firsts = system.nodes.map(() => new Map<number, number>())
  /** What a list of outcomes does to a node in some state, up to classes: what changes nothing is nothing. */
  const answer = (node: number, local: number, list: number): string => {
    // A state that no search was at stands for itself among the representatives, and may be alike all the same.
    const classOf = (state: number): number => {
      const known = firsts[node]?.get(state)
      if (known !== undefined) return known
      let first = 0
      while (first < state && (state >= (classes[node]?.length ?? 0) || !refinement.areAlike(node, state, first))) first++
      firsts[node]?.set(state, first)
      return first
    }
    const moves = outcomes
      .items(list)
      .map(({ to, sends, emits, broken }) => [classOf(to), sends, emits, broken])
      .filter(([to, sends, emits, broken]) => to !== classOf(local) || sends !== 0 || emits !== 0 || broken !== 0)
    return [...new Set(moves.map(move => move.join()))].sort().join(' ')
  }
  let count = 0
  for (const { index: node } of system.nodes) {
    const locals = tables.locals[node] as NumberedStates
    const reached = dead.reached(node)
    const isCarried = (local: number, bit: number): boolean => has(dead.carried[node] as Int32Array, local, bit, dead.words)
    classes[node]?.forEach((by, local) => {
      if (by === local || !reached.has(local)) return
      count++
      expect([locals.crashed(local), locals.bits.data[local], locals.classes.data[local]]).toEqual([
        locals.crashed(by),
        locals.bits.data[by],
        locals.classes.data[by],
      ])
      const acts = (state: number): string => answer(node, state, tables.foresee(node, state))
      expect(acts(local)).toBe(acts(by))
      for (const g of symmetry.generators) {
        const image = symmetry.nodeImage[g]?.[node] as number
        expect(refinement.areAlike(image, tables.localImage(g, node, local), tables.localImage(g, node, by))).toBe(true)
      }
      for (let bit = 0; bit < bits.size; bit++) {
        const wasDelivered = [local, by].some(state => has(dead.delivered[node] as Int32Array, state, bit, dead.words))
        if (bits.copy.data[bit] !== 0 || !wasDelivered || ![local, by].some(state => isCarried(state, bit))) continue
        const lists = [local, by].map(state => tables.reaction(node, state, bits.packet.data[bit] as number))
        expect(lists.map((list, i) => (list < 0 ? 'throws' : answer(node, [local, by][i] as number, list)))).toEqual(
          lists.map(list => (list < 0 ? 'throws' : answer(node, by, lists[1] as number))),
        )
      }
    })
  }
  return count
}

const reduce = ['symmetry', 'dead-messages', 'bisimulation'] as const

describe('states of one class answer alike', () => {
  it(`on ${runs} random protocols (seed ${seed})`, { timeout: 60_000 + runs * 10_000 }, async () => {
    let mergedSome = 0
    await fc.assert(
      fc.asyncProperty(randomProtocolFor.bisimulation, async ({ protocol }) => {
        if (merged(await lastSearch(protocol, { reduce, states: 2_000 })) > 0) mergedSome++
      }),
      { numRuns: runs, seed },
    )
    expect(mergedSome).toBeGreaterThan(runs / 10)
  })

  it.each([
    ['raft', raft({ terms: 2, length: 1, crashes: 0 })],
    ['raft with crashes', raft({ terms: 2, length: 1, crashes: 1 })],
  ] as const)('%s', { timeout: 120_000 }, async (_, protocol) => {
    for (const reductions of [['dead-messages'], ['symmetry', 'dead-messages'], reduce] as const)
      expect(merged(await lastSearch(protocol as unknown as AnyProtocol, { reduce: reductions, states: 20_000 }))).toBeGreaterThan(0)
  })
})
