import { NONE } from '../steps/obligations.ts'
import { Ints } from '../values/ints.ts'
import type { LabelledGraph } from './labelled-graph.ts'

/** States among which a fair execution may go round for ever, through all of them. */
export interface FairPart {
  readonly states: readonly number[]
  /** Only they are of this zone. */
  readonly zone: number
  /** Over `fair-loss`: packets that are not sent, since nobody would receive them. */
  readonly unsent: ReadonlySet<number>
}

/** A state that a search for components has not seen yet. */
const UNSEEN = 0

/** The zone of states that are not looked at. */
export const OUTSIDE = -1

/**
 * The fair parts of a graph: its strongly connected components, pruned until what is left meets all obligations (A. Pnueli and O. Lichtenstein 1985; E. A. Emerson and C.-L. Lei 1987).
 * A weak obligation is met by a component in which it is taken, or in some state cannot be. Where a strong one is not taken, the states in which it can be are taken away. Where, over `fair-loss`,
 * what is sent is not received, the steps that send it are taken away. What is left is taken apart again. See docs/liveness.md.
 */
export class FairCycles {
  readonly #graph: LabelledGraph
  /** To what each state belongs; states are looked at only together with those of the same. */
  readonly zones: Int32Array
  /** 1 for a state in which an execution may stay for ever, as far as its steps tell. */
  readonly #rests: Uint8Array
  #lastZone = 0
  // For the components, R. Tarjan 1972:
  readonly #index: Int32Array
  readonly #low: Int32Array
  readonly #isOpen: Uint8Array
  /** The states of components that are not complete, and the edges that are still to be followed of those on the way. */
  readonly #open = new Ints()
  readonly #edges = new Ints()

  constructor(graph: LabelledGraph) {
    const { size } = graph
    this.#graph = graph
    this.zones = new Int32Array(size)
    this.#rests = new Uint8Array(size)
    this.#index = new Int32Array(size)
    this.#low = new Int32Array(size)
    this.#isOpen = new Uint8Array(size)
  }

  /** A number for states that are looked at together. */
  newZone(): number {
    return ++this.#lastZone
  }

  /**
   * The fair parts of the states of a zone, which ends by it. A part of one state is one in which an execution may stay.
   * @param mustHave a part counts only with such a state
   * @throws Stopped
   */
  async partsOf(states: Iterable<number>, zone: number, mustHave?: (state: number) => boolean): Promise<FairPart[]> {
    return await this.#parts(states, zone, new Set(), mustHave)
  }

