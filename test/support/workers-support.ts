import type { Report } from '../../checker/check/report.ts'
import type { Port, Workers } from '../../checker/workers/port.ts'
import { threads } from '../../checker/workers/threads.ts'

/**
 * Threads for many small searches, which each search waits for. They are started once, and end with the process of the tests.
 * @param from distinct states from which on they take over
 */
export const pooled = (count: number, from = 0): Workers => {
  const workers = threads(count, { from, waits: true })
  let ports: Promise<readonly Port[]> | undefined
  return {
    ...workers,
    start() {
      ports ??= workers.start().then(started => started.map(port => ({ ready: port.ready, ask: command => port.ask(command), end: async () => {} })))
      return ports
    },
  }
}

/** What must not depend on the number of threads. */
export const found = ({ verdict, property, complete, states, transitions, depth, unreached, counterexample, stoppedBy, reductions }: Report) => ({
  verdict,
  property,
  complete,
  states,
  transitions,
  depth,
  unreached,
  stoppedBy,
  reductions,
  steps: counterexample?.steps,
})
