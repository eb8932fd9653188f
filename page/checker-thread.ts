import { config } from 'zod/mini'
import type { AnyProtocol } from '../checker/protocol/protocol.ts'
import type { Searching } from './checker.ts'
import { type Answer, ask, type Question } from './session/questions.ts'

interface Port {
  onmessage: ((event: { readonly data: Question }) => void) | null
  postMessage(message: Answer | Searching): void
}

/** The thread beside the page, with the checker: answers one question after another. */
export const answerQuestions = (make: () => AnyProtocol): void => {
  // The page forbids code that is made of text.
  config({ jitless: true })
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
