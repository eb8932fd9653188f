import type { Search } from '../search/search.ts'
import { requests } from '../tables/journal.ts'

/** What a worker asks the leader to learn: a request of tables/journal.ts, and its operands; but `world` and `rest` are followed by the record of the state. */
export type Request = readonly number[]

/**
 * Learns all that workers asked for, as the search itself would have where it met it.
 *
 * In an order of their own, so that what is learnt does not depend on which worker asked first; requests that were answered by an earlier one change nothing.
 * What one of them brings up may make the tables forget answers about the whole (tables/whole-answers.ts), also those just given: so these are asked for again, until none was forgotten.
 * @throws SpecError what code of the spec throws
 */
export const answer = (search: Search, asked: Iterable<Request>): void => {
  const { globalMemos, worldMemos, restMemo } = search.tables
  const clears = (): number => [...globalMemos, ...worldMemos, restMemo].reduce((sum, memo) => sum + memo.clears, 0)
  const sorted = [...asked].sort(compare)
  let before = clears()
  for (const request of sorted) answerOne(search, request)
  const ofWhole = sorted.filter(([kind]) => kind === requests.globalStep || kind === requests.world || kind === requests.rest)
  while (before !== clears()) {
    before = clears()
    for (const request of ofWhole) answerOne(search, request)
  }
}

/** A step that looks at what is in flight is noticed, and asked for in each state, in one thread. */
const NOTHING_IN_FLIGHT = (): readonly number[] => []

const compare = (a: Request, b: Request): number => {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return a.length - b.length
}

const answerOne = ({ tables, judge, reducers: { dead } }: Search, [kind, ...operands]: Request): unknown => {
  const [a = 0, b = 0, c = 0] = operands
  switch (kind) {
    case requests.act: {
      const list = tables.act(a, b)
      dead?.edges(a, b, list)
      return undefined
    }
    case requests.take:
      if (dead !== undefined) return dead.deliver(a, b, c)
      tables.deliver(a, b, c)
      return tables.markTaken(a, b, c)
    case requests.recover:
      return tables.recover(a, b)
    case requests.stop:
      return tables.stop(a, b)
    case requests.observe:
      return tables.observe(a, b, c)
    case requests.copy:
      return tables.copy(a)
    case requests.push:
      return tables.push(a, b, c)
    case requests.tick:
      return tables.tick(a, b, c)
    case requests.age:
      return tables.age(a, b)
    case requests.ageQueue:
      return tables.ageQueue(a, b, c)
    case requests.globalStep: {
      const components = Int32Array.from(operands.slice(1))
      if ((tables.globalMemos[a]?.find(components) as number) < 0) tables.globalStep(a, components, NOTHING_IN_FLIGHT)
      return undefined
    }
    case requests.change:
      return tables.change(a, b, c)
    case requests.world:
      return judge.truth(Int32Array.from(operands), 0)
    case requests.rest:
      return judge.mayRest(Int32Array.from(operands), 0)
    case requests.deadCarry:
      return dead?.carry([[a, b, c]])
    case requests.deadEdge:
      return dead?.edge(a, b, c)
    default:
      throw new Error(`A worker asks for ${kind}.`)
  }
}
