import { breadthFirst } from './breadth-first.ts'
import { oneByOne } from './one-by-one.ts'
import type { Search } from './search.ts'

/** Runs a search to its end, in its order. */
export const run = async (search: Search): Promise<void> => {
  if (!(await search.start())) return
  if (search.stoppedBy === undefined) await (search.options.order === 'breadth' ? breadthFirst(search) : oneByOne(search))
  search.end()
}
