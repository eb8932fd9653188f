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
   * `killed` by a property, or refused by the checker; `same`: proved to do the same within these bounds; `survived`, or `argued` where the spec says why that is right; `undecided` within the
   * limits; `left`: the time was over.
   */
  readonly result: 'killed' | 'same' | 'survived' | 'argued' | 'undecided' | 'left'
  /** The property, or what the checker refused; why it is undecided; why it may survive. */
  readonly by: string | null
  readonly steps: number | null
  /** Of a survivor: where it does something else. */
  readonly differs: readonly string[]
  /** By the clock. */
  readonly seconds: number
}

/** States of a mutant, of those that the protocol has; and at the least. */
const GROWTH_MAX = 4
const STATES_MIN = 20_000

/** Seconds of a mutant, of those that the protocol took; and at the least. */
const SLOWER_MAX = 5
const SECONDS_MIN = 10

/** Errors after which nothing is known of a mutant. */
const unknown = new Set(['A PROOF WAS CUT OFF', 'DEFECT'])

/** Checks the protocol, then each mutant, until the time is over. @throws SpecError where the protocol does not hold, so that nothing could be told */
export const runMutants = async (
  mutants: readonly Mutant[],
  spec: Spec,
  parameters: Parameters,
  pool: Processes,
  until: number,
  say: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> => {
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
      const outcome = await outcomeOf(mutant, spec, parameters, pool, limits, until)
      outcomes.set(mutant, outcome)
      say(outcome)
    }
  }
  await Promise.all(Array.from({ length: pool.size }, runner))
  return mutants.map(mutant => outcomes.get(mutant) as Outcome)
}

const outcomeOf = async (
  mutant: Mutant,
  { command, survivors }: Spec,
  parameters: Parameters,
  pool: Processes,
  limits: { readonly states: number; readonly seconds: number },
  until: number,
): Promise<Outcome> => {
  const began = performance.now()
  const time = (until - began) / 1000
  const none = { mutant, by: null, steps: null, differs: [], seconds: 0 }
  if (time <= 0) return { ...none, result: 'left' }
  const { file, start, end, text } = mutant
  const task = { protocol: command, parameters, mutant: { file, start, end, text }, states: limits.states, seconds: Math.min(limits.seconds, time) }
  const found = await pool.ask({ mutant: task }).then(parseMutantFound, refused)
  const outcome = { ...none, steps: found.steps, differs: found.differs, seconds: (performance.now() - began) / 1000 }
  switch (found.verdict) {
    case 'violated':
      return { ...outcome, result: 'killed', by: found.property }
    case 'inconclusive':
      return { ...outcome, result: 'undecided', by: found.why }
    case 'same':
      return { ...outcome, result: 'same' }
    case 'holds': {
      const reason = survivors.find(({ from, to }) => from === mutant.from && to === mutant.to)
      return { ...outcome, result: reason === undefined ? 'survived' : 'argued', by: reason?.because ?? null }
    }
  }
}

/** A mutant that the checker refuses is noticed, too. @throws what is no SpecError */
const refused = (error: unknown): MutantFound => {
  if (!(error instanceof SpecError)) throw error
  const { title, what } = error.parts
  return unknown.has(title)
    ? { verdict: 'inconclusive', property: null, steps: null, why: `${title}: ${what}`, differs: [] }
    : { verdict: 'violated', property: title, steps: null, why: null, differs: [] }
}
