import { resolve } from 'node:path'
import { SpecError } from '../protocol/errors.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { type Coverage, coverageOf } from '../prove/coverage.ts'
import { visible } from '../trace/visible.ts'
import { CodeCoverage, type FileCoverage, lcov } from './code-coverage.ts'
import { writeText } from './files.ts'
import type { Spec } from './load.ts'
import type { Terminal } from './terminal.ts'
import { counted } from './units.ts'

/** What is covered, in the protocol's words and in its text. */
export interface Covered extends Coverage {
  readonly files: readonly FileCoverage[]
}

/** Only code that is loaded from now on is counted: so this comes first, where it is asked for. */
export const startCounting = (words: readonly string[]): CodeCoverage | undefined =>
  words.some(word => /^--(coverage|lcov)\b/.test(word)) ? new CodeCoverage() : undefined

/** Goes through all executions, before anything else is asked of the code: so it counts what executions come to, and not what a search looks ahead at. @throws SpecError */
export const coverageFor = async (
  protocol: AnyProtocol,
  spec: Spec,
  code: CodeCoverage,
  { lcov: file }: { readonly lcov?: string },
  terminal: Terminal,
): Promise<Covered> => {
  const covered = { ...(await coverageOf(protocol)), files: code.end(spec) }
  if (file === undefined) return covered
  try {
    writeText(resolve(terminal.directory, file), lcov(covered.files))
  } catch (error) {
    throw new SpecError(
      { title: 'COVERAGE CANNOT BE WRITTEN', place: file, what: (error as Error).message, hint: 'Name another file: --lcov FILE' },
      { cause: error },
    )
  }
  return covered
}

/** The part `coverage` of `check … --coverage --json`. */
export const coverageJson = ({ files, ...coverage }: Covered): object => ({
  ...coverage,
  files: files.map(({ shown, lines, never }) => ({ file: shown, lines: Object.fromEntries(lines), never })),
})

/** What there is to say, and that there is nothing else. */
export const printCoverage = ({ covers, files, neverRead, ...found }: Covered, { colors }: Terminal): string => {
  const list = (what: string, names: readonly string[]): readonly string[] => (names.length === 0 ? [] : [`  ${what}: ${names.map(visible).join(', ')}`])
  const code = new Set(
    files.flatMap(({ shown, never }) => never.map(({ line, text, within }) => `    ${visible(shown)}:${line}  ${visible(within)}  ${visible(text)}`)),
  )
  const lines = [
    ...list('Never ran', found.neverRan),
    ...list('Rules that were always true, so nothing was tried that they forbid', found.rulesNeverFalse),
    ...list('Rules that were always false, so what they guard was never done', found.rulesNeverTrue),
    ...list('Actions whose `when` was always true', found.alwaysEnabled),
    ...list('Fields that no code reads', neverRead ?? []),
    ...(neverRead === null ? ['  Which fields no code reads cannot be told.'] : []),
    ...list('`within` that bounds nothing', found.boundsNothing),
    ...(code.size === 0 ? [] : ['  Code that never ran, or a part of a condition that was never asked:', ...code]),
  ]
  const extent = covers === 'everything' ? 'all that executions come to' : `executions of at most ${counted(covers, 'step')}`
  return `\n${[`${colors.bold('Coverage')} of ${extent}${lines.length === 0 ? ': nothing was left out.' : ''}`, ...lines].join('\n')}\n`
}
