import { vi } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { Search } from '../../checker/search/search.ts'

/** The last search of a check, with the tables that it leaves behind. */
export const lastSearch = async (protocol: AnyProtocol, options: Options): Promise<Search> => {
  const searches: Search[] = []
  const { run, begin } = Search.prototype
  const spies = [
    vi.spyOn(Search.prototype, 'run').mockImplementation(function (this: Search) {
      return run.call(this)
    }),
    vi.spyOn(Search.prototype, 'begin').mockImplementation(function (this: Search, isOver) {
      searches.push(this)
      return begin.call(this, isOver)
    }),
  ]
  try {
    await explore(protocol, options)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return searches.at(-1) as Search
}
