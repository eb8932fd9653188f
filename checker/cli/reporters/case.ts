import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { renderText } from '../../trace/render-text.ts'
import type { Trace } from '../../trace/trace.ts'
import { commandOf, type Judged, titleOf } from '../proofs/judged.ts'
import type { Planned } from '../proofs/plan.ts'

/** What went wrong: a property is violated; a mutant or claim is not broken as it should be; something is not as recorded; the spec itself is broken. */
export const rules = {
  violated: 'A property of the protocol is violated',
  survives: 'A mutant or a claim is not broken as it should be',
  drift: 'A proof is not as it was recorded',
  broken: 'The protocol cannot be checked',
} as const

/** A proof as reporters see it. */
export interface Case {
  readonly protocol: string
  readonly title: string
  /** The mutant or the claim; null for the protocol itself. */
  readonly variant: string | null
  readonly isGood: boolean
  readonly seconds: number
  /** Null where all is well. */
  readonly rule: keyof typeof rules | null
  /** One line. */
  readonly message: string
  /** All that is known, in lines. */
  readonly details: string
  /** Where the property, the mutant or the handler stands: a path from the folder in which the command was run, with slashes. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly trace: Trace | null
  /** What to type. */
  readonly command: string
}

export const caseOf = (judged: Judged, directory: string): Case => {
  const { planned, found, lines, headline, unexpected } = judged
  const rule = judged.isGood ? null : ruleOf(judged)
  const drawing = unexpected === null ? [] : [renderText(unexpected).trimEnd()]
  return {
    protocol: planned.task.protocol,
    title: titleOf(planned),
    variant: planned.task.variant,
    isGood: judged.isGood,
    seconds: judged.isCached ? 0 : (found?.seconds ?? 0),
    rule,
    message: rule === 'violated' ? headline.slice(titleOf(planned).length + ': '.length) : (lines[0] ?? headline),
    details: [headline, ...lines, ...drawing, ...(rule === null ? [] : [`Next: ${commandOf(planned)}`])].join('\n'),
    ...placeOf(judged, directory),
    trace: unexpected,
    command: commandOf(planned),
  }
}

/** A proof that is recorded, and that the protocol has no more. */
export const goneCase = (protocol: string, title: string, message: string): Case => ({
  protocol,
  title,
  variant: null,
  isGood: false,
  seconds: 0,
  rule: 'drift',
  message,
  details: `${title}\n${message}`,
  file: protocol,
  line: 1,
  trace: null,
  command: 'npx check prove --update',
})

const ruleOf = ({ planned, found, error }: Judged): keyof typeof rules => {
  if (error !== null) return 'broken'
  if (planned.kind === 'proof') return found?.verdict === 'holds' ? 'drift' : 'violated'
  return found?.verdict === 'violated' ? 'drift' : 'survives'
}

/** Names to look for in the source, the most telling first. */
const namesOf = ({ planned, found, lines }: Judged): readonly string[] => {
  if (planned.task.variant !== null) return [planned.task.variant]
  const handler = /^[^.\s]+\.(\S+) (?:does|runs|ran)/.exec(lines[0] ?? '')?.[1]
  return [found?.property, handler].filter(name => name != null)
}

const fileOf = ({ spec: { modules }, kind }: Planned): string => (kind === 'mutant' ? modules.mutants : kind === 'claim' ? modules.claims : modules.file)

/** The line in which something is defined by its name: `name: …` or `name(…) {`. The first line where there is none. */
const placeOf = (judged: Judged, directory: string): { readonly file: string; readonly line: number } => {
  const path = fileOf(judged.planned)
  const file = relative(directory, path).split(sep).join('/')
  const lines = readFileSync(path, 'utf8').split('\n')
  for (const name of namesOf(judged)) {
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const definition = new RegExp(`^\\s*(?:async\\s+)?(?:'${escaped}'|"${escaped}"|${escaped})\\s*(?::|\\(.*\\)\\s*\\{)`)
    const at = lines.findIndex(line => definition.test(line))
    if (at >= 0) return { file, line: at + 1 }
  }
  return { file, line: 1 }
}

/** `3 of 20 proofs are not as they should be`. */
export const verdictOf = (cases: readonly Case[]): string => {
  const bad = cases.filter(({ isGood }) => !isGood).length
  return bad === 0 ? `${cases.length} proofs are as they should be` : `${bad} of ${cases.length} proofs are not as they should be`
}

export const protocolsOf = (cases: readonly Case[]): readonly string[] => [...new Set(cases.map(({ protocol }) => protocol))]
