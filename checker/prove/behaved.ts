import type { Outcome } from '../run/outcome.ts'
import type { System } from '../run/system.ts'
import type { Search } from '../search/search.ts'
import { componentAt } from '../states/layout.ts'
import type { NumberedStates } from '../tables/numbered-states.ts'
import type { Tables } from '../tables/tables.ts'
import { combine, mix } from '../values/hash.ts'
import type { ValueId } from '../values/value-id.ts'
import { Sum } from './sum.ts'

/** What the code of a protocol does, by itself: whatever it is called, however it is written, and whatever is asked of it. */
export interface Behaviour {
  /**
   * How far it was looked: at every (node state, message) that any execution comes to; or at those of executions of so many steps. Hashes are of the same where this is the same.
   */
  readonly covers: 'everything' | number
  /** Of the set of reachable states, without observers; null where not all were seen. */
  readonly states: string | null
  /** Of what each handler, action and recovery does in all node states that it is met in: `role.name`. */
  readonly handlers: { readonly [handler: string]: string }
}

/** What one handler was met with, and what it did. */
export interface Met {
  /** `role.name`, as in `Behaviour.handlers`. */
  readonly handler: string
  readonly node: number
  readonly state: ValueId
  /** -1 for what is no delivery. */
  readonly message: ValueId
  readonly from: number
  readonly outcomes: readonly Outcome[]
}

/** What a search met: see `Behaviour`. Tables hold each delivery with all its images, so sums over them do not depend on which representative was met. */
export class Behaved {
  readonly tables: Tables
  readonly search: Search
  readonly covers: Behaviour['covers']

  constructor(search: Search, covers: Behaviour['covers']) {
    this.search = search
    this.tables = search.tables
    this.covers = covers
  }

  behaviour(): Behaviour {
    const sums = new Map<string, Sum>()
    for (const met of this.met()) {
      const sum = sums.get(met.handler) ?? new Sum()
      sums.set(met.handler, sum)
      sum.add(this.#hashOf(met, 0), this.#hashOf(met, 1))
    }
    const handlers = [...sums].map(([handler, sum]) => [handler, sum.text] as const).sort(([a], [b]) => (a < b ? -1 : 1))
    return { covers: this.covers, states: this.#statesHash(), handlers: Object.fromEntries(handlers) }
  }

  /** All that was met, each with its images under symmetry, and what code of the spec does there: it is run once more, but for deliveries. */
  *met(): Generator<Met> {
    const { system } = this.tables
    for (const [node, { role }] of system.nodes.entries()) {
      for (const { state, choices } of system.beginnings(node))
        yield { handler: `${role}.init`, node, state, message: -1, from: node, outcomes: [{ state, sends: [], emits: [], choices }] }
      yield* this.#deliveries(node, role)
      yield* this.#ownSteps(node, role)
    }
  }

  *#deliveries(node: number, role: string): Generator<Met> {
    const { system, packets, cells, strides, locals } = this.tables
    const { column, message, from, to } = packets
    const table = cells[node] as Int32Array
    const stride = strides[node] as number
    const states = locals[node] as NumberedStates
    for (let packet = 0; packet < packets.size; packet++) {
      if (to.data[packet] !== node) continue
      const at = column.data[packet] as number
      const [id, sender] = [message.data[packet] as number, from.data[packet] as number]
      const handler = `${role}.${system.values.typeOf(id)}`
      for (let local = 0; local < states.size && at < stride; local++) {
        if (states.crashed(local) || (table[local * stride + at] ?? 0) === 0) continue
        const state = states.valueOf(local)
        yield { handler, node, state, message: id, from: sender, outcomes: system.deliver(node, state, id, sender, false) }
      }
    }
  }

  *#ownSteps(node: number, role: string): Generator<Met> {
    const { system, locals, acts, recoveries, ticks } = this.tables
    const states = locals[node] as NumberedStates
    const isKnown = (table: { readonly length: number; readonly data: Int32Array } | undefined, local: number): boolean =>
      table !== undefined && local < table.length && table.data[local] !== 0
    for (let local = 0; local < states.size; local++) {
      if (states.crashed(local)) continue
      const state = states.valueOf(local)
      const own = { node, state, message: -1, from: node }
      if (isKnown(acts[node], local))
        for (const name of system.actionNames(node)) yield { handler: `${role}.${name}`, ...own, outcomes: system.act(node, state, name, false) }
      if (isKnown(ticks[0]?.[node], local)) {
        // A node that is due does nothing by a tick, and others do not either.
        const isDue = system.isNodeDue(node, state)
        yield { handler: `${role}.tick`, ...own, outcomes: isDue ? [] : system.tick(node, state, 1, false) }
      }
      if (isKnown(recoveries[node], local)) yield { handler: `${role}.recover`, ...own, outcomes: system.recover(node, state, false) }
    }
  }

