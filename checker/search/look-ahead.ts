import { Ints } from '../values/ints.ts'
import type { FoundStates } from './found-states.ts'

/**
 * A cheap look ahead, for what reductions have to learn. It goes on from a state only if some node was met less than `visitsMax` times in the state that it has there.
 * So it sees nearly all states of nodes in few states of the system. All that it sees is reachable; it proves nothing.
 * Its size is `statesMax` states, whatever the check may keep. So a search that goes on from a checkpoint has learnt what a whole one has.
 */
export const lookAhead = async (found: FoundStates, visitsMax: number, statesMax: number, isOver: () => Promise<boolean>): Promise<void> => {
  const { tables, expander, seen } = found
  const visits = tables.locals.map(() => new Ints())
  const isNovel = (number: number): boolean => {
    const components = expander.successors.unpack(seen.keys, number * seen.width)
    let novel = false
    for (let node = 0; node < tables.nodeCount; node++) {
      const local = components[node] as number
      const count = visits[node] as Ints
      count.reach(local + 1)
      if ((count.data[local] as number) < visitsMax) novel = true
      count.data[local] = (count.data[local] as number) + 1
    }
    return novel
  }
  const { expandedPerPulse } = tables.tuning
  await found.begin(isOver)
  const queue = new Ints()
  for (let number = 0; number < seen.count; number++) if (number === 0 || isNovel(number)) queue.push(number)
  for (let next = 0; next < queue.length && seen.count < statesMax; next++) {
    if (next % expandedPerPulse === 0 && (await isOver())) return
    const before = seen.count
    found.expand(queue.data[next] as number)
    found.flush(-1)
    for (let number = before; number < seen.count; number++) if (isNovel(number)) queue.push(number)
  }
}
