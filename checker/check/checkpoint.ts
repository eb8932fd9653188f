import { SpecError } from '../protocol/errors.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { digest } from '../reduce/digest.ts'
import { type Replica, replayJournal } from '../reduce/replay-journal.ts'
import type { Search } from '../search/search.ts'
import { judgedAnew } from '../search/search-snapshot.ts'
import { RankRead } from '../tables/symmetry.ts'
import type { Checkpoint, Options } from './options.ts'
import { SNAPSHOT_VERSION, type Snapshot } from './snapshot.ts'

/** The options that say what is searched, as text; the budgets may change from one run to the next. */
export const askedOf = ({ property, depth, order, reduce, without, tuning }: Options): { readonly [option: string]: string } => ({
  property: property ?? 'all',
  depth: String(depth ?? 'unlimited'),
  order: order ?? 'the usual',
  reductions: reduce === undefined ? 'the usual' : [...reduce].sort().join(',') || 'none',
  tuning: tuning === undefined ? 'the usual' : JSON.stringify(tuning),
  'rules left out': [...(without ?? [])].sort().join(',') || 'none',
})

/** @throws SpecError unless a snapshot is one of this protocol, as it is written, with these options */
export const refuseOther = ({ facts }: Snapshot, protocol: AnyProtocol, text: string, options: Options): void => {
  if (facts.version !== SNAPSHOT_VERSION)
    throw differs(protocol, `It was written in format ${facts.version} by another version of protocheck; this one reads format ${SNAPSHOT_VERSION}.`)
  const now = askedOf(options)
  const different = Object.keys(now).filter(option => facts.asked[option] !== now[option])
  if (different.length > 0) throw differs(protocol, different.map(option => `${option}: it was ${facts.asked[option]}, now it is ${now[option]}.`).join('\n'))
  if (facts.text !== text) throw changed(protocol, 'The text of its functions is another.')
}

/** Fills fresh tables from the journal. @throws SpecError if the protocol does something else than when it was written */
export const restoreTables = ({ facts, arrays }: Snapshot, replica: Replica): void => {
  const { protocol } = replica.tables.system
  try {
    replayJournal(arrays.journal, arrays.journal.length, replica)
  } catch (error) {
    throw changed(
      protocol,
      error instanceof RankRead ? 'It reads the rank of an id.' : `What its handlers answer is another (${(error as Error).message}).`,
      error,
    )
  }
  if (digest(replica) !== facts.tables) throw changed(protocol, 'What its handlers or its properties answer is another.')
}

/**
 * What properties say of the messages in flight is remembered nowhere: it is asked again of all states that were judged before the snapshot.
 * @throws SpecError if they say something else now
 */
export const checkInFlightAnew = ({ facts }: Snapshot, search: Search): void => {
  const { reached, failed } = judgedAnew(search)
  if (failed || reached !== facts.search.reached) throw changed(search.tables.system.protocol, 'What its properties say of the messages in flight is another.')
}

/** A rank that is read for the first time before the search could go on. */
export const changedRanks = (protocol: AnyProtocol): SpecError => changed(protocol, 'It reads the rank of an id.')

const changed = (protocol: AnyProtocol, what: string, cause?: unknown): SpecError =>
  differs(protocol, `The protocol has changed since the checkpoint was written. ${what}`, cause)

const differs = (protocol: AnyProtocol, what: string, cause?: unknown): SpecError =>
  new SpecError(
    { title: 'CHECKPOINT DOES NOT FIT', place: protocol.name, what, hint: 'Search as it was begun, or begin anew without --resume.' },
    ...(cause === undefined ? [] : [{ cause }]),
  )

/** Says when a snapshot is due, and hands it over. */
export class Checkpoints<S> {
  readonly #checkpoint: Checkpoint
  readonly #snapshotOf: (search: S) => Snapshot
  readonly #shareMax: number
  #due: number

  /** @param shareMax writing snapshots takes at most this share of the time */
  constructor(checkpoint: Checkpoint, snapshotOf: (search: S) => Snapshot, shareMax: number) {
    this.#shareMax = shareMax
    this.#checkpoint = checkpoint
    this.#snapshotOf = snapshotOf
    this.#due = performance.now() + checkpoint.seconds * 1000
  }

  async saveIfDue(search: S): Promise<void> {
    if (performance.now() >= this.#due) await this.save(search)
  }

  async save(search: S): Promise<void> {
    const began = performance.now()
    await this.#checkpoint.save(this.#snapshotOf(search))
    const ended = performance.now()
    this.#due = ended + Math.max(this.#checkpoint.seconds * 1000, (ended - began) / this.#shareMax)
  }
}
