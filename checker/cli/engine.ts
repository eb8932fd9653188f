import { explore } from '../check/explore.ts'
import type { Options } from '../check/options.ts'
import type { Report } from '../check/report.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { renderText } from '../trace/render-text.ts'
import type { Trace } from '../trace/trace.ts'

/** What runs the search, and what draws its counterexample. */
export interface Engine {
  explore(protocol: AnyProtocol, options: Options): Promise<Report>
  renderText(trace: Trace): string
}

export const engine: Engine = { explore, renderText }
