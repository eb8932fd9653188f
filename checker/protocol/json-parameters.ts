import type { Parameters, ParameterValue } from './spec.ts'

/** A parameter's value in JSON, which has no infinity: the text `Infinity`. */
export const jsonParameter = (value: ParameterValue): ParameterValue => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)

export const jsonParameters = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, jsonParameter(value)]))

/** A value of a parameter as it was before `jsonParameter`, or undefined if it is not of the type of its default. */
export const restoreParameter = (fallback: ParameterValue, value: ParameterValue): ParameterValue | undefined => {
  const restored = typeof fallback === 'number' && (value === 'Infinity' || value === '-Infinity') ? Number(value) : value
  return typeof restored === typeof fallback ? restored : undefined
}
