import type { Command, Reply } from './messages.ts'

/** Threads that a search may use; where they come from is the business of whoever offers them. */
export interface Workers {
  readonly count: number
  /** Distinct states from which on they are started; without, as the tuning says. */
  readonly from?: number
  /** Should the search then wait for them? It goes on by itself otherwise until they are there, and until a level is worth dividing up. */
  readonly waits: boolean
  /** Was it asked for by name? Then the report says if the search cannot use them. */
  readonly isWanted: boolean
  /** Starts them, without waiting until their code has loaded; they are ended by `end`. */
  start(): Promise<readonly Port[]>
}

/** The way to one worker. */
export interface Port {
  /** Its code has loaded. */
  readonly ready: Promise<unknown>
  /** One command at a time. */
  ask(command: Command): Promise<Reply>
  end(): Promise<void>
}
