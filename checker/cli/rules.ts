import type { Options } from '../check/options.ts'
import { SpecError } from '../protocol/errors.ts'
import { jsonParameters } from '../protocol/json-parameters.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Parameters } from '../protocol/spec.ts'
import { type Finding, type RulesRow, type RulesTable, rulesTable } from '../prove/rules.ts'
import { padEnd, padStart, visible, widthOf } from '../trace/visible.ts'
import type { Engine } from './engine.ts'
import type { Spec } from './load.ts'
import { showParameters } from './parameters.ts'
import type { Terminal } from './terminal.ts'
import { watched } from './watch.ts'

/** Distinct states of each search, where no bound is given. */
const STATES_MAX = 100_000

/** The same as that of an inconclusive check. */
const EXIT_INTERRUPTED = 3

/** An import of what is no file of the author's: it may ask for rules, too. */
const foreign = /\b(?:from|import)\s*\(?\s*(["'`])(?!\.|immutable\1|protocheck\1)/

/** The word, as code has it: not as in *rule 5 of the paper*. */
const word = /\brule\b(?! (?!as\b|satisfies\b|in\b|of\b)[\w"'`])/

/** Might its code ask for a rule? Told from the texts of its files, at once: none of them has the word, nor imports what might. */
export const mayAskForRules = (spec: Pick<Spec, 'sources'>): boolean => [...spec.sources().values()].some(text => word.test(text) || foreign.test(text))

export const noRules = (name: string): SpecError =>
  new SpecError({
    title: 'NO RULES',
    place: name,
    what: `${name} labels none of its guards.`,
    hint: "Write here.rule('what must hold', condition) in a handler or a `when`.",
  })

/** `check <protocol> --rules`: why is this rule here? @returns the exit code: 0, or 3 if it was interrupted */
export const checkRules = async (
  { name, given }: { readonly name: string; readonly given: Parameters },
  protocol: AnyProtocol,
  asked: Options,
  json: boolean,
  terminal: Terminal,
  engine: Engine,
): Promise<number> => {
  const bounded = asked.depth !== undefined || asked.states !== undefined || asked.seconds !== undefined
  // Most rows have short counterexamples, which symmetry alone finds before the other reductions have learnt what they need.
  const options: Options = { ...asked, ...(bounded ? {} : { states: STATES_MAX }), reduce: asked.reduce ?? ['symmetry'] }
  let isBrokenOff = false
  const table = await watched(terminal, async watch => {
    const found = await rulesTable(protocol, engine.explore, { ...options, ...watch })
    isBrokenOff = watch.signal?.aborted === true
    return found
  })
  if (isBrokenOff && table.rules.length === 0) {
    throw new SpecError({
      title: 'INTERRUPTED',
      place: name,
      what: 'No rule was met so far.',
      hint: 'Let it go on, or bound the search: --depth, --states, --time.',
    })
  }
  if (table.rules.length === 0) {
    throw noRules(name)
  }
  const { length } = table.rules
  const rowsWanted = 1 + length + (length * (length - 1)) / 2
  // The row during which it was interrupted says less than a whole one.
  const whole = isBrokenOff ? { ...table, rows: table.rows.slice(0, -1) } : table
  const missing = rowsWanted - whole.rows.length
  if (json) terminal.out(`${JSON.stringify({ protocol: name, parameters: jsonParameters(given), ...whole, missing })}\n`)
  else terminal.out(`${printTable(name, given, whole, terminal)}${missing === 0 ? '' : `Interrupted: ${missing} of ${rowsWanted} rows are missing.\n`}`)
  return missing === 0 ? 0 : EXIT_INTERRUPTED
}

const cell = (finding: Finding | undefined): string => {
  switch (finding?.type) {
    case undefined:
      return '?'
    case 'holds':
      return 'holds'
    case 'breaks':
      return String(finding.length)
    case 'unbroken':
      return finding.depth === null ? '?' : `> ${finding.depth}`
  }
}

const printTable = (name: string, given: Parameters, { rules, properties, rows }: RulesTable, { colors }: Terminal): string => {
  const widest = (texts: readonly string[]) => Math.max(...texts.map(widthOf))
  const label = ({ without }: RulesRow) => (without.length === 0 ? 'none' : without.map(rule => rules.indexOf(rule) + 1).join(', '))
  const first = widest(['without', ...rows.map(label)])
  const line = (head: string, cells: readonly string[]) =>
    [padEnd(head, first), ...cells.map((text, i) => padStart(text, widthOf(visible(properties[i] ?? ''))))].join('  ')
  return [
    `${colors.bold(visible(name))}: which rules are needed? (${showParameters(given)})`,
    '',
    ...rules.map((rule, i) => `  ${i + 1}  ${visible(rule)}`),
    '',
    colors.dim(line('without', properties.map(visible))),
    ...rows.map(row =>
      line(
        label(row),
        properties.map(property => cell(row.findings[property])),
      ),
    ),
    '',
    'A number: the property breaks, in so many steps at the least. holds: every state was seen. > n: no counterexample within n steps, where the search ended.',
    '?: takes a complete search.',
    '',
  ].join('\n')
}
