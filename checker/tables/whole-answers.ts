import { Tuples } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Parts } from './parts.ts'
import type { Asker } from './questions.ts'
import { ReadMemo } from './read-memo.ts'
import { type Found, type Missing, type RunEvent, RunsDiffer, RunTree, sameOptions } from './run-tree.ts'
import type { Whole } from './whole.ts'
import { NotByFields, type Showing, WholeView } from './whole-view.ts'

/** Code of a spec over the whole state. What comes of one run is a number, and what comes of all that it may choose. */
export interface WholeCode {
  /**
   * Runs it once: the number of what comes of it.
   * @param goesOn whether a run that has chosen something is gone on with
   */
  run(view: WholeView, goesOn: boolean): number
  /** The same number for whatever comes to the same in a state in which the nodes have these states. */
  normal(outcome: number, stateOf: (node: number) => ValueId): number
  /** The number of what all runs come to. */
  all(outcomes: readonly number[]): number
  /** The outcomes that it stands for. */
  outcomesOf(answer: number): readonly number[]
  /** What it must answer in the image of a state in which it answers this. */
  image(g: number, answer: number): number
  /** @throws SpecError it is impure: two runs in one state had these answers */
  impure(answers: readonly [number, number]): never
  /** @throws SpecError it prefers a node: in the image of a state it has another answer than the image of that of the state */
  refuse(g: number): never
}

/**
 * What code over the whole state answers, remembered by what it asks (questions.ts) and, after each choice, by what it asks then (run-tree.ts); checked for purity and for symmetry.
 *
 * **What it asks** is told by what it is shown in place of states (values/tracked-state.ts): which fields, entries and elements it reads. That it cannot tell states apart otherwise is checked at each run: once more on
 * copies of states in which that is there already which it writes, without having read it, and in which sets have nothing but the elements it asked about; and of ones in which sets have all others too. If it
 * does something else there, it is shown whole states from then on.
 *
 * **Symmetry**: answer(g(s)) = g(answer(s)), for every generator g, at every state s of an orbit; so it holds for the whole group. It is not enough to ask at the state that
 * the search visits: code that prefers a node by its place may treat that state and its images by generators alike, and not an image further off. Nor is it enough to ask at
 * images of states in which something new was asked, since code may ask less of a state than of its image (`some` ends early). So all questions that the code
 * was ever seen to ask are put together, with their images: its `touched` questions. An orbit is checked once for all states in which these have the same answers, and `memo`, where
 * the search finds answers, asks all of them: first those that the code asks, in its order, then the others.
 *
 * A leaf of `memo` stays right when more is touched later: in all images of the state that it was made for, the code asked only what was touched by then.
 *
 * Cost: once over the orbit, as far as its states differ in what is touched; code runs only where what it asks is answered as never before.
 */
export class WholeAnswers implements Asker {
  /** The answers by what is touched, for the search. */
  readonly memo: ReadMemo
  readonly #parts: Parts
  readonly #code: WholeCode
  #runs = new RunTree()
  readonly #touched: number[] = []
  /** The place of each question in `#touched`. */
  readonly #places = new Map<number, number>()
  /** Orbits that were checked: all members, as the answers to what is touched. */
  #checked = new Tuples()
  #byFields = true
  /** It looks at what is in flight: then runs are not remembered, and answers only where it looked in no state of the orbit. */
  #looks = false
  #looked = false
  /** How often all was forgotten, and how much that was. */
  #forgot = 0
  #forgotten = 0

  constructor(parts: Parts, code: WholeCode) {
    this.#parts = parts
    this.#code = code
    this.memo = new ReadMemo(parts.questions)
    parts.questions.addAsker(this)
  }

  /** A number that rises with whatever is remembered. */
  get size(): number {
    return this.#forgotten + this.memo.size + this.#runs.size + this.#touched.length
  }

  /** Whether it looks at what is in flight. */
  get looks(): boolean {
    return this.#looks
  }

