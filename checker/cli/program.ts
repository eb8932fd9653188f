import { EXIT_WRONG, main, wantsJson } from './main.ts'
import { printError } from './print-error.ts'
import { ignoreInterrupts, processTerminal } from './terminal.ts'
import { startWatchdog } from './watchdog.ts'

/**
 * Runs the command line of this process, and ends the process, whatever happens: with the code of the answer, or with 2. The code of *violated* is never that of a
 * crash; and what code of a protocol leaves behind (a timer, a promise) does not keep the process alive.
 */
export const runProgram = async (argv: readonly string[]): Promise<void> => {
  const terminal = processTerminal()
  let isOver = false
  const endWith = (code: number): never => {
    isOver = true
    process.exit(terminal.failure() === undefined ? code : EXIT_WRONG)
  }
  const fail = (title: string, what: string, hint: string): void => printError({ title, what, hint }, terminal, wantsJson(argv))

  process.on('uncaughtException', error => {
    fail('AN ERROR THAT NOBODY CAUGHT', error instanceof Error ? String(error.stack) : String(error), NOBODY_CAUGHT)
    endWith(EXIT_WRONG)
  })
  // Nothing is left that could happen.
  process.on('beforeExit', () => {
    if (isOver) return
    fail('THERE IS NO ANSWER', 'It waits for something that will not come.', 'A top-level await in the file of the protocol never settles: leave it out.')
    endWith(EXIT_WRONG)
  })
  process.on('exit', code => {
    if (isOver) return
    fail('THERE IS NO ANSWER', `The process was ended with process.exit(${code}).`, 'Code of the protocol did that: leave it out.')
    process.exitCode = EXIT_WRONG
  })
  const watchdog = startWatchdog(error => {
    ignoreInterrupts()
    printError(error, terminal, wantsJson(argv))
    endWith(EXIT_WRONG)
  })
  const code = await main(argv, { ...terminal, watchdog })
  await terminal.flush()
  await new Promise(resolve => setImmediate(resolve))
  endWith(code)
}

const NOBODY_CAUGHT =
  'A promise or a timer of the protocol fails: a spec is pure, and needs none. If it has none, this is a defect of protocheck: please report it.'
