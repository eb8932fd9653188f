import { initialText } from '../../checker/trace/step-text.ts'
import { traceOf } from '../../checker/trace/trace-of.ts'
import type { Walker, WalkState } from '../../checker/trace/walk.ts'
import { Session } from './session.ts'

/** An initial state that an execution may begin in. */
export interface Beginning {
  /** What its nodes choose to begin with, in words; it names the state in an address. */
  readonly text: string
  readonly state: WalkState
}

/** So many are listed: of more, nobody finds one. */
export const BEGINNINGS_MAX = 60

/** The initial states of a protocol, the first ones. */
export const beginningsOf = (walker: Walker): readonly Beginning[] => {
  const found: Beginning[] = []
  for (const state of walker.initials()) {
    if (found.length === BEGINNINGS_MAX) break
    const text = initialText(traceOf(walker.system, '', state, [])) ?? 'Initially nobody chooses'
    found.push({ text, state })
  }
  return found
}

/** One session for each initial state that was looked at: what was tried from one is still there when the person comes back to it. */
export class Sessions {
  readonly beginnings: readonly Beginning[]
  /** The place of the one that the page opens with. */
  readonly own: number
  readonly #made = new Map<number, Session>()

  constructor(session: Session) {
    const { walker, first } = session
    this.beginnings = walker === null ? [] : beginningsOf(walker)
    const state = first.live?.state
    const place = walker === null || state === undefined ? -1 : this.beginnings.findIndex(one => walker.keyOf(one.state) === walker.keyOf(state))
    this.own = Math.max(0, place)
    this.#made.set(this.own, session)
  }

  /** The session that begins in an initial state. */
  at(place: number): Session {
    const own = this.#made.get(this.own) as Session
    const beginning = this.beginnings[place]
    if (own.walker === null || beginning === undefined) return own
    const made = this.#made.get(place) ?? Session.begin(own.walker, beginning.state, own.about.mutant)
    this.#made.set(place, made)
    return made
  }
}
