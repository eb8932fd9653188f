import { SpecError } from '../protocol/errors.ts'
import type { Values } from '../values/encode.ts'
import type { ValueId } from '../values/value-id.ts'

/** Thrown by `choose([])`, caught by `Choices.all`: the run does not count. */
export const NOT_ENABLED = Symbol('not enabled')

/** Nondeterminism by replay: code of the spec is run once per sequence of answers to `choose`. */
export class Choices {
  readonly #values: Values
  /** The answers that the run is to give, those given so far, and the runs that are still to come. */
  #answers: number[] = []
  #given: ValueId[] = []
  #pending: number[][] = []

  constructor(values: Values) {
    this.#values = values
  }

  /** What each run gives; `run` gets the list that its choices will stand in. */
  all<T>(run: (choices: readonly ValueId[]) => T): readonly T[] {
    const results: T[] = []
    this.#pending = [[]]
    for (let answers = this.#pending.pop(); answers !== undefined; answers = this.#pending.pop()) {
      this.#answers = answers
      this.#given = []
      try {
        results.push(run(this.#given))
      } catch (error) {
        if (error !== NOT_ENABLED) throw error
      }
    }
    return results
  }

  choose(options: Iterable<unknown>): unknown {
    const answers = this.#answers
    const given = this.#given
    const list = [...options]
    const position = given.length
    if (position === answers.length) {
      if (list.length === 0) throw NOT_ENABLED
      for (let i = list.length - 1; i > 0; i--) this.#pending.push([...answers, i])
      answers.push(0)
    }
    if ((answers[position] as number) >= list.length) throw otherOptions()
    const answer = list[answers[position] as number]
    given.push(this.#values.encode(answer, 'an option of choose'))
    return answer
  }

  /** What runs now is to be run again, with the same answers. */
  rewind(): void {
    this.#given.length = 0
  }
}

const otherOptions = (): SpecError =>
  new SpecError({
    title: 'IMPURE',
    what: 'Run again with the same answers, it gives `choose` fewer options.',
    why: 'The checker runs code once for each sequence of answers: so what it may choose from must follow from its arguments and the answers so far.',
    hint: 'Let the options depend on nothing else: no clock, no Math.random, no variable outside.',
  })
