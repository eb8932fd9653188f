import { SpecError } from '../../protocol/errors.ts'
import { jsonParameters } from '../../protocol/json-parameters.ts'
import { type Broken, isSameQuestion, isSameVariant, type Lock, type Proof } from '../../prove/lock.ts'
import type { Spec } from '../load.ts'
import { type Task, variantOf } from './task.ts'

/** A proof that is to be derived, and what is known of it. */
export interface Planned {
  readonly spec: Spec
  readonly task: Task
  readonly kind: 'proof' | 'mutant' | 'claim'
  readonly isSlow: boolean
  /** What the lock file says of it. */
  readonly recorded: Proof | Broken | undefined
  /** Steps that the spec's own file says. */
  readonly length: number | undefined
}

/** All that is claimed of a protocol: itself within each of its bounds, its mutants, its claims. */
export const planOf = (spec: Spec, { proofs, broken }: Pick<Lock, 'proofs' | 'broken'>): readonly Planned[] => {
  const protocol = spec.command
  const own = spec.proofs.map(({ parameters: made, slow }): Planned => {
    const parameters = jsonParameters(made)
    const recorded = proofs.find(proof => isSameQuestion(proof, { protocol, parameters }))
    const { covers, states } = recorded?.behaviour ?? {}
    const extent = covers === undefined ? null : { covers, states: states ?? null }
    return { spec, task: { protocol, variant: null, parameters, extent }, kind: 'proof', isSlow: slow, recorded, length: undefined }
  })
  const variants = Object.entries({ ...spec.claims, ...spec.mutants }).map(
    ([variant, { length, slow }]: [string, { length?: number; slow?: true }]): Planned => {
      const parameters = jsonParameters({ ...spec.defaults, ...variantOf(spec, variant).parameters })
      const recorded = broken.find(one => isSameVariant(one, { protocol, variant }))
      const kind = Object.hasOwn(spec.mutants, variant) ? 'mutant' : 'claim'
      return { spec, task: { protocol, variant, parameters, extent: null }, kind, isSlow: slow === true, recorded, length }
    },
  )
  return [...own, ...variants]
}

/** Seconds that are thought of where nothing is recorded. */
const UNKNOWN_SECONDS = 1

export const secondsOf = ({ recorded }: Planned): number => recorded?.seconds ?? UNKNOWN_SECONDS

/** What `--shard` says: the part, from 1, of so many. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** @throws SpecError */
export const parseShard = (given: string): Shard => {
  const [, index = 0, count = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(given) ?? []).map(Number)
  if (index >= 1 && index <= count) return { index, count }
  throw new SpecError({
    title: 'WRONG VALUE',
    place: '--shard',
    what: `--shard is given ${JSON.stringify(given)}.`,
    hint: 'Expected: a part of so many, as 2/5.',
  })
}

/**
 * The part of a plan that one of several machines takes, so that they take about as long by what is recorded: the longest goes first, each to who has least so far. All see
 * the same plan and the same lock file, so they agree without a word.
 */
export const shardOf = (plan: readonly Planned[], { index, count }: Shard): readonly Planned[] => {
  const loads = new Array<number>(count).fill(0)
  const mine = new Set<Planned>()
  for (const planned of [...plan].sort((a, b) => secondsOf(b) - secondsOf(a))) {
    const least = loads.indexOf(Math.min(...loads))
    loads[least] = (loads[least] as number) + secondsOf(planned)
    if (least === index - 1) mine.add(planned)
  }
  return plan.filter(planned => mine.has(planned))
}
