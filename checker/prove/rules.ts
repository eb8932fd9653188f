import type { Options } from '../check/options.ts'
import type { Report } from '../check/report.ts'
import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import { watchRules } from '../protocol/rules.ts'

/** What becomes of a property without some rules. */
export type Finding =
  /** It breaks, in so many steps at the least. */
  | { readonly type: 'breaks'; readonly length: number }
  /** It holds: the search was complete. */
  | { readonly type: 'holds' }
  /** It does not break within so many steps, where the search ended; null: such a property is judged by a complete search only. */
  | { readonly type: 'unbroken'; readonly depth: number | null }

/** One row of the table: the rules that are left out, and what becomes of each property. */
export interface RulesRow {
  readonly without: readonly string[]
  readonly findings: { readonly [property: string]: Finding }
}

export interface RulesTable {
  readonly rules: readonly string[]
  readonly properties: readonly string[]
  /** The whole protocol, each rule left out, each pair of them left out. */
  readonly rows: readonly RulesRow[]
}

type Explore = (protocol: AnyProtocol, options: Options) => Promise<Report>

/** The labels of the rules that the search of a protocol asks for. */
const rulesOf = async (protocol: AnyProtocol, explore: Explore, options: Options): Promise<string[]> => {
  const labels = new Set<string>()
  await explore(
    watchRules(protocol, label => labels.add(label)),
    options,
  )
  return [...labels].sort()
}

/**
 * "Why is this rule here?": leaves out each rule of a protocol, and each pair, and says which properties then break, with the length of the
 * shortest counterexample. Cost: for r rules, 1 + r + r (r − 1) / 2 rows, each of as many searches as properties break, and one more.
 * `onRow` is called with each row as it is known.
 */
export const rulesTable = async (spec: Spec, explore: Explore, options: Options, onRow: (row: RulesRow) => void = () => {}): Promise<RulesTable> => {
  const protocol = spec as AnyProtocol
  const judged = Object.fromEntries(Object.entries(protocol.properties).filter(([, { type }]) => type !== 'reachable'))
  const rules = await rulesOf(protocol, explore, options)
  const pairs = rules.flatMap((one, i) => rules.slice(i + 1).map(other => [one, other]))
  const rows: RulesRow[] = []
  for (const without of [[], ...rules.map(rule => [rule]), ...pairs]) {
    const row = { without, findings: await findingsOf({ ...protocol, properties: judged, mayRest: true }, explore, { ...options, without }) }
    rows.push(row)
    onRow(row)
    if (options.signal?.aborted) break
  }
  return { rules, properties: Object.keys(judged), rows }
}

/** Searches again without each property that was found to break, until none does. */
const findingsOf = async (protocol: AnyProtocol, explore: Explore, options: Options): Promise<RulesRow['findings']> => {
  const findings: { [property: string]: Finding } = {}
  const left = { ...protocol.properties }
  while (Object.keys(left).length > 0) {
    const { property, counterexample, complete, depth } = await explore({ ...protocol, properties: { ...left } }, options)
    if (property === null || counterexample === null) {
      for (const [name, { type }] of Object.entries(left))
        findings[name] = complete
          ? { type: 'holds' }
          : { type: 'unbroken', depth: type === 'canAlways' ? null : Math.max(0, options.depth === undefined ? depth - 1 : depth) }
      break
    }
    findings[property] = { type: 'breaks', length: counterexample.steps.length }
    delete left[property]
  }
  return findings
}
