import { SpecError } from '../protocol/errors.ts'
import type { Parameters, ParameterValue } from '../protocol/spec.ts'
import { visible } from '../trace/visible.ts'
import { shellWord } from './shell-word.ts'

/** `maxClock` is typed as `max-clock`; what is not written so, as `N` or `RM`, as it is. */
export const flagOf = (parameter: string): string =>
  /^[a-z][a-zA-Z0-9]*$/.test(parameter) ? parameter.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`) : parameter

const unlimited = new Set(['infinity', 'unlimited'])

/**
 * What was typed for a parameter, as a value of the type of its default.
 * @throws SpecError that names the parameter, the value and what is expected.
 */
export const parseParameter = (parameter: string, fallback: ParameterValue, given: string): ParameterValue => {
  const refuse = (expected: string) =>
    new SpecError({
      title: 'WRONG VALUE',
      place: `--${flagOf(parameter)}`,
      what: `The parameter ${parameter} is given ${JSON.stringify(given)}.`,
      hint: `Expected: ${expected} (the default is ${showParameter(fallback)}).`,
    })
  switch (typeof fallback) {
    case 'number': {
      const [, minus = '', digits = ''] = /^(-?)(.*)$/s.exec(given) ?? []
      const value = unlimited.has(digits.toLowerCase()) ? Infinity : Number(digits)
      if (value !== Infinity && (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits) || !Number.isFinite(value))) throw refuse('a number, or unlimited')
      return minus === '' ? value : -value
    }
    case 'boolean': {
      if (given !== 'true' && given !== 'false') throw refuse('true or false')
      return given === 'true'
    }
    case 'string':
      return given
  }
}

export const showParameter = (value: ParameterValue): string => String(value).replace(/^(-?)Infinity$/, '$1unlimited')

/** `nodes 3, crashes unlimited` */
export const showParameters = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => visible(`${name} ${showParameter(value)}`))
    .join(', ')

/** The flags that set `parameters`, for a command line that can be typed: `--nodes 3 --crashes unlimited`. */
export const flagsOf = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${shellWord(`--${flagOf(name)}`)} ${shellWord(showParameter(value))}`)
    .join(' ')
