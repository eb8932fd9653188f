import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { decidedRules } from '../protocol/rules.ts'

// A rule that is left out, or decided, and that no code asks for changes nothing: then what holds says nothing of it.

/** @throws SpecError if a rule is decided beforehand that no code asked for */
export const refuseUnknownRules = (protocol: AnyProtocol, asked: ReadonlySet<string>): void => {
  const unknown = decidedRules(protocol).find(label => !asked.has(label))
  if (unknown === undefined) return
  throw new SpecError({
    title: 'NO SUCH RULE',
    place: protocol.name,
    what: `\`withRule\` decides the rule ${JSON.stringify(unknown)}, which no code asks for in any state.`,
    why: 'So the change does nothing, and what holds says nothing of it.',
    hint: asked.size === 0 ? 'The protocol asks for no rules.' : `The rules that are asked for: ${[...asked].sort().join(', ')}.`,
  })
}

/** A rule is left out that no code asks for, also where it is the only one. */
export const noSuchRule = (protocol: AnyProtocol, label: string, asked: ReadonlySet<string>): SpecError =>
  new SpecError({
    title: 'NO SUCH RULE',
    place: protocol.name,
    what: `The rule ${JSON.stringify(label)} is to be left out, and no code asks for it in any state.`,
    why: 'So nothing is left out, and what holds says nothing of it.',
    hint: suggest(label, [...asked].sort(), 'The protocol asks for no rules.'),
  })

export const unmetNote = (label: string): string =>
  `No code asked for the rule ${JSON.stringify(label)} in what was seen: leaving it out made no difference so far.`
