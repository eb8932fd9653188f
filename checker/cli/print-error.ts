import { SpecError, type SpecErrorParts } from '../protocol/errors.ts'
import { visible } from '../trace/visible.ts'
import type { Terminal } from './terminal.ts'

/** What `--json` prints in place of an answer. */
export interface ErrorJson {
  readonly error: {
    readonly title: string
    readonly place: string | null
    readonly what: string
    readonly why: string | null
    /** The steps that lead there, and the state, as lines for people; null for an error that needs none. */
    readonly execution: string | null
    readonly hint: string | null
  }
}

const errorJson = ({ title, place, what, why, execution, hint }: SpecErrorParts): ErrorJson => ({
  error: { title, place: place ?? null, what, why: why ?? null, execution: execution ?? null, hint: hint ?? null },
})

/** For people on stderr; for scripts, which asked for one object, on stdout as well, unless they have their object already. */
export const printError = (parts: SpecErrorParts, terminal: Terminal, isJson: boolean): void => {
  if (isJson && !terminal.hasAnswered()) terminal.out(`${JSON.stringify(errorJson(parts))}\n`)
  const { title, place } = parts
  terminal.err(`${new SpecError({ ...parts, title: visible(title), ...(place !== undefined && { place: visible(place) }) }).message}\n`)
}
