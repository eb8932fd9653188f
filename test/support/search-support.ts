import { vi } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { Search } from '../../checker/search/search.ts'

/** The last search of a check, with the tables that it leaves behind. */
export const lastSearch = async (protocol: AnyProtocol, options: Options): Promise<Search> => {
  const searches: Search[] = []
  const { start } = Search.prototype
  const spy = vi.spyOn(Search.prototype, 'start').mockImplementation(function (this: Search) {
    searches.push(this)
    return start.call(this)
  })
  try {
    await explore(protocol, options)
  } finally {
    spy.mockRestore()
  }
  return searches.at(-1) as Search
}
