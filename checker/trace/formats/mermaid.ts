import { livesOf } from '../message-lives.ts'
import { violation } from '../render-text.ts'
import { show, showTagged } from '../show.ts'
import { emittedText, initialText, stepText } from '../step-text.ts'
import type { Trace, TraceStep } from '../trace.ts'
import { withVisibleNames } from '../visible-names.ts'

/**
 * A trace as a sequence diagram of Mermaid, for what shows Mermaid by itself (GitHub, GitLab, many wikis). An arrow stands at the receipt, as Mermaid has no slanted ones: it says in which step the
 * message was sent. A message that is lost ends in a cross; those still in flight stand at the end, below what is violated.
 */
export const renderMermaid = (raw: Trace): string => {
  const trace = withVisibleNames(raw)
  const alias = new Map(trace.nodes.map((node, i) => [node, `N${i}`]))
  const nameOf = (node: string | null): string => alias.get(node ?? '') ?? 'N0'
  const all = trace.nodes.length === 1 ? 'N0' : `N0,N${trace.nodes.length - 1}`
  const begins = initialText(trace)
  const lives = livesOf(trace)
  const sentIn = new Map(lives.flatMap(({ sent, events }) => events.map(({ step }) => [step, sent] as const)))
  const stepLines = (step: TraceStep, number: number): string[] => {
    const note = (over: string, what: string): string => `  Note over ${over}: ${plain(`${number}. ${what}`)}`
    const emitted = emittedText(step)
    const message = step.message === null ? '' : showTagged(step.message)
    const sent = sentIn.get(number)
    const label = plain(
      `${number}. ${message}${sent == null || sent === number - 1 ? '' : `, sent in step ${sent}`}${step.choices.length === 0 ? '' : `, choosing ${step.choices.map(show).join(', ')}`}${emitted === null ? '' : `; ${emitted}`}`,
    )
    switch (step.kind) {
      case 'receive':
        return [`  ${nameOf(step.from)}->>${nameOf(step.node)}: ${label}`]
      case 'lose':
        return [`  ${nameOf(step.from)}-x${nameOf(step.node)}: ${label}`]
      case 'duplicate':
        return [note(step.from === step.node ? nameOf(step.node) : `${nameOf(step.from)},${nameOf(step.node)}`, stepText(step))]
      case 'step':
      case 'lose-all':
      case 'partition':
      case 'heal':
      case 'tick':
      case 'settle':
        return [note(all, `${stepText(step)}${emitted === null ? '' : `; ${emitted}`}`)]
      default:
        return [note(nameOf(step.node), `${stepText(step)}${emitted === null ? '' : `; ${emitted}`}`)]
    }
  }
  const flying = lives.filter(({ events }) => events.every(({ kind }) => kind === 'duplicate'))
  return `${[
    'sequenceDiagram',
    ...trace.nodes.map(node => `  participant ${nameOf(node)} as ${plain(node)}`),
    ...(begins === null ? [] : [`  Note over ${all}: ${plain(begins)}`]),
    ...trace.steps.flatMap((step, i) => [
      ...(i === trace.repeatsFrom ? ['  loop again and again'] : []),
      ...stepLines(step, i + 1),
      ...(i === trace.steps.length - 1 && (trace.repeatsFrom ?? i + 1) <= i ? ['  end'] : []),
    ]),
    `  Note over ${all}: ${plain(violation(trace))}`,
    ...flying.map(({ from, to, message }) => `  ${nameOf(from)}--)${nameOf(to)}: ${plain(`${showTagged(message)}, still in flight`)}`),
  ].join('\n')}\n`
}

/** What Mermaid would take for syntax, or a browser for markup, by its number. */
export const plain = (text: string): string => text.replaceAll(/[^\p{L}\p{N} .,:()[\]=+*/'!?→−∞_-]/gu, character => `#${character.codePointAt(0)};`)
