import type { TraceStep } from '../checker/trace/trace.ts'
import { inflated } from './session/packed.ts'
import type { Answer, Question } from './session/questions.ts'

/** What the thread says while it searches. */
export interface Searching {
  readonly kind: 'progress'
  readonly phase: string
  readonly states: number
}

/** Asks a thread of its own, which can be ended whatever it does. */
export class Checker {
  readonly #packed: () => string
  #code: Promise<string> | undefined
  #worker: Worker | undefined
  #end: ((answer: Answer) => void) | undefined

  /** @param packed the code of the thread (checker-thread.ts), deflated: it stands behind the page's own, which does not wait for it, and is read once somebody asks */
  constructor(packed: () => string) {
    this.#packed = packed
  }

  ask(question: Question, onProgress: (searching: Searching) => void): Promise<Answer> {
    this.stop()
    return new Promise(resolve => {
      this.#end = resolve
      this.#begin(question, onProgress, resolve).catch(error => {
        if (this.#end === resolve) this.#over({ kind: 'error', why: `The checker could not be started in this browser. ${error}` })
      })
    })
  }

  /** Ends what goes on. */
  stop(): void {
    this.#over({ kind: 'unknown', states: 0, why: 'it was stopped' })
  }

  async #begin(question: Question, onProgress: (searching: Searching) => void, end: (answer: Answer) => void): Promise<void> {
    this.#code ??= inflated(this.#packed())
    const code = await this.#code
    // It may have been stopped meanwhile.
    if (this.#end !== end) return
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
    const worker = new Worker(url)
    this.#worker = worker
    const over = (answer: Answer): void => {
      URL.revokeObjectURL(url)
      if (this.#end === end) this.#over(answer)
    }
    worker.onerror = event => over({ kind: 'error', why: event.message || 'The checker could not be started in this browser.' })
    worker.onmessage = ({ data }: MessageEvent<Answer | Searching>) => (data.kind === 'progress' ? onProgress(data) : over(data))
    worker.postMessage({ ...question, after: { initial: question.after.initial, steps: question.after.steps.map(named) } })
  }

  #over(answer: Answer): void {
    this.#worker?.terminate()
    this.#worker = undefined
    this.#end?.(answer)
    this.#end = undefined
  }
}

/** What a step is called is all that is needed. */
const named = (step: TraceStep): TraceStep => ({ ...step, sent: [], emitted: [], nodes: {}, observers: {} })
