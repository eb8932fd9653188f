/** Words of a batch of states on its way from one worker to another: so many, and fewer where there are many workers. */
const BATCH_WORDS_MAX = 1 << 14
const BATCH_WORDS_MIN = 1 << 12

/** Words of all batches, but for the least size of one. */
const WORDS = 1 << 24

/** Batches that may be on their way between two workers, a power of two: so many that none waits when another is at something else for a second, and no fewer than so many. */
const BATCHES_MAX = 1 << 8
const BATCHES_MIN = 1 << 3

/** Words of a counter, each in a cache line of its own. */
const LINE = 16

/** Numbers that a worker tells of itself while it works, as 64-bit floats. */
const FIGURES = 5

/** The memory that workers and their leader share to talk to one another. Everything is 0 at first. */
export interface ExchangeMemory {
  readonly workers: number
  readonly batches: number
  readonly batchWords: number
  readonly words: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  readonly figures: SharedArrayBuffer
}

export const exchangeMemory = (workers: number): ExchangeMemory => {
  const pairs = workers * workers
  const batchWords = Math.min(BATCH_WORDS_MAX, Math.max(BATCH_WORDS_MIN, Math.floor(WORDS / (pairs * BATCHES_MIN))))
  const batches = Math.min(BATCHES_MAX, Math.max(BATCHES_MIN, powerBelow(WORDS / (pairs * batchWords))))
  return {
    workers,
    batches,
    batchWords,
    words: new SharedArrayBuffer(pairs * batches * batchWords * 4),
    counters: new SharedArrayBuffer((2 * workers * workers + 3 * workers + 1) * LINE * 4),
    figures: new SharedArrayBuffer(workers * FIGURES * 8),
  }
}

const powerBelow = (x: number): number => 1 << (31 - Math.clz32(x))

/** Do batches hold records so wide? */
export const isTooWide = (width: number): boolean => width + 2 > BATCH_WORDS_MIN

/** What a worker tells of itself while it works. */
export interface Figures {
  readonly states: number
  readonly transitions: number
  /** Of its seen set, and those that it may take at once when that grows. */
  readonly bytes: number
  readonly growth: number
  /** States that it found and has not expanded yet. */
  readonly frontier: number
}

/**
 * How workers talk to one another while all of them expand a level: for each pair a ring of batches in shared memory. The sender fills a batch with states and their
 * hashes, and raises a counter; the receiver looks the states up, and raises another. (Lamport, "Proving the Correctness of Multiprocess Programs", 1977:
 * with one sender and one receiver such a ring needs no lock.) A worker that has nothing to do sleeps at its *bell*, which others ring when they did something for it.
 *
 * A level ends for a worker when every worker has said that it has sent all of it, and it has emptied all rings to itself.
 *
 * What is to be expanded is dealt out in pieces, from the part of each worker in turn: whoever is done with its own goes on with another's.
 */
export class Exchange {
  readonly workers: number
  readonly #me: number
  readonly #batches: number
  readonly #batchWords: number
  readonly #words: Int32Array
  readonly #counters: Int32Array
  readonly #figures: Float64Array
  /** For each receiver, the states in the batch that is being filled. */
  readonly #filled: Int32Array
  /** Where the batch for each receiver lies that is being filled. */
  readonly #bases: Int32Array
  /** For each receiver, how many batches were sent to it. */
  readonly #sent: Int32Array
  #width = 0
  /** States in a batch. */
  #batchRoom = 0
  #round = 0

  /** @param me the worker; -1 for the leader, who only listens and stops */
  constructor({ workers, batches, batchWords, words, counters, figures }: ExchangeMemory, me: number) {
    this.workers = workers
    this.#batches = batches
    this.#batchWords = batchWords
    this.#me = me
    this.#words = new Int32Array(words)
    this.#counters = new Int32Array(counters)
    this.#figures = new Float64Array(figures)
    this.#filled = new Int32Array(workers)
    this.#sent = new Int32Array(workers)
    this.#bases = Int32Array.from({ length: workers }, (_, receiver) => (me * workers + receiver) * batches * batchWords)
  }

  /** Begins a level (or what is left of it), of records so wide; all rings are empty. Every worker must begin the same. */
  begin(width: number): void {
    this.#width = width
    this.#batchRoom = Math.floor((this.#batchWords - 1) / (width + 1))
    this.#round++
  }

