import type { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import type { Parameters, ParameterValue } from '../protocol/spec.ts'
import { isPath, specNames } from './load.ts'
import { flagOf, parseParameter } from './parameters.ts'

/** What an option is followed by. */
type Arity = 'nothing' | 'value' | 'perhaps a value'

/** An option with its value, or what is none. */
export interface Argument {
  /** With its dashes; null for what is no option. */
  readonly flag: string | null
  readonly value: string | undefined
  /** As it was typed. */
  readonly words: readonly string[]
}

const wrongUse = (what: string, hint: string): SpecError => new SpecError({ title: 'WRONG USE', what, hint })

/**
 * Takes a command line apart.
 * @throws SpecError where the value of an option is missing, since another option follows, or where two values are given for one
 */
const split = (args: readonly string[], arityOf: (flag: string) => Arity): readonly Argument[] => {
  const found: Argument[] = []
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    const [, flag = null, value] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const next = args[i + 1]
    const arity = flag === null || value !== undefined ? 'nothing' : arityOf(flag)
    if (arity === 'value' && next?.startsWith('--') === true)
      throw wrongUse(`${flag} takes a value, and ${next} looks like an option.`, `If it is the value: ${flag}=${next}`)
    const takes = next !== undefined && (arity === 'value' || (arity === 'perhaps a value' && !next.startsWith('-')))
    if (takes) i++
    found.push({ flag, value: takes ? next : value, words: takes ? [word, next] : [word] })
  }
  for (const [i, { flag, value }] of found.entries()) {
    const earlier = flag === null || value === undefined ? undefined : found.slice(0, i).find(other => other.flag === flag && other.value !== undefined)
    if (earlier !== undefined) throw wrongUse(`${flag} is given twice: ${earlier.value}, and ${value}.`, 'Leave out one of the two.')
  }
  return found
}

/** The parameter that a flag means: `--max-clock`, or its very name, `--maxClock`. */
const parameterOf = (flag: string, defaults: Parameters): string | undefined =>
  Object.keys(defaults).find(name => flag === `--${name}`) ?? Object.keys(defaults).find(name => flag === `--${flagOf(name)}`)

/**
 * Parts the parameters of a protocol, which may have any name, from the options that each has.
 * @throws SpecError for a value that is none, and see `split`
 */
export const takeParameters = (
  args: readonly string[],
  defaults: Parameters,
  command: Command,
): { readonly given: Parameters; readonly options: readonly Argument[] } => {
  const arityOf = (flag: string): Arity => {
    const parameter = parameterOf(flag, defaults)
    if (parameter !== undefined) return typeof defaults[parameter] === 'boolean' ? 'perhaps a value' : 'value'
    const option = command.options.find(({ long }) => long === flag)
    return option?.required ? 'value' : option?.optional ? 'perhaps a value' : 'nothing'
  }
  const given: { [name: string]: ParameterValue } = {}
  const options: Argument[] = []
  for (const argument of split(args, arityOf)) {
    const { flag, value } = argument
    const parameter = flag === null ? undefined : parameterOf(flag, defaults)
    if (parameter === undefined) {
      options.push(argument)
      continue
    }
    const fallback = defaults[parameter] as ParameterValue
    if (Object.hasOwn(given, parameter)) throw wrongUse(`The parameter ${parameter} is given twice.`, 'Leave out one of the two.')
    if (value === undefined && typeof fallback !== 'boolean') throw wrongUse(`${flag} takes a value.`, `As ${flag} ${String(fallback)}`)
    given[parameter] = parseParameter(parameter, fallback, value ?? 'true')
  }
  return { given, options }
}

/**
 * The protocol that is meant, and the other arguments. It comes first; after options the first name of a protocol is meant, else the
 * first file of code, else the first path: a value of an option is seldom one of these.
 */
export const findTarget = (args: readonly string[]): readonly [string, readonly string[]] => {
  const known = new Set(specNames())
  const kinds = [(arg: string) => known.has(arg), (arg: string) => /\.[cm]?[jt]s$/.test(arg), isPath]
  const found = kinds.map(isKind => args.findIndex(arg => !arg.startsWith('-') && isKind(arg))).find(at => at >= 0)
  const at = args[0]?.startsWith('-') ? (found ?? -1) : 0
  const target = args[at]
  if (target === undefined) throw wrongUse('No protocol is named.', 'check <protocol | file.ts> …; see: check --help')
  return [target, args.toSpliced(at, 1)]
}
