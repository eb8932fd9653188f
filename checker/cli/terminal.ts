import picocolors from 'picocolors'

type Colors = ReturnType<typeof picocolors.createColors>

/** Where a command prints and what it hears: the process, or a test. */
export interface Terminal {
  /** Writes to stdout: results. */
  out(text: string): void
  /** Writes to stderr: progress and errors. */
  err(text: string): void
  /** Colours for stdout; none unless it is a terminal. */
  readonly colors: Colors
  /** Columns of stderr if it is a terminal, or 0: then nothing is drawn twice on one line. */
  readonly progressColumns: number
  /** Relative paths start here. */
  readonly directory: string
  /** Calls `listener` at the first Ctrl-C; a second one ends the process. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void
}

/** The terminal of this process. Colours obey NO_COLOR and FORCE_COLOR. */
export const processTerminal = (): Terminal => ({
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  colors: picocolors.createColors((process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined) || process.env['FORCE_COLOR'] !== undefined),
  progressColumns: process.stderr.isTTY === true ? process.stderr.columns || 80 : 0,
  directory: process.cwd(),
  onInterrupt(listener) {
    process.once('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  },
})
