import * as z from 'zod'
import type { Report } from '../check/report.ts'
import { SpecError } from '../protocol/errors.ts'
import type { Parameters } from '../protocol/spec.ts'

/** What a proof was when it was recorded: a verdict that CI derives again. */
export interface Proof {
  /** As it is named on the command line. */
  readonly protocol: string
  /** All of them: a default may change. With the protocol they name the proof: a protocol has one for each of its bounds. */
  readonly parameters: Parameters
  readonly verdict: Report['verdict']
  readonly property: string | null
  readonly complete: boolean
  /** Distinct states, under the reductions named. */
  readonly states: number
  /** Steps to the farthest state. */
  readonly depth: number
  readonly reductions: readonly string[]
  /** On the machine that recorded it, for orientation: never compared. */
  readonly seconds: number
}

/** How a mutant or a claim was seen to be broken: of one whose file does not say its length. */
export interface Broken {
  /** As it is named on the command line. */
  readonly protocol: string
  /** The mutant, or the claim. */
  readonly variant: string
  readonly property: string
  /** All of them: a default may change. */
  readonly parameters: Parameters
  /** Steps of a shortest counterexample; null for a `reachable` that no state satisfies. */
  readonly length: number | null
}

export interface Lock {
  readonly format: 'protocheck-proofs'
  readonly version: 1
  readonly proofs: readonly Proof[]
  /** Left out where there is none. */
  readonly broken?: readonly Broken[] | undefined
}

const parameters = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))

const schema = z.strictObject({
  format: z.literal('protocheck-proofs'),
  version: z.literal(1),
  proofs: z.array(
    z.strictObject({
      protocol: z.string(),
      parameters,
      verdict: z.enum(['holds', 'violated', 'inconclusive']),
      property: z.string().nullable(),
      complete: z.boolean(),
      states: z.int().nonnegative(),
      depth: z.int().nonnegative(),
      reductions: z.array(z.string()),
      seconds: z.number().nonnegative(),
    }),
  ),
  broken: z
    .array(z.strictObject({ protocol: z.string(), variant: z.string(), property: z.string(), parameters, length: z.int().nonnegative().nullable() }))
    .optional(),
})

/** So that a hostile file costs an error and nothing more. */
export const limits = {
  /** Characters of a lock file. */
  lengthMax: 4 * 1024 * 1024,
  proofsMax: 10_000,
} as const

export const tooLarge = (place: string, what: string): SpecError =>
  new SpecError({ title: 'FILE IS TOO LARGE', place, what, hint: 'No lock file of the checker is as large as that.' })

/** @throws SpecError that names the place in the file */
export const parseLock = (text: string, place: string): Lock => {
  const hint = 'Make it anew: check prove --update'
  if (text.length > limits.lengthMax) throw tooLarge(place, `It has ${text.length} characters; at most ${limits.lengthMax} are read.`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new SpecError({ title: 'NOT JSON', place, what: `${(error as Error).message}.`, hint })
  }
  for (const key of ['proofs', 'broken']) {
    const all = ((json ?? {}) as { readonly [key: string]: unknown })[key]
    if (Array.isArray(all) && all.length > limits.proofsMax) throw tooLarge(place, `It has ${all.length} ${key}; at most ${limits.proofsMax} are read.`)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) {
    const { proofs, broken = [] } = parsed.data
    const questions = new Set<string>()
    const twice = proofs.find(proof => questions.size === questions.add(questionOf(proof)).size)
    if (twice !== undefined)
      throw new SpecError({ title: 'RECORDED TWICE', place, what: `There are two proofs of ${twice.protocol} with ${JSON.stringify(twice.parameters)}.`, hint })
    const names = new Set<string>()
    const again = broken.find(({ protocol, variant }) => names.size === names.add(JSON.stringify([protocol, variant])).size)
    if (again === undefined) return parsed.data
    throw new SpecError({ title: 'RECORDED TWICE', place, what: `${again.variant} of ${again.protocol} is there twice.`, hint })
  }
  const issue = parsed.error.issues[0]
  throw new SpecError({ title: 'NOT A LOCK FILE', place: `${place}, ${issue?.path.join('.') || 'at its top'}`, what: `${issue?.message}.`, hint })
}

export const proofOf = (protocol: string, parameters: Parameters, { verdict, property, complete, states, depth, reductions, seconds }: Report): Proof => ({
  protocol,
  parameters,
  verdict,
  property,
  complete,
  states,
  depth,
  reductions,
  seconds: Math.round(seconds * 10) / 10,
})

/** Are these the proofs of one question: of the same protocol, within the same bounds? */
export const isSameQuestion = (a: Question, b: Question): boolean => questionOf(a) === questionOf(b)

type Question = Pick<Proof, 'protocol' | 'parameters'>

const questionOf = ({ protocol, parameters }: Question): string =>
  JSON.stringify([protocol, Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1))])

/** How a proof differs from what was recorded of the same question, and what that means; nothing if it does not. */
export const drift = (recorded: Proof, found: Proof): string[] => {
  const changed = (name: keyof Proof): string | undefined =>
    JSON.stringify(recorded[name]) === JSON.stringify(found[name]) ? undefined : `${name}: ${JSON.stringify(recorded[name])} → ${JSON.stringify(found[name])}`
  if (changed('verdict') !== undefined || changed('property') !== undefined)
    return [
      ...present(changed('verdict'), changed('property')),
      'The answer is another one. If it is now violated, check the protocol by itself for the counterexample.',
    ]
  if (changed('reductions') !== undefined)
    return [...present(changed('reductions'), changed('states')), 'Other reductions were used, so the counts are of another search; the answer is the same.']
  if (changed('complete') !== undefined) return [...present(changed('complete'), changed('states')), 'The search now ends elsewhere.']
  if (changed('states') !== undefined || changed('depth') !== undefined)
    return [
      ...present(changed('states'), changed('depth')),
      'The same question has other states: the protocol changed, or what the checker takes for one state. --no-reduce --no-symmetry tells which.',
    ]
  return []
}

/** Are these about one mutant, or one claim? */
export const isSameVariant = (a: Pick<Broken, 'protocol' | 'variant'>, b: Pick<Broken, 'protocol' | 'variant'>): boolean =>
  a.protocol === b.protocol && a.variant === b.variant

/** How a mutant or a claim breaks now, where that differs from what was recorded. */
export const driftOfBroken = (recorded: Broken, found: Broken): string[] =>
  (['property', 'parameters', 'length'] as const).flatMap(name => {
    const [before, after] = [JSON.stringify(recorded[name]), JSON.stringify(found[name])]
    return before === after ? [] : [`${name}: ${before} → ${after}`]
  })

const present = (...lines: readonly (string | undefined)[]): string[] => lines.filter(line => line !== undefined)
