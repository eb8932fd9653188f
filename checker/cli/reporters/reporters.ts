import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SpecError } from '../../protocol/errors.ts'
import { suggest } from '../../protocol/nearest.ts'
import { tryToWrite, writeOutput } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import type { Case } from './case.ts'
import { ctrf } from './ctrf.ts'
import { annotations, summary } from './github.ts'
import { junit } from './junit.ts'
import { sarif } from './sarif.ts'

const names = ['text', 'github', 'junit', 'ctrf', 'sarif'] as const
type Name = (typeof names)[number]

/** A reporter, and the file that it writes. */
export interface Reporter {
  readonly name: Name
  readonly file: string | null
}

/** What a whole run was. */
export interface Run {
  readonly cases: readonly Case[]
  readonly version: string
  /** In milliseconds since 1970. */
  readonly start: number
  readonly stop: number
}

type Environment = { readonly [name: string]: string | undefined }

/** `github,junit=out.xml`. @throws SpecError */
export const parseReporters = (given: string): readonly Reporter[] => {
  const parsed = given.split(',').map(part => {
    const [, typed = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? []
    const name = names.find(known => known === typed)
    const refuse = (what: string, hint: string) => new SpecError({ title: 'WRONG VALUE', place: '--reporter', what, hint })
    if (name === undefined) throw refuse(`There is no reporter ${JSON.stringify(typed)}.`, suggest(typed, names))
    const writes = name !== 'text' && name !== 'github'
    if (writes && (file === undefined || file === ''))
      throw refuse(`The reporter ${name} writes a file, and none is named.`, `Name it: --reporter ${name}=FILE`)
    if (!writes && file !== undefined) throw refuse(`The reporter ${name} writes no file.`, `Leave it out: --reporter ${name}`)
    return { name, file: file ?? null }
  })
  return parsed.some(({ name }) => name === 'text') ? parsed : [{ name: 'text', file: null }, ...parsed]
}

/** On GitHub, what GitHub shows; the text anyhow. */
export const usualReporters = (environment: Environment): readonly Reporter[] =>
  parseReporters(environment['GITHUB_ACTIONS'] === 'true' ? 'text,github' : 'text')

/** Before minutes of work. @throws SpecError */
export const tryReporters = (reporters: readonly Reporter[], { directory }: Terminal): void => {
  for (const { name, file } of reporters) {
    try {
      if (file !== null) tryToWrite(resolve(directory, file))
    } catch (error) {
      throw new SpecError({
        title: 'REPORT CANNOT BE WRITTEN',
        place: file as string,
        what: (error as Error).message,
        hint: `Name another file: --reporter ${name}=FILE`,
      })
    }
  }
}

/** Writes all reports but the text, which is written line by line. @throws SpecError if one cannot be written */
export const writeReports = (reporters: readonly Reporter[], run: Run, terminal: Terminal, environment: Environment): void => {
  for (const { name, file } of reporters) {
    if (name === 'github') {
      terminal.out(annotations(run.cases))
      const path = environment['GITHUB_STEP_SUMMARY']
      if (path !== undefined && path !== '') appendFileSync(path, summary(run.cases))
    } else if (file !== null) writeOutput(resolve(terminal.directory, file), textOf(name, run), '--reporter')
  }
}

const textOf = (name: Name, run: Run): string => (name === 'junit' ? junit(run.cases) : name === 'ctrf' ? ctrf(run.cases, run) : sarif(run.cases, run))
