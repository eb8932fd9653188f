import picocolors from 'picocolors'
import { colourless, harmless } from './harmless.ts'
import type { Watchdog } from './watchdog.ts'

type Colors = ReturnType<typeof picocolors.createColors>

/** Where a command prints and what it hears: the process, or a test. */
export interface Terminal {
  /** Writes to stdout: results. What a terminal would obey is made visible, whatever it comes from. */
  out(text: string): void
  /** Writes to stderr: progress and errors. */
  err(text: string): void
  /** Writes to stderr what moves the cursor: nothing of a protocol's. */
  draw(text: string): void
  /** Was anything written to stdout? */
  hasAnswered(): boolean
  /** Colours for stdout; none unless it is a terminal. */
  readonly colors: Colors
  /** Columns of stdout if it is a terminal, or 0. */
  readonly columns: number
  /** Columns of stderr if it is a terminal, or 0: then nothing is drawn twice on one line. */
  readonly progressColumns: number
  /** Relative paths start here. */
  readonly directory: string
  /** Calls `listener` when the process is asked to end, by Ctrl-C, SIGTERM or SIGHUP; a second time ends it. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void
  /** What ends the process where code of a protocol does not end; a test has none. */
  readonly watchdog?: Watchdog
}

/** The terminal of this process. */
export interface ProcessTerminal extends Terminal {
  /** Waits until what was written to stdout is out. */
  flush(): Promise<void>
  /** Why stdout could not be written to; not where the reader went away, who has what it wanted (`| head`). */
  failure(): string | undefined
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** From now on the process, which is about to end with a code of its own, is not ended by a signal any more. */
export const ignoreInterrupts = (): void => {
  for (const signal of endings) process.on(signal, () => {})
}

/** Takes over stdout: what code of a protocol prints goes to stderr from now on. Colours obey NO_COLOR and FORCE_COLOR. */
export const processTerminal = (): ProcessTerminal => {
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write
  let hasAnswered = false
  let isOpen = true
  let failure: string | undefined
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isOpen && error.code !== 'EPIPE') {
      failure = error.message
      stderr.write(`The answer could not be written to stdout: ${failure}\n`)
    }
    isOpen = false
  })
  // Whoever closed stderr does not want to know.
  stderr.on('error', () => {})
  return {
    out(text) {
      hasAnswered = true
      if (isOpen) write(harmless(text))
    },
    err: text => void stderr.write(colourless(text)),
    draw: text => void stderr.write(text),
    hasAnswered: () => hasAnswered,
    flush: () => new Promise(resolve => (isOpen ? write('', () => resolve()) : resolve())),
    failure: () => failure,
    colors: picocolors.createColors((stdout.isTTY === true && process.env['NO_COLOR'] === undefined) || process.env['FORCE_COLOR'] !== undefined),
    columns: stdout.isTTY === true ? stdout.columns || 80 : 0,
    progressColumns: stderr.isTTY === true ? stderr.columns || 80 : 0,
    directory: process.cwd(),
    onInterrupt(listener) {
      const stop = (): void => {
        for (const signal of endings) process.off(signal, first)
      }
      const first = (): void => {
        stop()
        listener()
      }
      for (const signal of endings) process.on(signal, first)
      return stop
    },
  }
}
