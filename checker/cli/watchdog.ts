import { existsSync } from 'node:fs'
import { url as inspectorUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import type { SpecErrorParts } from '../protocol/errors.ts'
import { abandonRun, runNumber } from '../run/environment.ts'
import { specLine } from '../run/spec-errors.ts'

/** Milliseconds between two looks of the watchdog. */
const TICK_MS = 100

/** How long a run of code of a spec may take, in looks. */
export interface Patience {
  /** One that has gone on for so long when the time is over, or the program is asked to end, does not end by itself. */
  readonly graceTicks: number
  /** Nor does one that has gone on for so long: a handler takes microseconds. */
  readonly longestTicks: number
}

const usual: Patience = { graceTicks: 20, longestTicks: 600 }

/** Places in what is shared with the thread: in seconds, when the check is to be over; whether it listens to signals. */
const [LIMIT, LISTENS] = [0, 1] as const

export interface Watchdog {
  /** While a check runs that is to end after so many seconds, or when the program is asked to. Returns how to say that it is over. */
  during(seconds: number | undefined): () => void
}

/**
 * A thread beside this one (bin/watchdog.cjs), for code of a spec that does not end: an endless loop in a handler, a property, `init`, or in the file itself. Then nothing
 * that this thread was to do is done, neither at Ctrl-C nor when the time is over. The other thread sees that by one number, which says which run of code goes on. It stops this thread
 * with the debugger that V8 has built in; what was running, and where, is known here, so it is said here.
 *
 * It counts looks, not time, so a program that was suspended is not ended; nor is one that is debugged.
 *
 * @param end prints the error and ends the program
 */
export const startWatchdog = (end: (error: SpecErrorParts) => void, patience = usual): Watchdog => {
  const asked = new Int32Array(new SharedArrayBuffer(8))
  const file = ['../../bin/watchdog.cjs', '../../../bin/watchdog.cjs'].map(path => new URL(path, import.meta.url)).find(url => existsSync(url))
  const began = performance.timeOrigin + performance.now()
  if (file !== undefined && inspectorUrl() === undefined) {
    Object.assign(globalThis, {
      [Symbol.for('protocheck.watchdog')]: (run: number, stack: string): boolean => {
        if (runNumber[0] !== run) return false
        const found = abandonRun()
        const error = endless(found.place, found.given, specLine(stack))
        // Here is somebody else's stack still; and while the other thread is connected, Node would say that it waits for a debugger.
        setTimeout(() => end(error), TICK_MS)
        return true
      },
    })
    const workerData = { runs: runNumber, asked, began, tickMs: TICK_MS, ...patience }
    const worker = new Worker(file, { workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 32 } })
    // Without it a check is as good; only what does not end does not.
    worker.on('error', () => {})
    worker.unref()
  }
  return {
    during(seconds) {
      const spent = (performance.timeOrigin + performance.now() - began) / 1000
      Atomics.store(asked, LIMIT, seconds === undefined ? 0 : Math.min(2 ** 31 - 1, Math.ceil(spent + seconds)))
      Atomics.store(asked, LISTENS, 1)
      return () => {
        Atomics.store(asked, LIMIT, 0)
        Atomics.store(asked, LISTENS, 0)
      }
    },
  }
}

const endless = (place: string, given: string | undefined, line: string | undefined): SpecErrorParts => ({
  title: 'CODE THAT DOES NOT END',
  place,
  what: `It had not returned when it was stopped${line === undefined ? '' : ` (${line})`}.`,
  ...(given !== undefined && { why: given }),
  hint: 'Look for a loop, or a recursion, that never comes to its end with what it was given.',
})
