import * as z from 'zod'
import type { Report } from '../check/report.ts'
import { SpecError } from '../protocol/errors.ts'
import type { Parameters } from '../protocol/spec.ts'
import type { Behaviour } from './behaved.ts'

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
  /** What the code of the protocol does; null where it does not hold. */
  readonly behaviour: Behaviour | null
  /** The version of the checker that counted the states: another may count others. */
  readonly checker: string
  /** Of the processor that recorded it, for orientation and to share work out: never compared. */
  readonly seconds: number
}

/** How a mutant or a claim was seen to be broken. */
export interface Broken {
  /** As it is named on the command line. */
  readonly protocol: string
  /** The mutant, or the claim. */
  readonly variant: string
  readonly property: string
  /** All of them: a default may change. */
  readonly parameters: Parameters
  /** Steps of a shortest counterexample, or of a lasso; null for a `reachable` that no state satisfies. */
  readonly length: number | null
  /** As a proof's. */
  readonly seconds: number
}

export interface Lock {
  readonly format: 'protocheck-proofs'
  readonly version: 2
  readonly proofs: readonly Proof[]
  readonly broken: readonly Broken[]
}

const parameters = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))

const hash = z.string().regex(/^[0-9a-f]{16}$/)

const behaviourSchema = z.strictObject({
  covers: z.union([z.literal('everything'), z.int().nonnegative()]),
  states: hash.nullable(),
  handlers: z.record(z.string(), hash),
})

/** What a check of a protocol's own says. */
export const answerShape = {
  verdict: z.enum(['holds', 'violated', 'inconclusive']),
  property: z.string().nullable(),
  complete: z.boolean(),
  states: z.int().nonnegative(),
  depth: z.int().nonnegative(),
  reductions: z.array(z.string()),
  behaviour: behaviourSchema.nullable(),
}

const schema = z.strictObject({
  format: z.literal('protocheck-proofs'),
  version: z.literal(2),
  proofs: z.array(
    z.strictObject({
      protocol: z.string(),
      parameters,
      ...answerShape,
      checker: z.string(),
      seconds: z.number().nonnegative(),
    }),
  ),
  broken: z.array(
    z.strictObject({
      protocol: z.string(),
      variant: z.string(),
      property: z.string(),
      parameters,
      length: z.int().nonnegative().nullable(),
      seconds: z.number().nonnegative(),
    }),
  ),
})

/** So that a hostile file costs an error and nothing more. */
export const limits = {
  /** Characters of a lock file. */
  lengthMax: 4 * 1024 * 1024,
  proofsMax: 10_000,
} as const

export const tooLarge = (place: string, what: string): SpecError =>
  new SpecError({ title: 'FILE IS TOO LARGE', place, what, hint: 'No lock file of the checker is as large as that.' })

const ANEW = 'Make it anew: check prove --update'

/** @throws SpecError that names the place in the file */
export const parseLock = (text: string, place: string): Lock => {
  if (text.length > limits.lengthMax) throw tooLarge(place, `It has ${text.length} characters; at most ${limits.lengthMax} are read.`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new SpecError({ title: 'NOT JSON', place, what: `${(error as Error).message}.`, hint: ANEW })
  }
  refuseOther((json ?? {}) as { readonly [key: string]: unknown }, place)
  const parsed = schema.safeParse(json)
  if (parsed.success) return withoutTwins(parsed.data, place)
  const issue = parsed.error.issues[0]
  throw new SpecError({ title: 'NOT A LOCK FILE', place: `${place}, ${issue?.path.join('.') || 'at its top'}`, what: `${issue?.message}.`, hint: ANEW })
}

/** What would take long to read, and what another checker has written. */
const refuseOther = (json: { readonly [key: string]: unknown }, place: string): void => {
  const { format, version } = json
  if (format === 'protocheck-proofs' && typeof version === 'number' && version !== 2)
    throw new SpecError({
      title: 'ANOTHER VERSION OF THE LOCK FILE',
      place: `${place}, version`,
      what: `It is of version ${version}; this checker reads version 2.`,
      hint: version > 2 ? 'Take the checker that wrote it, or a newer one.' : `Its format is older. ${ANEW}`,
    })
  for (const key of ['proofs', 'broken']) {
    const all = json[key]
    if (Array.isArray(all) && all.length > limits.proofsMax) throw tooLarge(place, `It has ${all.length} ${key}; at most ${limits.proofsMax} are read.`)
  }
}

/** Two proofs of one question contradict one another, or will. */
const withoutTwins = (lock: Lock, place: string): Lock => {
  const questions = new Set<string>()
  const twice = lock.proofs.find(proof => questions.size === questions.add(questionOf(proof)).size)
  if (twice !== undefined)
    throw new SpecError({
      title: 'RECORDED TWICE',
      place,
      what: `There are two proofs of ${twice.protocol} with ${JSON.stringify(twice.parameters)}.`,
      hint: ANEW,
    })
  const names = new Set<string>()
  const again = lock.broken.find(({ protocol, variant }) => names.size === names.add(JSON.stringify([protocol, variant])).size)
  if (again === undefined) return lock
  throw new SpecError({ title: 'RECORDED TWICE', place, what: `${again.variant} of ${again.protocol} is there twice.`, hint: ANEW })
}

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
    return [...present(changed('verdict'), changed('property')), 'The answer is another one.']
  const behaviour = driftOfBehaviour(recorded.behaviour, found.behaviour)
  if (behaviour.length > 0) return behaviour
  if (changed('complete') !== undefined) return [...present(changed('complete'), changed('states')), 'The search now ends elsewhere.']
  // Counts are of a search, which another version of the checker may do with less.
  if (recorded.checker !== found.checker) return []
  if (changed('reductions') !== undefined)
    return [...present(changed('reductions'), changed('states')), 'Other reductions were used, so the counts are of another search; the answer is the same.']
  if (changed('states') !== undefined || changed('depth') !== undefined)
    return [
      ...present(changed('states'), changed('depth')),
      'The same question has other states: the protocol changed, or what the checker takes for one state. --no-reduce --no-symmetry tells which.',
    ]
  return []
}

/** What the code of the protocol does differently. */
const driftOfBehaviour = (recorded: Behaviour | null, found: Behaviour | null): string[] => {
  if (recorded === null || found === null) return recorded === found ? [] : ['What its code does was recorded of one of the two only.']
  if (recorded.covers !== found.covers)
    return [`behaviour: ${extentText(recorded)} → ${extentText(found)}`, 'So many more states, or so many less, can be reached: the protocol changed.']
  const names = [...new Set([...Object.keys(recorded.handlers), ...Object.keys(found.handlers)])].sort()
  const lines = names.flatMap(name => {
    const [before, after] = [own(recorded.handlers, name), own(found.handlers, name)]
    if (before === after) return []
    return [before === undefined ? `${name} runs now, and did not.` : after === undefined ? `${name} ran, and does no more.` : `${name} does something else.`]
  })
  if (lines.length > 0)
    return [...lines, `The behaviour changed (compared: ${extentText(found)}). Where, and how an execution comes there, says: check diff git:REV:PATH PATH`]
  if (recorded.states !== found.states)
    return ['The set of reachable states changed, though each handler does what it did: the network, the faults, or a step of the whole system.']
  return []
}

const own = (handlers: Behaviour['handlers'], name: string): string | undefined => (Object.hasOwn(handlers, name) ? handlers[name] : undefined)

export const extentText = ({ covers }: Pick<Behaviour, 'covers'>): string =>
  covers === 'everything' ? 'in every node state that is reached' : `in executions of ${covers} step${covers === 1 ? '' : 's'}`

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
