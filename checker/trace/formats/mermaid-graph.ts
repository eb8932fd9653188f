import type { StateGraph } from '../graph.ts'
import { plain } from './mermaid.ts'

/**
 * A state graph as a flowchart of Mermaid, marked as `renderDot` marks it. Mermaid itself draws at most 500 arrows, unless its `maxEdges` says otherwise.
 */
export const renderMermaidGraph = ({ states, initials, steps }: StateGraph): string => {
  const marked = (kind: 'violates' | 'satisfies'): readonly number[] =>
    states.flatMap(({ violates, satisfies }, i) => ((violates.length > 0 ? 'violates' : satisfies.length > 0 ? 'satisfies' : '') === kind ? [i] : []))
  const broken = steps.flatMap(({ violates }, i) => (violates.length > 0 ? [i] : []))
  const lined = (lines: readonly string[]): string => `"${lines.map(plain).join('<br/>')}"`
  return `${[
    'flowchart TD',
    ...states.map(({ lines, violates, satisfies }, i) => {
      const text = lined([...lines, ...violates.map(name => `✗ ${name}`), ...satisfies.map(name => `✓ ${name}`)])
      return i < initials ? `  s${i}[[${text}]]` : `  s${i}[${text}]`
    }),
    ...steps.map(({ from, to, texts, violates }) => `  s${from} -->|${lined([...texts, ...violates.map(name => `✗ ${name}`)])}| s${to}`),
    '  classDef violates stroke:#c62828,stroke-width:3px',
    '  classDef satisfies stroke:#2e7d32',
    ...classLine('violates', marked('violates')),
    ...classLine('satisfies', marked('satisfies')),
    ...(broken.length === 0 ? [] : [`  linkStyle ${broken.join(',')} stroke:#c62828`]),
  ].join('\n')}\n`
}

const classLine = (name: string, states: readonly number[]): string[] => (states.length === 0 ? [] : [`  class ${states.map(i => `s${i}`).join(',')} ${name}`])
