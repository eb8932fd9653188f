import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Options, Report } from '../search/report.ts'
import type { Trace } from '../trace/trace.ts'

/** What runs the search, and what draws its counterexample. */
export interface Engine {
  explore(protocol: AnyProtocol, options: Options): Promise<Report>
  renderText(trace: Trace): string
}

const explorePath = '../search/explore'
const renderPath = '../trace/render-text'
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** The checker's own, loaded when it is first needed: `check list` and `--help` do without. */
export const engine: Engine = {
  explore: async (protocol, options) => ((await import(explorePath + extension)) as Engine).explore(protocol, options),
  renderText: trace => JSON.stringify(trace) + renderPath,
}
