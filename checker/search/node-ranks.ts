import type { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import { TAKEN } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { Ints } from '../values/ints.ts'

/**
 * How far a state has come: the sum of the ranks of the states of its nodes. The rank of a state of a node is the length of the longest way to it in the graph of all steps
 * of that node that the tables know, cycles taken as one. So a step leads to a state that has come farther, unless it lies on a cycle of its node: the sum is a *progress
 * measure* (Christensen, Kristensen and Mailund 2001, sweep-line method).
 *
 * What it is for: with subsumption (subsumption.ts) a state should be expanded only when all that might cover it was met. What covers it has the same nodes, so the same progress, and is met from
 * states that had come less far. Expanded in this order, a state is hardly ever covered afterwards: of Raft with 3 nodes, 2 terms and 1 broadcast, without other reductions, 83,796 states are
 * expanded and 83,262 stay uncovered, depth-first 132,533 are (test/engine/progress.test.ts).
 *
 * The order decides nothing but what is done first: ranks may be old, or wrong.
 */
export class NodeRanks {
  readonly #tables: Tables
  readonly #bisimulation: Bisimulation | undefined
  #ranks: Int32Array[]
  /** States of nodes when they were ranked. */
  #ranked = -1

  constructor(tables: Tables, bisimulation: Bisimulation | undefined) {
    this.#tables = tables
    this.#bisimulation = bisimulation
    this.#ranks = tables.locals.map(() => new Int32Array(0))
  }

  /** Of the state with these components; -1 if one of its nodes is in a state that has no rank yet. */
  sumOf(components: Int32Array): number {
    const ranks = this.#ranks
    let sum = 0
    for (let node = 0; node < ranks.length; node++) {
      const rank = (ranks[node] as Int32Array)[components[node] as number]
      if (rank === undefined) return -1
      sum += rank
    }
    return sum
  }

  /** Ranks all states of nodes anew if many have come since that was done last; whether it was. Takes time linear in the tables. */
  renew(): boolean {
    const { staleShare, staleMore } = this.#tables.tuning
    const size = this.#tables.locals.reduce((sum, locals) => sum + locals.size, 0)
    if (this.#ranked >= 0 && size <= this.#ranked * staleShare + staleMore) return false
    this.#ranked = size
    this.#ranks = this.#ranks.map((_, node) => longestWays(this.#stepsOf(node)))
    return true
  }

  /** To go on with elsewhere. */
  get view(): Int32Array {
    const result = new Ints()
    result.push(this.#ranked)
    for (const ranks of this.#ranks) {
      result.push(ranks.length)
      for (const rank of ranks) result.push(rank)
    }
    return result.data.subarray(0, result.length)
  }

  set view(view: Int32Array) {
    this.#ranked = view[0] as number
    let at = 1
    this.#ranks = this.#ranks.map(() => {
      const length = view[at] as number
      at += 1 + length
      return view.slice(at - length, at)
    })
  }

  /** The steps of a node. Where states are alike, those of the one that stands for them. */
  #stepsOf(node: number): Graph {
    const { locals, acts, cells, strides, recoveries, stopped, outcomes } = this.#tables
    const size = locals[node]?.size as number
    const starts = new Int32Array(size + 1)
    const targets = new Ints(1024)
    const to = (from: number, target: number): void => {
      const standsFor = this.#bisimulation?.standInOf(node, target) ?? target
      if (standsFor !== from) targets.push(standsFor)
    }
    const byList = (from: number, list: number): void => {
      const end = outcomes.start.data[list + 1] as number
      for (let o = outcomes.start.data[list] as number; o < end; o++) to(from, outcomes.to.data[o] as number)
    }
    const known = (row: Ints | undefined, local: number): number => (row !== undefined && local < row.length ? (row.data[local] as number) : 0)
    const stride = strides[node] as number
    const row = cells[node] as Int32Array
    for (let local = 0; local < size; local++) {
      starts[local] = targets.length
      if ((this.#bisimulation?.standInOf(node, local) ?? local) !== local) continue
      const act = known(acts[node], local)
      if (act > 1) byList(local, act - 1)
      const end = Math.min((local + 1) * stride, row.length)
      for (let i = local * stride; i < end; i++) {
        const list = ((row[i] as number) & ~TAKEN) - 1
        if (list > 0) byList(local, list)
      }
      const recovery = known(recoveries[node], local)
      if (recovery > 1) byList(local, recovery - 1)
      const stop = known(stopped[node], local)
      if (stop > 0) to(local, stop - 1)
    }
    starts[size] = targets.length
    return { starts, targets: targets.data }
  }
}

/** The vertices that an edge leads to from vertex v: `targets[starts[v]] … targets[starts[v + 1] - 1]`. */
interface Graph {
  readonly starts: Int32Array
  readonly targets: Int32Array
}

/** The length of the longest way to each vertex, in edges from one strongly connected component to another (which Tarjan 1972 finds). */
export const longestWays = ({ starts, targets }: Graph): Int32Array => {
  const size = starts.length - 1
  const component = componentsOf({ starts, targets })
  // Components are numbered so that edges lead to lower ones: so the highest come first.
  const order = verticesBy(component)
  const ways = new Int32Array(size)
  for (let i = size - 1; i >= 0; i--) {
    const v = order[i] as number
    const way = ways[component[v] as number] as number
    for (let e = starts[v] as number; e < (starts[v + 1] as number); e++) {
      const there = component[targets[e] as number] as number
      if (there !== component[v] && (ways[there] as number) <= way) ways[there] = way + 1
    }
  }
  return component.map(c => ways[c] as number)
}

/** The strongly connected component of each vertex: an edge from one to another leads to a lower number. */
const componentsOf = ({ starts, targets }: Graph): Int32Array => {
  const size = starts.length - 1
  const component = new Int32Array(size).fill(-1)
  const found = new Int32Array(size)
  const low = new Int32Array(size)
  /** Where in its edges the visit of a vertex is. */
  const edge = starts.slice()
  const open: number[] = []
  const way: number[] = []
  let time = 0
  let components = 0
  for (let root = 0; root < size; root++) {
    if (found[root] !== 0) continue
    way.push(root)
    while (way.length > 0) {
      const v = way.at(-1) as number
      if (found[v] === 0) {
        found[v] = low[v] = ++time
        open.push(v)
      }
      const e = edge[v] as number
      if (e < (starts[v + 1] as number)) {
        const to = targets[e] as number
        if (found[to] === 0) {
          way.push(to)
          continue
        }
        if (component[to] === -1) low[v] = Math.min(low[v] as number, low[to] as number)
        edge[v] = e + 1
        continue
      }
      way.pop()
      if (low[v] !== found[v]) continue
      for (let w = -1; w !== v; ) {
        w = open.pop() as number
        component[w] = components
      }
      components++
    }
  }
  return component
}

/** The vertices, by the number of their component. */
const verticesBy = (component: Int32Array): Int32Array => {
  const counts = new Int32Array(component.length + 1)
  for (const c of component) counts[c + 1] = (counts[c + 1] as number) + 1
  for (let c = 0; c < component.length; c++) counts[c + 1] = (counts[c + 1] as number) + (counts[c] as number)
  const order = new Int32Array(component.length)
  component.forEach((c, v) => {
    order[counts[c] as number] = v
    counts[c] = (counts[c] as number) + 1
  })
  return order
}
