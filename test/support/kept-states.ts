/** Does each state that a search keeps stand for one that can be reached, and are there as many? */
import { Map as IMap, Record as IRecord, Set as ISet, List } from 'immutable'
import { Id, isId } from '../../checker/protocol/id.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { Refinement } from '../../checker/reduce/bisimulation/refinement.ts'
import { StateGraph } from '../../checker/reduce/bisimulation/state-graph.ts'
import type { Search } from '../../checker/search/search.ts'
import { type Findings, observersOf, text } from './oracle.ts'

/** What a state of the system is: its nodes, observers and budgets as a text, and each message in flight as one. */
interface Shown {
  readonly whole: string
  readonly messages: readonly string[]
}

/** Has the first all messages that the second has, as often? */
const hasAll = (messages: readonly string[], others: readonly string[]): boolean => {
  const left = [...messages]
  return others.every(one => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
}

/** The same value with other ids. */
const translated = (value: unknown, idOf: (id: Id) => Id): unknown => {
  const again = (part: unknown): unknown => translated(part, idOf)
  if (isId(value)) return idOf(value)
  if (IMap.isMap(value)) return value.mapEntries(([key, part]) => [again(key), again(part)])
  if (ISet.isSet(value) || List.isList(value)) return (value as List<unknown>).map(again)
  if (IRecord.isRecord(value))
    return Object.keys(value.toObject()).reduce((record, field) => record.set(field as never, again(record.get(field as never)) as never), value)
  return value
}

/** Where fields are dead: states of nodes as the oracle has them, each as a search keeps it. */
const resetBy = ({ tables }: Search): ((node: number, state: unknown) => unknown) => {
  const { live, system } = tables
  if (live?.resets !== true) return (_, state) => state
  const known = new Map<string, unknown>()
  return (node, state) => {
    const key = `${node} ${text(state)}`
    if (!known.has(key)) {
      const value = system.values.encode(translated(state, id => system.idOf(id.kind, Id.rankOf(id))))
      known.set(key, system.values.decode(live.reset(node, value)))
    }
    return known.get(key)
  }
}

/** States of nodes by their text, each by one that stands for its class, where bisimulation is in force. */
const classesOf = ({ tables, reducers: { dead, bisimulation } }: Search, merges: boolean): ((node: number, local: number | string) => string) => {
  const { system, locals } = tables
  const textOf = (node: number, local: number): string => {
    const of = locals[node] as (typeof locals)[number]
    return `${text(system.values.decode(of.valueOf(local)))} ${of.crashed(local)}`
  }
  const classes = locals.map(() => new Map<string, string>())
  if (merges && dead !== undefined && bisimulation !== undefined) {
    const graph = new StateGraph(tables, dead)
    let refinement: Refinement
    do {
      refinement = new Refinement(tables, dead, graph, Infinity)
      refinement.goOn()
    } while (refinement.grew)
    locals.forEach(({ size }, node) => {
      for (let local = 0; local < size; local++)
        for (let first = 0; first <= local; first++)
          if (first === local || refinement.areAlike(node, local, first)) {
            classes[node]?.set(textOf(node, local), textOf(node, first))
            break
          }
    })
  }
  return (node, local) => {
    const shown = typeof local === 'string' ? local : textOf(node, local)
    return classes[node]?.get(shown) ?? shown
  }
}

/**
 * What a search keeps, held against the states that can be reached.
 */
export interface Kept {
  /** Those that stand for none that can be reached. */
  readonly strangers: readonly string[]
  /**
   * How many are left which no other covers (with subsumption), both up to bisimulation. A search may keep more: in one that confirms classes, what comes up late stands for itself beside
   * the state that is alike (reduce/bisimulation/bisimulation.ts); and a proof that takes up what was dropped meets a state again, with the message.
   */
  readonly distinct: number
}

/**
 * A state that is kept stands for one that can be reached: with the same nodes, up to dead fields and bisimulation where these are in force, the same observers and budgets, and all the
 * messages in flight, and perhaps more (those which are dead, or lost).
 */
export const keptStates = (protocol: AnyProtocol, { worlds }: Findings, search: Search): Kept => {
  const { tables, found } = search
  const { expander, seen, subsumption } = found
  const { system, nodeCount, observerNames } = tables
  const { faults } = system
  const reset = resetBy(search)
  const observers = observersOf(protocol)
  const classOf = classesOf(search, search.reducers.bisimulation !== undefined)
  const reachable = new Map<string, Shown[]>()
  for (const { whole: world, budgets } of worlds) {
    const ids = Object.values(world.nodes).flat()
    const whole = [
      ...ids.map((id, node) => classOf(node, `${text(reset(node, world.get(id)))} ${world.crashed(id)}`)),
      ...observers.map(name => text(world.observer(name))),
      ...budgets.filter((_, i) => faults[i]?.atMost !== Infinity).map(String),
    ].join('\n')
    const messages = world.inFlight.map(text)
    const alike = reachable.get(whole)
    if (alike === undefined) reachable.set(whole, [{ whole, messages }])
    else alike.push({ whole, messages })
  }
  const strangers: string[] = []
  const left: (Shown & { readonly exact: string })[] = []
  for (let number = 0; number < seen.count; number++) {
    const [record, at] = [seen.keys, number * seen.width]
    const components = [...expander.successors.unpack(record, at)]
    const whole = [
      ...components.slice(0, nodeCount).map((local, node) => classOf(node, local)),
      ...Array.from({ length: observerNames.length }, (_, o) => {
        const states = tables.observers[o] as (typeof tables.observers)[number]
        return text(system.values.decode(states.valueOf(components[nodeCount + o] as number)))
      }),
      ...components.slice(nodeCount + observerNames.length, tables.fixedComponents).map(String),
    ].join('\n')
    const messages = expander.successors.packetsOf(record, at).map(packet => {
      const { from, to, message } = tables.packets
      return text({
        from: system.nodes[from.data[packet] as number]?.id,
        to: system.nodes[to.data[packet] as number]?.id,
        message: system.values.decode(message.data[packet] as number),
      })
    })
    messages.sort()
    if (!(reachable.get(whole) ?? []).some(one => hasAll(one.messages, messages))) strangers.push(`${whole}\n${messages.join('\n')}`)
    if (subsumption?.isSubsumed(number) !== true) left.push({ whole, exact: components.join(), messages })
  }
  // What came up late stands for itself, so the search does not see that one that is alike covers it.
  const isCovered = ({ whole, exact, messages }: (typeof left)[number]): boolean =>
    subsumption !== undefined &&
    left.some(other => other.whole === whole && other.exact !== exact && other.messages.length > messages.length && hasAll(other.messages, messages))
  const distinct = new Set(left.filter(one => !isCovered(one)).map(({ whole, messages }) => `${whole}\n${messages.join('\n')}`))
  return { strangers, distinct: distinct.size }
}