  async #parts(states: Iterable<number>, zone: number, unsent: ReadonlySet<number>, mustHave?: (state: number) => boolean): Promise<FairPart[]> {
    const parts: FairPart[] = []
    const members: number[][] = []
    for (const state of states) {
      if (this.zones[state] !== zone || this.#index[state] !== UNSEEN) continue
      await this.#components(state, zone, unsent, component => members.push(component))
    }
    for (const component of members) for (const state of component) this.#index[state] = UNSEEN
    for (const component of members) {
      const own = this.newZone()
      for (const state of component) this.zones[state] = own
      parts.push(...(await this.#pruned(component, own, unsent, mustHave)))
    }
    return parts
  }

  /** The components that can be reached from a state, those of one state only where an execution may stay in it. */
  async #components(root: number, zone: number, unsent: ReadonlySet<number>, visit: (component: number[]) => void): Promise<void> {
    const index = this.#index
    const low = this.#low
    const isOpen = this.#isOpen
    const edges = this.#edges
    /** On the way: the state, its next edge, and the first edge of the one after it. */
    const way: number[] = []
    let last = 0
    const enter = (state: number): void => {
      index[state] = low[state] = ++last
      isOpen[state] = 1
      this.#open.push(state)
      way.push(state, edges.length)
      this.#edgesOf(state, zone, unsent)
    }
    const single: number[] = []
    enter(root)
    while (way.length > 0) {
      const at = way.length - 2
      const state = way[at] as number
      const first = way[at + 1] as number
      if (edges.length > first) {
        const to = edges.pop()
        if (index[to] === UNSEEN) {
          await this.#graph.turn()
          enter(to)
        } else if (isOpen[to] === 1) low[state] = Math.min(low[state] as number, index[to] as number)
        continue
      }
      way.length = at
      const before = way[at - 2]
      if (before !== undefined) low[before] = Math.min(low[before] as number, low[state] as number)
      if (low[state] !== index[state]) continue
      const component: number[] = []
      for (let member = -1; member !== state; ) {
        member = this.#open.pop()
        isOpen[member] = 0
        component.push(member)
      }
      if (component.length > 1 || this.#rests[state] === 1) visit(component)
      else single.push(state)
    }
    // They are done with: no other root is to find them again.
    for (const state of single) {
      this.zones[state] = OUTSIDE
      index[state] = UNSEEN
    }
  }

  /** Puts the edges of a state within its zone on the stack, and notes whether an execution may stay there. */
  #edgesOf(state: number, zone: number, unsent: ReadonlySet<number>): void {
    const graph = this.#graph
    const made = graph.expand(state)
    const { sends, idle, enabled } = graph.steps
    const targets = graph.targets
    for (let i = 0; i < made; i++) {
      const to = targets[i] as number
      if (this.zones[to] === zone && !graph.sendsAny(sends[i] as number, unsent)) this.#edges.push(to)
    }
    const isMet = (obligation: number): boolean => idle.some(step => step.obligation === obligation && !graph.sendsAny(step.sends, unsent))
    this.#rests[state] = enabled.every(obligation => graph.owed.isLossy(obligation) || isMet(obligation)) ? 1 : 0
  }

  /** What is left of a component when what is not fair is taken away. */
  async #pruned(states: readonly number[], zone: number, unsent: ReadonlySet<number>, mustHave?: (state: number) => boolean): Promise<FairPart[]> {
    if (mustHave !== undefined && !states.some(mustHave)) return []
    const { enabled, taken, sent } = await this.#happening(states, zone, unsent)
    const graph = this.#graph
    const { owed } = graph
    const lost = owed.delivers ? [...sent].filter(packet => !taken.has(owed.ofDelivery(packet)) && !graph.isLost(packet, states[0] as number)) : []
    if (lost.length > 0) return await this.#parts(states, zone, new Set([...unsent, ...lost]), mustHave)
    const starving = new Set<number>()
    for (const [obligation, times] of enabled) {
      if (taken.has(obligation)) continue
      if (owed.isStrong(obligation)) starving.add(obligation)
      else if (times === states.length) return []
    }
    if (starving.size === 0) return [{ states, zone, unsent }]
    const left: number[] = []
    for (const state of states) {
      await graph.turn()
      graph.expand(state)
      if (graph.steps.enabled.some(obligation => starving.has(obligation))) this.zones[state] = OUTSIDE
      else left.push(state)
    }
    return await this.#parts(left, zone, unsent, mustHave)
  }

  /** What may happen while an execution stays among these states: in how many of them each obligation is owed, which are met, and what is sent. */
  async #happening(states: readonly number[], zone: number, unsent: ReadonlySet<number>) {
    const graph = this.#graph
    const { owed } = graph
    const enabled = new Map<number, number>()
    const taken = new Set<number>()
    const sent = new Set<number>()
    const send = (list: number): void => {
      if (list !== 0 && graph.search.tables.fairLoss) for (const packet of graph.sent(list)) sent.add(packet)
    }
    for (const state of states) {
      await graph.turn()
      const made = graph.expand(state)
      const { obligations, sends, idle } = graph.steps
      for (const obligation of new Set(graph.steps.enabled)) if (!owed.isLossy(obligation)) enabled.set(obligation, (enabled.get(obligation) ?? 0) + 1)
      for (let i = 0; i < made; i++) {
        if (this.zones[graph.targets[i] as number] !== zone || graph.sendsAny(sends[i] as number, unsent)) continue
        if (obligations[i] !== NONE) taken.add(obligations[i] as number)
        send(sends[i] as number)
      }
      for (const step of idle) {
        if (graph.sendsAny(step.sends, unsent)) continue
        if (step.obligation !== NONE) taken.add(step.obligation)
        send(step.sends)
      }
    }
    return { enabled, taken, sent }
  }
}