  /** Has the batch for this receiver room for one more state? */
  hasRoom(receiver: number): boolean {
    if ((this.#filled[receiver] as number) > 0) return true
    return (this.#sent[receiver] as number) - this.#load(this.#takenAt(this.#me * this.workers + receiver)) < this.#batches
  }

  /** Adds a state to the batch for a receiver; `hasRoom` must have said so. */
  send(receiver: number, record: Int32Array, at: number, hash: number): void {
    const width = this.#width
    const room = this.#batchRoom
    const base = this.#bases[receiver] as number
    const place = this.#filled[receiver] as number
    const words = this.#words
    words[base + 1 + place] = hash
    const start = base + 1 + room + place * width
    for (let w = 0; w < width; w++) words[start + w] = record[at + w] as number
    this.#filled[receiver] = place + 1
    if (place + 2 > room) this.#publish(receiver)
  }

  /** Sends what is left, and says that nothing more will come in this round. */
  finish(): void {
    for (let receiver = 0; receiver < this.workers; receiver++) if ((this.#filled[receiver] as number) > 0) this.#publish(receiver)
    Atomics.store(this.#counters, this.#doneAt(this.#me), this.#round)
    for (let other = 0; other < this.workers; other++) this.#ring(other)
  }

  #publish(receiver: number): void {
    const ring = this.#me * this.workers + receiver
    const sent = this.#sent[receiver] as number
    this.#words[this.#bases[receiver] as number] = this.#filled[receiver] as number
    this.#filled[receiver] = 0
    this.#bases[receiver] = (ring * this.#batches + ((sent + 1) & (this.#batches - 1))) * this.#batchWords
    this.#sent[receiver] = (sent + 1) | 0
    Atomics.store(this.#counters, this.#sentAt(ring), (sent + 1) | 0)
    this.#ring(receiver)
  }

  /** Hands over one batch that was sent to this worker, if there is one; `take` must be done with it when it returns. */
  receive(take: (records: Int32Array, hashes: Int32Array, count: number) => void): boolean {
    for (let sender = 0; sender < this.workers; sender++) {
      const ring = sender * this.workers + this.#me
      const taken = this.#load(this.#takenAt(ring))
      if (this.#load(this.#sentAt(ring)) === taken) continue
      const base = (ring * this.#batches + (taken & (this.#batches - 1))) * this.#batchWords
      const count = this.#words[base] as number
      const hashes = this.#words.subarray(base + 1, base + 1 + count)
      const records = this.#words.subarray(base + 1 + this.#batchRoom, base + 1 + this.#batchRoom + count * this.#width)
      take(records, hashes, count)
      Atomics.store(this.#counters, this.#takenAt(ring), (taken + 1) | 0)
      this.#ring(sender)
      return true
    }
    return false
  }

  /** Has every worker sent all of this round, and is nothing left for this one? */
  get isOver(): boolean {
    for (let other = 0; other < this.workers; other++) {
      if (this.#load(this.#doneAt(other)) !== this.#round) return false
      const ring = other * this.workers + this.#me
      if (this.#load(this.#sentAt(ring)) !== this.#load(this.#takenAt(ring))) return false
    }
    return true
  }

  /** The next `size` of the states of a worker's part that are dealt out: where they begin. */
  deal(worker: number, size: number): number {
    return Atomics.add(this.#counters, this.#dealtAt(worker), size)
  }

  /** For the leader, while workers rest: all parts are to be dealt out from their beginnings. */
  dealAnew(): void {
    for (let worker = 0; worker < this.workers; worker++) Atomics.store(this.#counters, this.#dealtAt(worker), 0)
  }

  /** What the bell stands at: for `sleep`, to be asked before one finds that there is nothing to do. */
  get bell(): number {
    return this.#load(this.#bellAt(this.#me))
  }

  /** Sleeps until the bell has been rung since it stood at `bell`. */
  sleep(bell: number): void {
    Atomics.wait(this.#counters, this.#bellAt(this.#me), bell)
  }

  #ring(worker: number): void {
    if (worker === this.#me) return
    Atomics.add(this.#counters, this.#bellAt(worker), 1)
    Atomics.notify(this.#counters, this.#bellAt(worker))
  }

  /** Asks every worker to end the round with what has been found; for good. */
  stop(): void {
    Atomics.store(this.#counters, this.#stopAt, 1)
    for (let worker = 0; worker < this.workers; worker++) this.#ring(worker)
  }

  get isStopped(): boolean {
    return this.#load(this.#stopAt) === 1
  }

  tell({ states, transitions, bytes, growth, frontier }: Figures): void {
    const at = this.#me * FIGURES
    this.#figures[at] = states
    this.#figures[at + 1] = transitions
    this.#figures[at + 2] = bytes
    this.#figures[at + 3] = growth
    this.#figures[at + 4] = frontier
  }

  /** What all workers have told, added up. */
  get total(): Figures {
    const sum = (k: number): number => {
      let result = 0
      for (let at = k; at < this.#figures.length; at += FIGURES) result += this.#figures[at] as number
      return result
    }
    return { states: sum(0), transitions: sum(1), bytes: sum(2), growth: sum(3), frontier: sum(4) }
  }

  #load(at: number): number {
    return Atomics.load(this.#counters, at)
  }

  #sentAt(ring: number): number {
    return ring * LINE
  }

  #takenAt(ring: number): number {
    return (this.workers * this.workers + ring) * LINE
  }

  #bellAt(worker: number): number {
    return (2 * this.workers * this.workers + worker) * LINE
  }

  #doneAt(worker: number): number {
    return (2 * this.workers * this.workers + this.workers + worker) * LINE
  }

  #dealtAt(worker: number): number {
    return (2 * this.workers * this.workers + 2 * this.workers + worker) * LINE
  }

  get #stopAt(): number {
    return (2 * this.workers * this.workers + 3 * this.workers) * LINE
  }
}
