import type { GraphState, GraphStep, StateGraph } from '../graph.ts'

/** A state graph for Graphviz. An initial state has a double border; what violates a property is red, and says which; what satisfies a `reachable` property is green. */
export const renderDot = ({ title, states, initials, steps }: StateGraph): string =>
  `${[
    `digraph ${quoted(title)} {`,
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=10]',
    '  edge [fontname="Helvetica", fontsize=9]',
    ...states.map((state, i) => stateLine(state, i, i < initials)),
    ...steps.map(stepLine),
    '}',
  ].join('\n')}\n`

const stateLine = ({ lines, violates, satisfies }: GraphState, i: number, isInitial: boolean): string => {
  const marks = [...violates.map(name => `✗ ${name}`), ...satisfies.map(name => `✓ ${name}`)]
  const colour = violates.length > 0 ? ', color="#c62828", fontcolor="#c62828", penwidth=2' : satisfies.length > 0 ? ', color="#2e7d32"' : ''
  return `  s${i} [label=${leftAligned([...lines, ...marks])}${isInitial ? ', peripheries=2' : ''}${colour}]`
}

const stepLine = ({ from, to, texts, violates }: GraphStep): string => {
  const lines = [...texts, ...violates.map(name => `✗ ${name}`)]
  return `  s${from} -> s${to} [label=${leftAligned(lines)}${violates.length === 0 ? '' : ', color="#c62828", fontcolor="#c62828"'}]`
}

/** In a quoted text a backslash begins what Graphviz replaces (`\n`, `\G`). */
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')

const quoted = (text: string): string => `"${escaped(text)}"`

/** Each line ends with `\l`: it begins at the left. */
const leftAligned = (lines: readonly string[]): string => `"${lines.map(line => `${escaped(line)}\\l`).join('')}"`
