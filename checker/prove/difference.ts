import { buildSteps } from '../check/counterexample.ts'
import { componentAt } from '../states/layout.ts'
import type { NumberedStates } from '../tables/numbered-states.ts'
import { canonical, diff, showFields, showTagged } from '../trace/show.ts'
import type { Trace } from '../trace/trace.ts'
import { traceOf } from '../trace/trace-of.ts'
import { visible } from '../trace/visible.ts'
import type { Behaved, Met } from './behaved.ts'

/** A (node state, message) in which two versions of a protocol differ. */
export interface Differing {
  /** `n2 with currentTerm: 1, …: VoteRequest(…) from n1`. */
  readonly where: string
  /** What it did, and what it does: one line each; null where it was never met. */
  readonly before: string | null
  readonly after: string | null
  /** In the version that comes there: the new one, unless only the old one does. */
  readonly met: Met
}

/** All in which they differ, of one handler. */
export interface HandlerDifference {
  readonly handler: string
  /** How many (node state, message) both versions meet and answer otherwise; and how many only one of them meets. */
  readonly changed: number
  readonly onlyOne: number
  /** The smallest few, one of those that differ in the names of nodes only. */
  readonly smallest: readonly Differing[]
}

interface Described {
  readonly met: Met
  readonly where: string
  readonly does: string
}

/** What of each handler differs. What both versions meet comes first; what only one meets may be so since another handler differs. */
export const differences = (before: Behaved, after: Behaved, showMax: number): readonly HandlerDifference[] => {
  const [old, now] = [described(before), described(after)]
  const found = new Map<string, { readonly all: Map<string, Differing>; changed: number; onlyOne: number }>()
  const labels = after.tables.system.nodes.map(({ label }) => label)
  const add = ({ met, where }: Described, was: string | null, is: string | null): void => {
    const of = found.get(met.handler) ?? { all: new Map<string, Differing>(), changed: 0, onlyOne: 0 }
    found.set(met.handler, of)
    if (was === null || is === null) of.onlyOne++
    else of.changed++
    const key = withoutNames(`${where} ${was} ${is}`, labels)
    if (!of.all.has(key)) of.all.set(key, { where, before: was, after: is, met })
  }
  for (const [key, one] of now) {
    const other = old.get(key)
    if (other?.does !== one.does) add(one, other?.does ?? null, one.does)
  }
  for (const [key, one] of old) if (!now.has(key)) add(one, one.does, null)
  return [...found].map(([handler, { all, changed, onlyOne }]) => ({
    handler,
    changed,
    onlyOne,
    smallest: [...all.values()].sort((a, b) => rankOf(a) - rankOf(b) || a.where.length - b.where.length || (a.where < b.where ? -1 : 1)).slice(0, showMax),
  }))
}

const rankOf = ({ before, after }: Differing): number => (before !== null && after !== null ? 0 : 1)

/** Nodes by the order in which they come up. */
const withoutNames = (text: string, labels: readonly string[]): string => {
  const order = new Map<string, number>()
  return text.replaceAll(/[\p{L}\p{N}_-]+/gu, word => {
    if (!labels.includes(word)) return word
    const place = order.get(word) ?? order.size
    order.set(word, place)
    return `#${place}`
  })
}

/** All that was met, in words. */
const described = (behaved: Behaved): ReadonlyMap<string, Described> => {
  const { system } = behaved.tables
  const all = new Map<string, Described>()
  for (const met of behaved.met()) {
    const json = (value: number) => system.values.toJson(value)
    const label = (node: number) => visible(system.label(node))
    const message = met.message < 0 ? '' : `: ${showTagged(json(met.message))} from ${label(met.from)}`
    const key = [met.handler, met.node, met.from, canonical(json(met.state)), met.message < 0 ? '' : canonical(json(met.message))].join('\n')
    const outcomes = met.outcomes.map(({ state, sends, emits }) => {
      const sent = sends.map(({ to, message }) => `sends ${showTagged(json(message))} to ${label(to)}`).sort()
      const emitted = emits.map(event => `emits ${showTagged(json(event))}`)
      const next = state === met.state ? 'stays' : diff(json(met.state), json(state)).join(', ')
      return [next, ...sent, ...emitted, ...(system.within(met.node, state) ? [] : ['out of bounds'])].join(', ')
    })
    const does = outcomes.length === 0 ? 'is not enabled' : [...new Set(outcomes)].sort().join('; or ')
    all.set(key, { met, where: `${label(met.node)} with ${showFields(json(met.state))}${message}`, does })
  }
  return all
}

/** What stands in place of a property. */
const WHAT = 'difference'

/** An execution to the first state of the search in which it is met, under some names of nodes; undefined where there is none. A shortest where the search was breadth-first. */
export const executionTo = ({ tables, search }: Behaved, { node, state, message, from }: Met): Trace | undefined => {
  const { symmetry, packets } = tables
  const local = (tables.locals[node] as NumberedStates).find(state, false)
  const packet = message < 0 ? -1 : packets.find(from, node, message)
  const { layout } = search.found.expander.successors
  const generators = symmetry.permutations.map((_, g) => ({
    node: symmetry.nodeImage[g]?.[node] as number,
    local: tables.localImage(g, node, local),
    packet: packet < 0 ? -1 : tables.packetImage(g, packet),
  }))
  for (let number = 0; number < search.found.seen.count; number++) {
    const [records, at] = search.found.record(number)
    const flying = search.found.expander.successors.packetsOf(records, at)
    const isThere = generators.some(
      image => componentAt(layout, image.node, records, at) === image.local && (image.packet < 0 || flying.includes(image.packet)),
    )
    if (!isThere) continue
    const { initial, steps } = buildSteps(search, { property: WHAT, kind: 'state', states: [number] })
    return traceOf(tables.system, WHAT, initial, steps)
  }
  return undefined
}
