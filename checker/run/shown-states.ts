import { SpecError } from '../protocol/errors.ts'
import { describe, type Values } from '../values/encode.ts'
import { type Look, realState } from '../values/tracked-state.ts'
import type { ValueId } from '../values/value-id.ts'
import { type Choices, NOT_ENABLED } from './choices.ts'
import type { LiveFields } from './live-fields.ts'
import type { SystemNode } from './node.ts'
import { type Outcome, sameRun } from './outcome.ts'
import { isThenable, returnsPromise } from './spec-errors.ts'
import { Untrackable } from './untrackable.ts'

type Other = ReturnType<Look['written']>

/**
 * How states are shown to code of the spec, and what it makes of them is taken back. Where it is to be noted which fields are read (live-fields.ts), code is
 * given looks, and compared with what it does without.
 */
export class ShownStates {
  readonly #values: Values
  readonly #choices: Choices
  #live: LiveFields | undefined
  /** Of each run of a handler that was given a look: see `Look.written`. */
  #others: Other[] = []

  constructor(values: Values, choices: Choices) {
    this.#values = values
    this.#choices = choices
  }

  /** From now on it is noted which fields code of the spec reads. */
  track(live: LiveFields): void {
    this.#live = live
    this.#values.mayHoldLooks = true
  }

  get tracks(): boolean {
    return this.#live !== undefined
  }

  /** Runs something without noting what it reads. */
  untracked<T>(run: () => T): T {
    const live = this.#live
    this.#live = undefined
    try {
      return run()
    } finally {
      this.#live = live
    }
  }

  /** Shows a state of this role to code of the spec that makes no state of it. What it answers is no object. */
  show<T>(role: string, state: ValueId, run: (state: unknown) => T, self?: SystemNode['id']): T {
    const live = this.#live
    const look = live?.proxyOf(role, state, self)
    const plain = (): T => run(this.#values.decode(state))
    if (live === undefined || look === undefined) return plain()
    let answer: T
    try {
      answer = run(look.root)
    } catch (error) {
      return this.#untrackable(error, plain)
    } finally {
      live.noteReads(role, state, look)
    }
    const dead = live.deadIn(role, state)
    const other = dead && look.written(dead)
    if (other !== undefined) this.#confirmed(answer, () => run(other.state))
    return this.#confirmed(answer, plain)
  }

  /** What code of the spec did with a look, if it does so without. @throws Untrackable */
  #confirmed<T>(answer: T, plain: () => T): T {
    if (this.tracks && this.plainly(() => this.untracked(plain)) !== answer) throw new Untrackable()
    return answer
  }

  /** Runs again, without looks, what ran with them and did not throw. @throws Untrackable if it throws now */
  plainly<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      throw this.#live === undefined ? error : new Untrackable()
    }
  }

  /** Runs of a handler follow, to be compared by `confirmOthers`. */
  begin(): void {
    this.#others = []
  }

  /** Shows a state of a node to code that makes another of it. */
  next({ role, id }: SystemNode, state: ValueId, run: (state: unknown) => unknown): ValueId {
    const live = this.#live
    const look = live?.proxyOf(role, state, id)
    if (live === undefined || look === undefined) {
      const next = this.encode(run(this.#values.decode(state)))
      live?.noteStep(role, id, state, next, undefined)
      return next
    }
    try {
      const made = run(look.root)
      const next = this.encode(realState(made))
      const dead = live.deadIn(role, state)
      this.#others.push(dead && look.written(dead, made))
      live.noteStep(role, id, state, next, look.writesOf(made))
      return next
    } catch (error) {
      return this.#untrackable(error, () => run(this.#values.decode(state)))
    } finally {
      live.noteReads(role, state, look)
    }
  }

  /** Code of the spec threw when it was given a look. @throws what it throws anyway, else Untrackable */
  #untrackable(error: unknown, run: () => unknown): never {
    if (error === NOT_ENABLED) throw error
    this.#choices.rewind()
    run()
    throw new Untrackable()
  }

  /** Does a handler do the same in the states that it cannot have told from the one it was given? @throws Untrackable */
  confirmOthers(outcomes: readonly Outcome[], run: (state: object) => readonly Outcome[]): void {
    this.#others.forEach((other, i) => {
      if (other === undefined) return
      const same = this.plainly(() => {
        const again = this.untracked(() => run(other.state))[i]
        return again !== undefined && sameRun({ ...(outcomes[i] as Outcome), state: this.encode(other.next) }, again)
      })
      if (!same) throw new Untrackable()
    })
  }

  /** The number of the state that code of the spec returned. @throws SpecError if it is none */
  encode(state: unknown): ValueId {
    if (isThenable(state)) throw returnsPromise()
    if (state === undefined || state === null || typeof state !== 'object' || !('toSeq' in state) || !('set' in state))
      throw new SpecError({
        title: 'NO STATE RETURNED',
        what: `It returned ${describe(state)} instead of the node's next state.`,
        hint: 'Return the Record that the node goes on with; return it as it came if nothing changes.',
      })
    return this.#values.encode(state)
  }
}
