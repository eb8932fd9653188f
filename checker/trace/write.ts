import { jsonParameters } from '../protocol/json-parameters.ts'
import type { Trace } from './trace.ts'

/** The text of a trace file: JSON, a line for each step, so that a difference between two files says in which step they differ. */
export const writeTrace = ({ steps, ...head }: Trace): string => {
  const fields = Object.entries({ ...head, parameters: jsonParameters(head.parameters) }).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`,
  )
  return `{\n${fields.join('')}  "steps": [${steps.map(step => `\n    ${JSON.stringify(step)}`).join()}\n  ]\n}\n`
}
