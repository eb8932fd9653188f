import { SeenSet } from '../states/seen-set.ts'
import { GREW } from '../tables/step-tables.ts'
import { Ints } from '../values/ints.ts'
import type { FoundStates } from './found-states.ts'

// Over `fair-loss`: the states that others become once all is lost that is in flight there.

/**
 * Puts the states into the seen set that those of another, complete search become, each once; for each the first state that becomes it is the answer.
 * Neither search has subsumption.
 * @param isOver is there no time left, or was the check interrupted? Asked every now and then; then the answer is not to be used
 */
export const beginOnceLost = async (found: FoundStates, others: FoundStates, isOver: () => Promise<boolean>): Promise<Int32Array> => {
  const { expander, tables } = found
  const { successors } = expander
  const { layout } = others.expander.successors
  const inPulse = tables.tuning.judgedPerPulse - 1
  expander.useLayout(layout)
  found.seen = new SeenSet(layout.width)
  const origins = new Ints()
  for (let number = 0; number < others.seen.count; number++) {
    if ((number & inPulse) === inPulse && (await isOver())) break
    lose(found, others, number)
    if (found.seen.add(successors.records, 0, successors.hashes[0] as number)) origins.push(number)
    successors.count = 0
  }
  return Int32Array.from(origins.data.subarray(0, origins.length))
}

/** After `beginOnceLost`: the state that one of a search becomes once all is lost. */
export const onceLost = (found: FoundStates, others: FoundStates, number: number): number => {
  const { successors } = found.expander
  lose(found, others, number)
  successors.count = 0
  return found.seen.find(successors.records, 0, successors.hashes[0] as number)
}

/** After `beginOnceLost`: does a state lead to one that becomes one of these once all is lost? */
export const leadsToOnceLost = (found: FoundStates, number: number, these: Uint8Array): boolean => {
  for (;;) {
    const answer = anyOnceLost(found, found.successorsOf(number), these)
    if (answer !== GREW) return answer === 1
    found.expander.successors.count = 0
    found.settle()
  }
}

const anyOnceLost = ({ expander, seen }: FoundStates, made: number, these: Uint8Array): number => {
  const { successors } = expander
  for (let i = 0; i < made; i++) {
    successors.count = made
    if (expander.lose(successors.records, i * seen.width) === GREW) return GREW
    if (these[seen.find(successors.records, made * seen.width, successors.hashes[made] as number)] === 1) return 1
  }
  return 0
}

/** Adds all that a state leads to, if it is not there; its numbers. */
export const addSuccessors = (found: FoundStates, number: number): readonly number[] => {
  const { successors } = found.expander
  successors.count = 0
  found.expand(number)
  found.flush(-1)
  const made = found.successorsOf(number)
  return Array.from({ length: made }, (_, i) => found.seen.find(successors.records, i * found.seen.width, successors.hashes[i] as number))
}

/** The state that one of a search becomes, alone in the batch. Both searches have one layout: each makes its next from the same. */
const lose = (found: FoundStates, others: FoundStates, number: number): void => {
  found.expander.successors.count = 0
  while (found.expander.lose(...others.record(number)) === GREW) {
    found.settle()
    others.settle()
  }
}
