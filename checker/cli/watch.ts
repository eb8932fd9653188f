import type { Options } from '../check/options.ts'
import { drawProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs searches, drawing their progress; the first Ctrl-C ends them with what is known so far.
 * @param seconds after which all are to be over, if that is asked for
 */
export const watched = async <T>(terminal: Terminal, run: (watch: Pick<Options, 'signal' | 'onProgress'>) => Promise<T>, seconds?: number): Promise<T> => {
  const interrupt = new AbortController()
  const stopListening = terminal.onInterrupt(() => interrupt.abort())
  const stopWatching = terminal.watchdog?.during(seconds)
  const { onProgress, erase } = drawProgress(terminal, seconds)
  try {
    return await run({ signal: interrupt.signal, ...(onProgress && { onProgress }) })
  } finally {
    stopListening()
    stopWatching?.()
    erase()
  }
}