  forget(): void {
    this.#forgotten = this.size + 1
    this.#forgot++
    this.memo.clear()
    this.#runs = new RunTree()
    this.#touched.length = 0
    this.#places.clear()
    this.#checked = new Tuples()
  }

  /** The answer in this state. */
  answer(components: Int32Array, inFlight: () => readonly number[]): number {
    const first = new Member({ components, inFlight }, undefined, this.#parts)
    for (;;) {
      const forgot = this.#forgot
      this.#looked = false
      try {
        const answer = this.#parts.symmetry.generators.length === 0 ? this.#alone(first) : this.#withImages(first)
        if (answer !== undefined && this.#forgot === forgot) return answer
      } catch (error) {
        this.#checked = new Tuples()
        const isRefused = error instanceof NotByFields || error instanceof RunsDiffer
        if (!isRefused) throw error
        if (!this.#byFields) this.#impure(first)
        this.#byFields = false
        this.forget()
      }
    }
  }

  #alone(first: Member): number | undefined {
    const found = this.#ask(first, true)
    if (found === undefined) return undefined
    const answer = this.#code.all(found.results)
    if (!this.#looked) this.memo.add(this.#path(first, found.questions), answer)
    return answer
  }

  #withImages(first: Member): number | undefined {
    const before = this.#touched.length
    const forgot = this.#forgot
    const closed = this.#close(first)
    if (this.#forgot !== forgot) return undefined
    // What was checked before is right, but told apart by less.
    if (this.#touched.length !== before) this.#checked = new Tuples()
    if (closed === undefined || this.#touched.length !== before) return undefined
    const [answer, { questions }] = closed
    if (!this.#looked) this.memo.add(this.#path(first, [...questions, ...this.#touched.filter(question => !questions.includes(question))]), answer)
    return answer
  }

  /** Asks in all states of the orbit, and checks their answers; breaks off once something new is touched, or what is in flight is looked at for the first time. */
  #close(first: Member): readonly [answer: number, found: Found] | undefined {
    const { symmetry, tuning } = this.#parts
    const { generators } = symmetry
    const { imagesMax } = tuning
    const forgot = this.#forgot
    const found = this.#ask(first, true)
    if (found === undefined) return undefined
    this.#touch(found.questions)
    const answer = this.#code.all(found.results)
    const touched = this.#touched.length
    const checked = this.#checked
    const base = checked.size
    if (checked.intern(this.#key(first)) < base) return [answer, found]
    const members = [first]
    const answers: number[] = []
    // The images of each member, one for each generator, as numbers of members.
    const images: number[] = []
    for (let m = 0; m < members.length; m++) {
      const member = members[m] as Member
      const asked = m === 0 ? found : this.#ask(member, false)
      if (asked === undefined) return undefined
      this.#touch(asked.questions)
      if (this.#touched.length !== touched) {
        this.#checked = new Tuples()
        return undefined
      }
      answers.push(this.#code.all(asked.results))
      for (const g of generators) {
        const image = this.#imageOf(g, member)
        const number = checked.intern(this.#key(image)) - base
        if (number === members.length) members.push(image)
        images.push(number)
      }
      if (this.#forgot !== forgot) return undefined
      if (members.length > imagesMax) symmetry.giveUp(`code over the whole state would have to be checked in more than ${imagesMax} images of one state`)
    }
    members.forEach((_, m) => {
      generators.forEach((g, i) => {
        const there = images[m * generators.length + i] as number
        if (this.#code.image(g, answers[m] as number) === answers[there]) return
        for (const k of [m, there]) this.#checkAgain(members[k] as Member, answers[k] as number)
        // It may write the same in another way.
        if (this.#byFields) throw new NotByFields()
        this.#code.refuse(g)
      })
    })
    return [answer, found]
  }

  #imageOf(g: number, member: Member): Member {
    const { questions, nodes, observers, system } = this.#parts
    const image = new Member(member, g, this.#parts)
    const whole = (component: number, value: number): number =>
      component < system.nodes.length ? nodes.image(g, component, value) : observers.image(g, component - system.nodes.length, value)
    this.#touched.forEach(question => {
      const answer = questions.answerImage(g, question, this.#answerOf(member, question), whole)
      image.answers.set(questions.image(g, question), answer)
    })
    return image
  }

  #answerOf(member: Member, question: number): number {
    const known = member.answers.get(question)
    if (known !== undefined) return known
    const answer = this.#parts.questions.answer(question, member.components, this.#parts.nodes.locals)
    member.answers.set(question, answer)
    return answer
  }

  #key(member: Member): readonly number[] {
    const key = this.#touched.map(question => this.#answerOf(member, question))
    return this.#looks ? [-1, ...key, ...[...member.inFlight()].sort((a, b) => a - b)] : key
  }

  #path(member: Member, questions: readonly number[]): (readonly [question: number, answer: number])[] {
    return questions.map(question => [question, this.#answerOf(member, question)])
  }

  /** What all runs come to in a state; undefined if what is in flight was looked at for the first time. */
  #ask(member: Member, twice: boolean): Found | undefined {
    if (this.#looks) {
      const found = this.#each(member, 'as it is')
      if (twice) this.#compare(member, found.results, this.#each(member, 'copies').results)
      return found
    }
    return this.#runs.collect(
      question => this.#answerOf(member, question),
      missing => this.#run(member, missing, twice),
    )
  }

  /** Makes all runs in a state, without remembering any. */
  #each(member: Member, showing: Showing): Found {
    this.#parts.system.values.forgetCopies()
    const { calls } = this.#parts.system
    const found = new RunTree().collect(
      question => this.#answerOf(member, question),
      ({ choices, asked }) => {
        const view = new WholeView(this.#parts, member, showing, choices, asked)
        const outcome = this.#code.run(view, choices.length > 0)
        view.end()
        this.#looked ||= view.looked
        return [view.events, outcome]
      },
    )
    if (showing === 'copies') this.#parts.system.calls = calls
    return found as Found
  }

  /** One run that was not made yet. Undefined if it looks at what is in flight. */
  #run(member: Member, missing: Missing, twice: boolean): readonly [events: readonly RunEvent[], outcome: number] | undefined {
    const goesOn = missing.choices.length > 0
    const { system } = this.#parts
    system.values.forgetCopies()
    const view = new WholeView(this.#parts, member, this.#byFields ? 'watched' : 'as it is', missing.choices, missing.asked)
    let outcome: number
    try {
      outcome = this.#code.run(view, goesOn)
    } catch (error) {
      if (!this.#byFields) throw error
      this.#each(member, 'as it is')
      throw new NotByFields()
    } finally {
      view.end()
    }
    if (view.looked) {
      this.forget()
      this.#looks = true
      return undefined
    }
    const { calls } = system
    if (this.#byFields) {
      for (const others of view.alternatives()) {
        this.#confirm(member, view, outcome, others, goesOn)
        if (others.size > 0) this.#confirmWay(member, missing, view, outcome, others)
      }
    } else if (twice) this.#confirm(member, view, outcome, new Map(), goesOn)
    system.calls = calls
    return [view.events, outcome]
  }

  /** Runs it once more, on copies, with some states of nodes replaced: does it come to the same? */
  #confirm(member: Member, before: WholeView, outcome: number, values: ReadonlyMap<number, ValueId>, goesOn: boolean): void {
    this.#parts.system.values.forgetCopies()
    const choices = before.events.flatMap(event => ('options' in event ? [event.taken] : []))
    const view = new WholeView(this.#parts, member, 'copies', choices, [], values)
    const stateOf = (node: number): ValueId => view.valueOf(node)
    try {
      const again = this.#code.run(view, goesOn)
      const chosen = view.events.filter(event => 'options' in event).length
      if (chosen === choices.length && (again === outcome || this.#code.normal(again, stateOf) === this.#code.normal(outcome, stateOf))) return
    } catch {
      // What it throws where it did not throw before is seen below, if it throws at all.
    } finally {
      view.end()
    }
    this.#impure(member)
    throw new NotByFields()
  }

  /**
   * Runs it once more where that is there already which it writes, and where it can see so: does it ask the same, one after the other? It may have seen so, and gone another way to the same end, which is another
   * one in other states.
   */
  #confirmWay(member: Member, { asked, choices: given }: Missing, before: WholeView, outcome: number, values: ReadonlyMap<number, ValueId>): void {
    const goesOn = given.length > 0
    const choices = before.events.flatMap(event => ('options' in event ? [event.taken] : []))
    const view = new WholeView(this.#parts, member, 'watched, as it is', choices, asked, values, goesOn)
    const stateOf = (node: number): ValueId => view.valueOf(node)
    try {
      const again = this.#code.run(view, goesOn)
      if (sameEvents(before.events, view.events) && (again === outcome || this.#code.normal(again, stateOf) === this.#code.normal(outcome, stateOf))) return
    } catch {
      // So it does something else.
    } finally {
      view.end()
    }
    throw new NotByFields()
  }

  /** @throws SpecError if it is impure in this state */
  #impure(member: Member): void {
    const [first, second, third] = [this.#each(member, 'as it is'), this.#each(member, 'copies'), this.#each(member, 'as it is')]
    this.#compare(member, first.results, second.results)
    this.#compare(member, third.results, second.results)
  }

  #compare(member: Member, left: readonly number[], right: readonly number[]): void {
    const [a, b] = [this.#normal(member, left), this.#normal(member, right)]
    if (a !== b) this.#code.impure([a, b])
  }

  /** What some runs come to, in a form that is the same for all that comes to the same in this state. */
  #normal(member: Member, outcomes: readonly number[]): number {
    const { locals } = this.#parts.nodes
    const stateOf = (node: number): ValueId => locals[node]?.valueOf(member.components[node] as number) as ValueId
    return this.#code.all(outcomes.map(outcome => this.#code.normal(outcome, stateOf)))
  }

  /** Runs it again. @throws SpecError if it is impure */
  #checkAgain(member: Member, before: number): void {
    this.#compare(member, this.#code.outcomesOf(before), this.#each(member, 'as it is').results)
    this.#compare(member, this.#code.outcomesOf(before), this.#each(member, 'copies').results)
  }

  /** These are touched, and all their images. */
  #touch(questions: readonly number[]): void {
    const { symmetry, questions: all } = this.#parts
    const pending = [...questions]
    for (let question = pending.pop(); question !== undefined; question = pending.pop()) {
      if (this.#places.has(question)) continue
      this.#places.set(question, this.#touched.length)
      this.#touched.push(question)
      for (const g of symmetry.generators) pending.push(all.image(g, question))
    }
  }
}

const sameEvents = (a: readonly RunEvent[], b: readonly RunEvent[]): boolean =>
  a.length === b.length &&
  a.every((event, i) => {
    const other = b[i] as RunEvent
    return 'question' in event ? 'question' in other && other.question === event.question : 'options' in other && sameOptions(event.options, other.options)
  })

/** A state of an orbit: its image by a generator, made only if code is to run in it. */
class Member implements Whole {
  readonly answers = new Map<number, number>()
  readonly #from: Whole
  readonly #by: number | undefined
  readonly #parts: Parts
  #components: Int32Array | undefined

  constructor(from: Whole, by: number | undefined, parts: Parts) {
    this.#from = from
    this.#by = by
    this.#parts = parts
  }

  get components(): Int32Array {
    this.#components ??= this.#by === undefined ? this.#from.components : this.#parts.components.permuted(this.#by, this.#from.components)
    return this.#components
  }

  get inFlight(): () => readonly number[] {
    const { flight } = this.#parts
    const by = this.#by
    return by === undefined ? this.#from.inFlight : () => this.#from.inFlight().map(packet => flight.packetImage(by, packet))
  }
}
