import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AnyProtocol } from '../../protocol/protocol.ts'
import { System } from '../../run/system.ts'
import type { Spec } from '../load.ts'
import { type Edit, editsOf, type Kind, type Known, kinds } from './operators.ts'
import { ReachedCode } from './reached-code.ts'

/** A protocol with one change in its source. */
export interface Mutant extends Edit {
  /** The path of the file. */
  readonly file: string
  /** The same for people: from the folder of the protocol. */
  readonly shown: string
  /** Whether the file lies in the folder of the protocol, or below. */
  readonly isOwn: boolean
  /** From 1. */
  readonly line: number
  /** The lines that change, without what they are indented by; and what they are then. */
  readonly from: string
  readonly to: string
}

/** The checker: no file of a spec is in it. */
const checker = fileURLToPath(new URL('../../', import.meta.url))

const order = Object.keys(kinds) as readonly Kind[]

/** All mutants of a spec, those that tell most first. */
export const mutantsOf = (spec: Spec, protocol: AnyProtocol, folder: string): readonly Mutant[] => {
  const known = knownOf(protocol)
  const { sites } = new ReachedCode(spec.modules, path => !path.startsWith(checker) && !path.includes(`${sep}node_modules${sep}`))
  const found = new Map<string, Mutant>()
  for (const site of sites)
    for (const edit of editsOf(site, known)) {
      const { path, text } = site
      const key = `${path}\n${text.slice(0, edit.start)}${edit.text}${text.slice(edit.end)}`
      if (text.slice(edit.start, edit.end) !== edit.text && !found.has(key))
        found.set(key, { ...edit, ...linesOf(text, edit), file: path, ...placeOf(path, folder) })
    }
  return [...found.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.start - b.start))
}

const placeOf = (path: string, folder: string): Pick<Mutant, 'shown' | 'isOwn'> => {
  const shown = relative(folder, path).split(sep).join('/')
  return { shown, isOwn: !shown.startsWith('../') }
}

/** What the fields of each role's nodes are, and how messages travel. */
const knownOf = (protocol: AnyProtocol): Known => {
  const system = new System(protocol)
  try {
    const fields: { [role: string]: readonly string[] } = {}
    for (const [node, { role }] of system.nodes.entries()) {
      const [beginning] = system.beginnings(node)
      if (beginning !== undefined) fields[role] ??= system.values.entry(beginning.state).form.names
    }
    return { fields, network: protocol.network }
  } finally {
    system.end()
  }
}

const linesOf = (text: string, { start, end, text: by }: Edit): Pick<Mutant, 'line' | 'from' | 'to'> => {
  const first = text.lastIndexOf('\n', start - 1) + 1
  const last = text.indexOf('\n', end) === -1 ? text.length : text.indexOf('\n', end)
  const clean = (lines: string): string =>
    lines
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '')
      .join('\n')
  return {
    line: text.slice(0, start).split('\n').length,
    from: clean(text.slice(first, last)),
    to: clean(text.slice(first, start) + by + text.slice(end, last)),
  }
}
