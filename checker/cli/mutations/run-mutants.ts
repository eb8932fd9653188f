import { SpecError } from '../../protocol/errors.ts'
import type { Parameters } from '../../protocol/spec.ts'
import type { Spec } from '../load.ts'
import type { Processes } from '../proofs/pool.ts'
import type { Mutant } from './mutant.ts'
import { type MutantFound, parseMutantFound } from './mutant-task.ts'

/** What came of a mutant. */
export interface Outcome {
  readonly mutant: Mutant
  /**
   * `killed` by a property, or refused by the checker; `same`: proved to do the same within these bounds; `alike`: proved to differ in messages only; `survived`; `undecided` within the limits; `argued` where the spec says why one or the other is
   * right; `left`: the time was over.
   */
  readonly result: 'killed' | 'same' | 'alike' | 'survived' | 'argued' | 'undecided' | 'left'
  /** The property, or what the checker refused; why it is undecided; why it may survive. */
  readonly by: string | null
  readonly steps: number | null
  /** The bounds within which it was killed; null for those that were asked for. */
  readonly at: Parameters | null
  /** Of a survivor: where it does something else. */
  readonly differs: readonly string[]
  /** By the clock. */
  readonly seconds: number
}

/** States of a mutant, of those that the protocol has; and at the least. */
const GROWTH_MAX = 4
const STATES_MIN = 100_000

/** Seconds of a mutant, of those that the protocol took; and at the least. */
const SLOWER_MAX = 5
const SECONDS_MIN = 10

/** Errors after which nothing is known of a mutant. */
const unknown = new Set(['A PROOF WAS CUT OFF', 'DEFECT'])

/** What mutants are checked by. */
export interface Questions {
  readonly spec: Spec
  readonly pool: Processes
  /** The bounds within which each is checked. */
  readonly parameters: Parameters
  /** Other bounds of the protocol's proofs: those that take much less come before, and what survives is checked within the others, too. */
  readonly cheap: readonly Parameters[]
  readonly others: readonly Parameters[]
  /** Seconds that are left: 0 from the end of the budget on, or from Ctrl-C. */
  secondsLeft(): number
}

interface Limits {
  readonly states: number
  readonly seconds: number
}

/** Checks the protocol, then each mutant, until the time is over. @throws SpecError where the protocol does not hold, so that nothing could be told */
export const runMutants = async (mutants: readonly Mutant[], questions: Questions, say: (outcome: Outcome) => void): Promise<readonly Outcome[]> => {
  const { spec, pool, parameters } = questions
  const began = performance.now()
  const { verdict, complete, states } = await pool.run({ protocol: spec.command, variant: null, parameters, extent: null })
  if (verdict !== 'holds' || !complete)
    throw new SpecError({
      title: 'NOTHING TO TELL',
      place: spec.command,
      what: `The protocol itself is ${verdict === 'holds' ? 'only checked in part' : verdict} within these bounds.`,
      hint: `See: check ${spec.command}`,
    })
  const limits = {
    states: Math.max(STATES_MIN, GROWTH_MAX * states),
    seconds: Math.max(SECONDS_MIN, (SLOWER_MAX * (performance.now() - began)) / 1000),
  }
  const outcomes = new Map<Mutant, Outcome>()
  const left = [...mutants]
  const runner = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const outcome = await outcomeOf(mutant, questions, limits)
      outcomes.set(mutant, outcome)
      say(outcome)
    }
  }
  await Promise.all(Array.from({ length: pool.size }, runner))
  return mutants.map(mutant => outcomes.get(mutant) as Outcome)
}

const outcomeOf = async (mutant: Mutant, questions: Questions, limits: Limits): Promise<Outcome> => {
  const { spec, parameters, cheap, others, secondsLeft } = questions
  const began = performance.now()
  const none = { mutant, by: null, steps: null, at: null, differs: [], seconds: 0 }
  if (secondsLeft() <= 0) return { ...none, result: 'left' }
  const seconds = (): number => (performance.now() - began) / 1000
  const killedWithin = async (bounds: readonly Parameters[]): Promise<Outcome | undefined> => {
    for (const at of bounds) {
      const { verdict, property, steps } = await ask(mutant, at, false, questions, limits)
      if (verdict === 'violated') return { ...none, result: 'killed', by: property, steps, at, seconds: seconds() }
    }
    return undefined
  }
  const early = await killedWithin(cheap)
  if (early !== undefined) return early
  const { verdict, property, steps, why, differs } = await ask(mutant, parameters, true, questions, limits)
  const outcome = (result: Outcome['result'], by: string | null): Outcome => ({ ...none, result, by, steps, differs, seconds: seconds() })
  if (verdict === 'violated') return outcome('killed', property)
  const reason = spec.survivors.find(({ from, to }) => from === mutant.from && to === mutant.to)
  if (verdict === 'inconclusive') return reason === undefined ? outcome('undecided', why) : outcome('argued', reason.because)
  if (verdict === 'same') return outcome('same', null)
  const late = await killedWithin(others)
  if (late !== undefined) return late
  if (verdict === 'alike') return outcome('alike', null)
  return outcome(reason === undefined ? 'survived' : 'argued', reason?.because ?? null)
}

const ask = (
  { file, start, end, text }: Mutant,
  parameters: Parameters,
  compare: boolean,
  { spec, pool, secondsLeft }: Questions,
  { states, seconds }: Limits,
): Promise<MutantFound> => {
  const task = {
    protocol: spec.command,
    parameters,
    mutant: { file, start, end, text },
    compare,
    states,
    seconds: Math.min(seconds, Math.max(1, secondsLeft())),
  }
  return pool.ask({ mutant: task }).then(parseMutantFound, refused)
}

/** A mutant that the checker refuses is noticed, too. @throws what is no SpecError */
const refused = (error: unknown): MutantFound => {
  if (!(error instanceof SpecError)) throw error
  const { title, what } = error.parts
  return unknown.has(title)
    ? { verdict: 'inconclusive', property: null, steps: null, why: `${title}: ${what}`, differs: [] }
    : { verdict: 'violated', property: title, steps: null, why: null, differs: [] }
}
