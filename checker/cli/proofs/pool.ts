import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SpecError } from '../../protocol/errors.ts'
import { type Answer, type Asked, type Question, questionOf } from './asked.ts'
import { type Found, parseFound, type Task } from './task.ts'

/** Where tasks are run: here, or in processes beside this one. */
export interface Pool {
  readonly size: number
  /** @throws SpecError if the protocol is broken, or the process ended */
  run(task: Task): Promise<Found>
  end(): void
}

/** Processes that run one task each at a time; each is started when it is needed first. */
export class Processes implements Pool {
  readonly size: number
  readonly #directory: string
  readonly #idle: ChildProcess[] = []
  readonly #all = new Set<ChildProcess>()

  constructor(size: number, directory: string) {
    this.size = size
    this.#directory = directory
  }

  async run(task: Task): Promise<Found> {
    return parseFound(await this.ask({ task }))
  }

  /** The answer to any question, as it was sent. @throws SpecError */
  async ask(question: Question): Promise<unknown> {
    const child = this.#idle.pop() ?? this.#start()
    let isLast = false
    try {
      const answer = await answerOf(child, { ...question, directory: this.#directory })
      isLast = 'isLast' in answer
      if ('error' in answer) throw new SpecError(answer.error)
      return answer.found
    } finally {
      if (!isLast && child.connected && child.exitCode === null && child.signalCode === null) this.#idle.push(child)
    }
  }

  end(): void {
    for (const child of this.#all) if (child.connected) child.disconnect()
  }

  /** Ends them where they are. */
  kill(): void {
    for (const child of this.#all) child.kill('SIGKILL')
  }

  #start(): ChildProcess {
    const file = ['../../../bin/prove-worker.mjs', '../../../../bin/prove-worker.mjs'].map(path => new URL(path, import.meta.url)).find(url => existsSync(url))
    // What a protocol prints goes to stderr, as here.
    const child = fork(fileURLToPath(file as URL), { stdio: ['ignore', 2, 2, 'ipc'], execArgv: [...process.execArgv] })
    this.#all.add(child)
    child.on('exit', () => this.#all.delete(child))
    return child
  }
}

/** A process that ends without an answer has proved nothing. */
const answerOf = (child: ChildProcess, asked: Asked): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const done = (): void => {
      child.off('message', onMessage)
      child.off('exit', onExit)
      child.off('error', onError)
    }
    const onMessage = (answer: unknown): void => {
      done()
      resolve(answer as Answer)
    }
    const fail = (what: string): void => {
      done()
      reject(
        new SpecError({
          title: 'A PROOF WAS CUT OFF',
          place: questionOf(asked).protocol,
          what,
          hint: 'Nothing is known of it. If memory was short, take fewer processes: --jobs 1',
        }),
      )
    }
    const onExit = (code: number | null, signal: string | null): void =>
      fail(`The process that derived it ended, ${signal === null ? `with ${code}` : `by ${signal}`}.`)
    const onError = (error: Error): void => fail(`The process that was to derive it could not be started: ${error.message}.`)
    child.on('message', onMessage)
    child.on('exit', onExit)
    child.on('error', onError)
    child.send(asked)
  })