  #hashOf({ node, state, message, from, outcomes }: Met, lane: 0 | 1): number {
    const { system } = this.tables
    const { values } = system
    const place = combine(combine(node, from), message < 0 ? 0 : values.hash(message, lane))
    let all = 0
    // Of the same outcome by other choices there is one.
    const known = new Set<number>()
    for (const outcome of outcomes) {
      const hash = outcomeHash(outcome, system, node, lane)
      if (known.has(hash)) continue
      known.add(hash)
      all = (all + mix(hash)) | 0
    }
    return combine(combine(place, values.hash(state, lane)), all)
  }

  /** Each state with all its different images: as many as there are without symmetry. */
  #statesHash(): string | null {
    const { search, tables } = this
    const { symmetry } = tables
    if (!search.complete || search.options.order !== 'breadth' || !symmetry.listed) return null
    const sum = new Sum()
    const { layout } = search.found.expander.successors
    const components = new Int32Array(tables.componentCount)
    const images = new Set<number>()
    for (let number = 0; number < search.found.seen.count; number++) {
      const [records, at] = search.found.record(number)
      for (let c = 0; c < layout.components; c++) components[c] = componentAt(layout, c, records, at)
      const bits = tables.fifo ? [] : search.found.expander.successors.bitsOf(records, at)
      images.clear()
      for (let g = 0; g < symmetry.permutations.length; g++) {
        const [low, high] = [this.#imageHash(g, components, bits, 0), this.#imageHash(g, components, bits, 1)]
        // Of 53 bits, as many as a number has.
        const image = (low >>> 0) * 2 ** 21 + (high >>> 11)
        if (images.size === images.add(image).size) continue
        sum.add(low, high)
      }
    }
    return sum.text
  }

  #imageHash(g: number, components: Int32Array, bits: readonly number[], lane: 0 | 1): number {
    const { tables } = this
    const { nodeCount, fixedComponents, queues, symmetry, observerNames } = tables
    const { values } = tables.system
    const image = symmetry.nodeImage[g] as Int32Array
    let hash = 0
    for (let node = 0; node < nodeCount; node++) {
      const states = tables.locals[node] as NumberedStates
      const local = tables.localImage(g, node, components[node] as number)
      const content = combine(values.hash(states.valueOf(local), lane), states.crashed(local) ? 1 : 0)
      hash = (hash + mix(combine(image[node] as number, content))) | 0
    }
    for (let c = nodeCount + observerNames.length; c < fixedComponents; c++)
      hash = (hash + mix(combine(1_000 + c - nodeCount - observerNames.length, components[c] as number))) | 0
    for (const bit of bits)
      hash = (hash + mix(combine(this.#packetHash(g, tables.bits.packet.data[bit] as number, lane), tables.bits.copy.data[bit] as number))) | 0
    queues.forEach((queue, channel) => {
      const packets = queue.items[components[fixedComponents + channel] ?? 0] ?? []
      packets.forEach((packet, place) => {
        hash = (hash + mix(combine(this.#packetHash(g, packet, lane), place))) | 0
      })
    })
    return hash
  }

  #packetHash(g: number, packet: number, lane: 0 | 1): number {
    const { packets, symmetry, system } = this.tables
    const image = symmetry.nodeImage[g] as Int32Array
    const message = symmetry.image(g, packets.message.data[packet] as number)
    const ends = combine(image[packets.from.data[packet] as number] as number, image[packets.to.data[packet] as number] as number)
    return combine(combine(2_000, ends), system.values.hash(message, lane))
  }
}

/** Of one outcome; the order of sends to different nodes means nothing. */
const outcomeHash = ({ state, sends, emits }: Outcome, system: System, node: number, lane: 0 | 1): number => {
  const { values } = system
  const byReceiver = new Map<number, number>()
  for (const { to, message } of sends) byReceiver.set(to, combine(byReceiver.get(to) ?? to, values.hash(message, lane)))
  let sent = 0
  for (const hash of byReceiver.values()) sent = (sent + mix(hash)) | 0
  const emitted = emits.reduce((hash, event) => combine(hash, values.hash(event, lane)), 0)
  // What the bound of the model cuts off is another behaviour within it.
  const within = system.within(node, state) ? 1 : 0
  return combine(combine(combine(values.hash(state, lane), sent), emitted), within)
}
