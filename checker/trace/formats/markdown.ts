import { renderSteps, renderText, violation } from '../render-text.ts'
import type { Trace } from '../trace.ts'
import { visible } from '../visible.ts'
import { withVisibleNames } from '../visible-names.ts'

/** A trace for an issue or a pull request: why, the diagram, and what each step changes, folded. */
export const renderMarkdown = (trace: Trace): string => {
  const named = withVisibleNames(trace)
  const parameters = Object.entries(trace.parameters).map(([name, value]) => visible(`${name} ${value}`))
  return `${[
    `**${prose(violation(named))}**`,
    ...(named.because === null ? [] : [prose(named.because)]),
    ...(parameters.length === 0 ? [] : [`With ${prose(parameters.join(', '))}.`]),
    fenced(renderText({ ...trace, because: null }, { story: true })),
    `<details><summary>What each step changes</summary>\n\n${fenced(renderSteps(trace))}\n\n</details>`,
  ].join('\n\n')}\n`
}

/** As code, in a fence that nothing within ends. */
const fenced = (text: string): string => {
  const longest = [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 2)
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text.trimEnd()}\n${fence}`
}

const entities: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '@': '&#64;' }

/** What Markdown would take for markup, for HTML, or for somebody's name. */
const prose = (text: string): string => text.replaceAll(/[\\`*_{}[\]#|~$]/g, c => `\\${c}`).replaceAll(/[&<>@]/g, c => entities[c] as string)
