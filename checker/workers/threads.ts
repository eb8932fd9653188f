import type { Worker } from 'node:worker_threads'
import { type Command, type Reply, whole } from './messages.ts'
import type { Port, Workers } from './port.ts'

/** `.ts` in a clone, `.js` in an installed package. */
const isSource = import.meta.url.endsWith('.ts')

/**
 * Workers that are threads of Node.
 *
 * @example
 * ```ts code
 * const report = await explore(lockServer(), { workers: threads(2) })
 * if (report.verdict !== 'holds') throw new Error(report.verdict)
 * ```
 */
export const threads = (count: number, { waits = false, isWanted = false, from }: Partial<Workers> = {}): Workers => ({
  count,
  ...(from === undefined ? {} : { from }),
  waits,
  isWanted,
  async start() {
    const { Worker } = await import('node:worker_threads')
    const started: Thread[] = []
    try {
      while (started.length < count) started.push(new Thread(new Worker(new URL(isSource ? 'boot.cjs' : 'worker.js', import.meta.url))))
    } catch (error) {
      for (const thread of started) await thread.end()
      throw error
    }
    return started
  },
})

class Thread implements Port {
  readonly #worker: Worker
  /** Settled by the first message, which says that the code has loaded. */
  readonly ready: Promise<unknown>
  #reply: { resolve(reply: Reply): void; reject(error: Error): void } | undefined
  #failed: Error | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    this.ready = new Promise((resolve, reject) => {
      this.#reply = { resolve, reject }
    })
    worker.on('message', (reply: Reply) => this.#reply?.resolve(reply))
    worker.on('error', error => this.#fail(error))
    worker.on('exit', () => this.#fail(new Error('A worker ended before its time.')))
  }

  #fail(error: Error): void {
    this.#failed ??= error
    this.#reply?.reject(this.#failed)
  }

  ask(command: Command): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#reply = { resolve, reject }
      if (this.#failed !== undefined) reject(this.#failed)
      else this.#worker.postMessage(whole(command))
    })
  }

  async end(): Promise<void> {
    this.#reply = undefined
    await this.#worker.terminate()
  }
}
