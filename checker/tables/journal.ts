import { SpecError } from '../protocol/errors.ts'
import { Ints } from '../values/ints.ts'

/**
 * The requests by which tables, and what reductions learn from them, grow. Their numbers stand in checkpoints: never change one, only add.
 * What the arguments are stands where each is recorded, and in reduce/replay-journal.ts.
 */
export const requests = {
  deliver: 1,
  take: 2,
  react: 3,
  act: 4,
  recover: 5,
  stop: 6,
  observe: 7,
  globalStep: 8,
  world: 9,
  rest: 10,
  pair: 11,
  localImage: 12,
  observerImage: 13,
  packetImage: 14,
  queueImage: 15,
  channelImage: 16,
  copy: 17,
  push: 18,
  foresee: 19,
  change: 20,
  tick: 21,
  age: 22,
  ageQueue: 23,
  deadDeliver: 32,
  deadEdges: 33,
  deadEdge: 34,
  deadCarry: 35,
  deadForgive: 36,
  adopt: 37,
} as const

export type JournalRequest = (typeof requests)[keyof typeof requests]

/** Words of an entry before its arguments: the request (with `THREW`, if it did), and how many arguments there are. */
export const HEAD = 2

/** Marks a request that a SpecError ended: what it had interned by then stays. */
export const THREW = 1 << 8

/**
 * What tables were asked, in order: all that it takes to have the same tables again, number by number, in another thread or another process.
 *
 * Why that is so: values, states, packets, bits, queues and lists are numbered in the order of their first coming up, code of the spec is
 * deterministic (it is run twice to see), and everything that makes a table grow goes through a request that is recorded here. So the same requests,
 * asked in the same order of fresh tables of the same protocol, give the same numbers (`replay` in reduce/replay-journal.ts). Requests made
 * while another is answered are part of its answer, and not written. What does not grow anything is not written either, so this costs nothing
 * where nothing is missed: a request has run code of the spec, or allocated, anyway.
 */
export class Journal {
  /** The entries, one after the other: request, number of arguments, arguments. */
  readonly entries = new Ints(1_024)
  /** Spent on answers. */
  seconds = 0
  /** Called after each request, whatever came of it: what code of the spec read meanwhile may mean that all begins anew. */
  confirm: () => void = () => {}
  #answering = false

  /** The entries so far: good until the next. */
  get view(): Int32Array {
    return this.entries.data.subarray(0, this.entries.length)
  }

  /**
   * Answers a request, and writes it down when it is answered, unless it is part of another.
   * @param args read after the answer: the answer may still add to them
   * @param grew asked after the answer: false if there is nothing to write down after all
   */
  record<T>(request: JournalRequest, args: ArrayLike<number>, answer: () => T, grew?: () => boolean): T {
    if (this.#answering) return answer()
    this.#answering = true
    const began = performance.now()
    let threw = 0
    try {
      const answered = answer()
      this.confirm()
      return answered
    } catch (error) {
      this.confirm()
      threw = error instanceof SpecError ? THREW : 0
      throw error
    } finally {
      this.#answering = false
      this.seconds += (performance.now() - began) / 1000
      if (threw !== 0 || (grew?.() ?? true)) this.#write(request | threw, args)
    }
  }

  #write(head: number, args: ArrayLike<number>): void {
    const { entries } = this
    entries.push(head)
    entries.push(args.length)
    for (let i = 0; i < args.length; i++) entries.push(args[i] as number)
  }
}
