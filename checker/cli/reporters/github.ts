import { renderMermaid } from '../../trace/formats/mermaid.ts'
import { type Case, rules, verdictOf } from './case.ts'

/** Annotations that GitHub shows of one step; the summary has all. */
const ANNOTATIONS_MAX = 10

/** Bytes of a job summary; GitHub shows none that is longer. */
export const SUMMARY_MAX = 1024 * 1024

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** Workflow commands: an error at the line of the property, for each proof that is not as it should be. */
export const annotations = (cases: readonly Case[]): string =>
  cases
    .filter(({ isGood }) => !isGood)
    .slice(0, ANNOTATIONS_MAX)
    .map(({ file, line, title, details }) => `::error file=${escapeProperty(file)},line=${line},title=${escapeProperty(title)}::${escapeData(details)}\n`)
    .join('')

/** The job summary: what failed, each with its diagram, then the mutants and claims, which may follow from it, then all proofs. What does not fit is left out, and that is said. */
export const summary = (cases: readonly Case[], bytesMax = SUMMARY_MAX): string => {
  const bad = cases.filter(({ isGood }) => !isGood)
  const sections = [...bad.filter(({ variant }) => variant === null).map(section), ...variantSections(bad.filter(({ variant }) => variant !== null))]
  const head = `## protocheck: ${verdictOf(cases)}\n\n`
  const table = tableOf(cases)
  const note = (left: number): string => `\n${left} more are left out here: the log has them.\n`
  let text = head
  let count = 0
  let bytes = Buffer.byteLength(head) + Buffer.byteLength(note(sections.length))
  for (const next of sections) {
    bytes += Buffer.byteLength(next)
    if (bytes > bytesMax) break
    text += next
    count++
  }
  if (count < sections.length) return text + note(sections.length - count)
  return bytes + Buffer.byteLength(table) > bytesMax ? text : text + table
}

const section = ({ title, rule, details, trace, file, line }: Case): string => {
  const head = `### ${inline(title)}\n\n${rule === null ? '' : `${rules[rule]}: ${code(`${file}:${line}`)}`}\n\n`
  if (trace === null) return `${head}${fenced(details)}\n\n`
  return `${head}\`\`\`mermaid\n${renderMermaid(trace)}\`\`\`\n\n<details open><summary>The same in words, and what to type</summary>\n\n${fenced(details)}\n\n</details>\n\n`
}

/** One line each: where the protocol itself is another one, they are many. */
const variantSections = (cases: readonly Case[]): readonly string[] =>
  cases.map(
    ({ title, message, file, line, command }, i) =>
      `${i === 0 ? '### Mutants and claims\n\n' : ''}- ${inline(title)}: ${inline(message)} (${code(`${file}:${line}`)}, ${code(command)})\n${i === cases.length - 1 ? '\n' : ''}`,
  )

const tableOf = (cases: readonly Case[]): string => {
  const rows = cases.map(
    ({ title, isGood, message, seconds }) => `| ${isGood ? '✓' : '✗'} | ${inline(title)} | ${isGood ? '' : inline(message)} | ${seconds}&nbsp;s |`,
  )
  return `<details><summary>All proofs</summary>\n\n| | proof | | time |\n|---|---|---|---|\n${rows.join('\n')}\n\n</details>\n`
}

/** Text as it is, whatever Markdown or HTML would make of it. */
const inline = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|~&!]/g, character => `&#${character.codePointAt(0)};`).replaceAll(/\s+/g, ' ')

/** Between more backticks than the text has in a row. */
const ticksFor = (text: string, least: number): string => '`'.repeat(Math.max(least, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))

const code = (text: string): string => {
  const ticks = ticksFor(text, 1)
  return text.includes('`') ? `${ticks} ${text} ${ticks}` : `${ticks}${text}${ticks}`
}

const fenced = (text: string): string => {
  const ticks = ticksFor(text, 3)
  return `${ticks}text\n${text}\n${ticks}`
}
