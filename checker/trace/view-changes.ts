import type { Json } from '../protocol/json.ts'
import { predicatesIn } from '../protocol/properties.ts'
import { viewJson, viewsIn } from './judge.ts'
import { diff } from './show.ts'
import type { Walker, WalkState } from './walk.ts'

/** What a property looks at of a node is another after a step. */
export interface ViewChange {
  /** The number of the step, from 1. */
  readonly step: number
  readonly node: string
  /** What differs in it, each by itself, without what it is of: `null → commit`. */
  readonly differences: readonly string[]
}

/**
 * The steps of an execution by which what a property looks at is changed; none of a property that looks at no single nodes.
 * @param states the first, then that after each step
 * @throws SpecError if the protocol is broken
 */
export const viewChangesOf = (walker: Walker, property: string, states: readonly WalkState[]): readonly ViewChange[] => {
  const { system } = walker
  const { properties, name } = system.protocol
  const asked = Object.hasOwn(properties, property) ? properties[property] : undefined
  if (asked === undefined) return []
  const place = `${name}, property ${property}`
  const seen = states.map(state => {
    const views = new Map<number, Json[]>()
    const all = system.run(place, () => predicatesIn(asked).flatMap(predicate => viewsIn(walker, predicate, state).flat()))
    for (const { node, view } of all) if (node !== null) views.set(node, [...(views.get(node) ?? []), viewJson(walker, view, place)])
    return views
  })
  return seen.slice(1).flatMap((views, i) =>
    [...views].flatMap(([node, now]) => {
      const before = seen[i]?.get(node)
      const differences = now.flatMap((view, k) => diff(before?.[k] ?? null, view).map(text => text.replace(/^[^ ]+: /, '')))
      return differences.length === 0 ? [] : [{ step: i + 1, node: system.label(node), differences }]
    }),
  )
}
