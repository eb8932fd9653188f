// A thread beside the one that checks: it sees when code of a protocol does not end, and ends the program (checker/cli/watchdog.ts says why, and what is shared).
// CommonJS, since a worker that loads no module loads no hooks for TypeScript either: it starts in some milliseconds.
const { Session } = require('node:inspector')
const { workerData } = require('node:worker_threads')

/** @type {{ runs: Int32Array, asked: Int32Array, tickMs: number, graceTicks: number, longestTicks: number }} */
const { runs, asked, tickMs, graceTicks, longestTicks } = workerData

const [LIMIT, LISTENS] = [0, 1]
const signals = [1, 2, 15]

let seen = 0
let ticks = 0
let isSignalled = false
let isEnding = false
/** @type {{ start(signal: number): void, close(): void, unref(): void, onsignal: () => void }[]} */
let handles = []

const stopListening = () => {
  for (const handle of handles) handle.close()
  handles = []
}

/** Signals of the process reach every thread that listens, but Node offers that to the main thread only. Without it only a time that has passed ends what does not end. */
const listen = () => {
  try {
    process.noDeprecation = true
    const { Signal } = process.binding('signal_wrap')
    handles = signals.map(signal => {
      const handle = new Signal()
      handle.unref()
      // Once: a second signal does what it does without this thread.
      handle.onsignal = () => {
        isSignalled = true
        stopListening()
      }
      handle.start(signal)
      return handle
    })
  } catch {}
}

/**
 * Stops the main thread where it is, and lets it say there what it was doing. Then its run is broken off, so that it comes to what it was told there to do next, which is to
 * end the program. If the run has ended meanwhile, it goes on.
 */
const end = () => {
  isEnding = true
  const session = new Session()
  session.connectToMainThread()
  session.on('Debugger.paused', ({ params }) => {
    const expression = `globalThis[Symbol.for('protocheck.watchdog')](${seen}, new Error().stack)`
    session.post('Debugger.evaluateOnCallFrame', { callFrameId: params.callFrames[0].callFrameId, expression }, (_, answer) => {
      isEnding = answer?.result?.value === true
      if (isEnding) session.post('Runtime.terminateExecution')
      session.post('Debugger.resume')
      session.disconnect()
      ticks = 0
    })
  })
  session.post('Debugger.enable')
  session.post('Debugger.pause')
}

setInterval(() => {
  if (isEnding) return
  if (Atomics.load(asked, LISTENS) === 1) {
    if (handles.length === 0 && !isSignalled) listen()
  } else {
    stopListening()
    isSignalled = false
  }
  const run = Atomics.load(runs, 0)
  ticks = run !== 0 && run === seen ? ticks + 1 : 0
  seen = run
  const limit = Atomics.load(asked, LIMIT)
  const isOver = isSignalled || (limit > 0 && performance.timeOrigin + performance.now() > workerData.began + limit * 1000)
  if (ticks >= (isOver ? graceTicks : longestTicks)) end()
}, tickMs)
