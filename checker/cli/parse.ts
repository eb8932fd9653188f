import { type Command, CommanderError } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { Terminal } from './terminal.ts'

/** Thrown when the help was asked for and printed. */
export class HelpShown extends Error {}

/**
 * Parses `args` with `command`. Help goes to the terminal.
 * @param others options that were taken out of `args` before, for suggestions
 * @throws SpecError for wrong use, with the nearest option; HelpShown
 */
export const parse = async (command: Command, args: readonly string[], terminal: Terminal, others: readonly string[] = []): Promise<void> => {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: terminal.out, writeErr: () => {}, getOutHelpWidth: () => 120 })
  try {
    await command.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) throw new HelpShown()
    throw wrongUse(error, command, others)
  }
}

const wrongUse = (error: CommanderError, command: Command, others: readonly string[]): SpecError => {
  const [, unknown] = /unknown option '([^'=]+)/.exec(error.message) ?? []
  if (unknown === undefined) {
    return new SpecError({ title: 'WRONG USE', what: `${error.message.replace(/^error: /, '')}.`.replace(/\.\.$/, '.'), hint: `See: ${command.name()} --help` })
  }
  const options = command.options.flatMap(option => (option.hidden || option.long === undefined ? [] : [option.long]))
  return new SpecError({
    title: 'NO SUCH OPTION',
    what: `${command.name()} has no option ${unknown}.`,
    hint: `${suggest(unknown, [...others, ...options, '--help'])} See: ${command.name()} --help`,
  })
}
