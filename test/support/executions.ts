import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { withTime } from '../../checker/run/time.ts'
import { judge } from '../../checker/trace/judge.ts'
import { Walker, type WalkState, type WalkStep } from '../../checker/trace/walk.ts'

/**
 * A third reading of "every execution of at most so many steps": all of them, one by one, without a set of states that were seen. For each property over states or steps, and for deadlocks, the
 * length of a shortest execution at whose end it is violated; a property that is not there is not violated within the depth.
 *
 * Steps and judgements are those of replays, which share no code with the search. Exponential in `depth`.
 */
export const violatedWithin = (given: AnyProtocol, depth: number): { readonly [property: string]: number } => {
  const protocol = withTime(given)
  const walker = new Walker(new System(protocol))
  const shortest: { [property: string]: number } = {}
  const names = Object.entries(protocol.properties).flatMap(([name, { type }]) => (type === 'reachable' || type === 'canAlways' ? [] : [name]))
  const asked = protocol.mayRest === undefined || protocol.mayRest === true ? names : [...names, 'deadlock']
  const go = (state: WalkState, last: WalkStep | undefined, length: number): void => {
    for (const name of asked) if (judge(walker, name, state, last).violated === true) shortest[name] = Math.min(shortest[name] ?? Infinity, length)
    if (length === depth) return
    for (const step of walker.successors(state, { idle: true, losses: asked.includes('deadlock') })) {
      // An execution goes on from a step that changed something; one that did not may still break a step property.
      if (walker.keyOf(step.next) !== walker.keyOf(state)) go(step.next, step, length + 1)
      else
        for (const name of names)
          if (judge(walker, name, state, step).violated === true && protocol.properties[name]?.type === 'step')
            shortest[name] = Math.min(shortest[name] ?? Infinity, length + 1)
    }
  }
  go(walker.initial(), undefined, 0)
  return shortest
}
