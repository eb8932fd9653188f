import type { AnyProtocol } from '../checker/protocol/protocol.ts'
import type { TraceStep } from '../checker/trace/trace.ts'
import { type Answer, ask, type Question } from './session/questions.ts'

/** What the worker says while it searches. */
export interface Searching {
  readonly kind: 'progress'
  readonly phase: string
  readonly states: number
}

interface Port {
  onmessage: ((event: { readonly data: Question }) => void) | null
  postMessage(message: Answer | Searching): void
}

/** Answers one question after another: the same code as that of the page, in a thread of its own. */
export const answerQuestions = (make: () => AnyProtocol): void => {
  const port = globalThis as unknown as Port
  const say: Port['postMessage'] = message => port.postMessage(message)
  port.onmessage = async ({ data }) => {
    try {
      say(await ask(make(), data, ({ phase, states }) => say({ kind: 'progress', phase, states })))
    } catch (error) {
      say({ kind: 'error', why: String(error) })
    }
  }
}

/** Asks a worker of its own, which can be ended whatever it does. */
export class Checker {
  readonly #code: string
  #worker: Worker | undefined
  #end: ((answer: Answer) => void) | undefined

  /** @param code the code of the page */
  constructor(code: string) {
    this.#code = code
  }

  ask(question: Question, onProgress: (searching: Searching) => void): Promise<Answer> {
    this.stop()
    const url = URL.createObjectURL(new Blob([this.#code], { type: 'text/javascript' }))
    const worker = new Worker(url)
    this.#worker = worker
    return new Promise(resolve => {
      this.#end = resolve
      worker.onerror = event => this.#over({ kind: 'error', why: event.message || 'The checker could not be started in this browser.' })
      worker.onmessage = ({ data }: MessageEvent<Answer | Searching>) => (data.kind === 'progress' ? onProgress(data) : this.#over(data))
      worker.postMessage({ ...question, after: { initial: question.after.initial, steps: question.after.steps.map(named) } })
    }).finally(() => URL.revokeObjectURL(url)) as Promise<Answer>
  }

  /** Ends what goes on. */
  stop(): void {
    this.#over({ kind: 'unknown', states: 0, why: 'it was stopped' })
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
