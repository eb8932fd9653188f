import { tsPlugin } from '@sveltejs/acorn-typescript'
import { Parser } from 'acorn'
import { SpecError } from '../../protocol/errors.ts'

/** A part of a program, as ESTree has it: types of TypeScript stand in it, too. */
export interface Syntax {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const TypeScript = Parser.extend(tsPlugin())

/** @throws SpecError at the place where it is no program */
export const parseProgram = (text: string, place: string): Syntax => {
  try {
    return TypeScript.parse(text, { sourceType: 'module', ecmaVersion: 'latest', locations: true }) as unknown as Syntax
  } catch (error) {
    throw new SpecError({
      title: 'FILE CANNOT BE READ',
      place,
      what: (error as Error).message,
      hint: 'If node runs it, this is a defect of protocheck: please report it.',
    })
  }
}

export const isSyntax = (value: unknown): value is Syntax => typeof value === 'object' && value !== null && typeof (value as Syntax).type === 'string'

/** What of a type runs: the expression in `x as T`, `x satisfies T`, `x!`. */
const transparent = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'])

/** The parts of a part that are code, in their order. Names that are no expressions are left out: keys, `field` in `x.field`, parameters. */
export const partsOf = (node: Syntax): readonly Syntax[] => {
  const parts: Syntax[] = []
  for (const [name, value] of Object.entries(node)) {
    if (isName(node, name)) continue
    for (const part of Array.isArray(value) ? value : [value])
      if (isSyntax(part) && (!part.type.startsWith('TS') || transparent.has(part.type))) parts.push(part)
  }
  return parts.sort((a, b) => a.start - b.start)
}

const isName = ({ type, computed, shorthand }: Syntax, field: string): boolean => {
  if (field === 'loc' || field === 'id' || field === 'params') return true
  if (field === 'key') return computed !== true || shorthand === true
  return field === 'property' && type === 'MemberExpression' && computed !== true
}

/** What stands inside `(x)`, `x as T` and the like. */
export const bare = (node: Syntax): Syntax =>
  transparent.has(node.type) || node.type === 'ParenthesizedExpression' ? bare(node['expression'] as Syntax) : node

/** The name of a key, an identifier, or the last part of `a.b.name`. */
export const nameOf = (node: unknown): string | undefined => {
  if (!isSyntax(node)) return undefined
  if (node.type === 'Identifier') return node['name'] as string
  if (node.type === 'Literal') return String(node['value'])
  return node.type === 'MemberExpression' && node['computed'] !== true ? nameOf(node['property']) : undefined
}

/** The fields of an object that are written `name: value`, `name(…) {…}` or `name`. */
export const propertiesOf = (object: Syntax): readonly Syntax[] => (object['properties'] as readonly Syntax[]).filter(({ type }) => type === 'Property')

export const hasKeys = (node: Syntax, ...keys: readonly string[]): boolean =>
  node.type === 'ObjectExpression' && keys.every(key => propertiesOf(node).some(property => nameOf(property['key']) === key))
