import * as z from 'zod'
import { explore } from '../../check/explore.ts'
import type { Options } from '../../check/options.ts'
import { SpecError } from '../../protocol/errors.ts'
import { restoreParameter } from '../../protocol/json-parameters.ts'
import type { Parameters, ParameterValue } from '../../protocol/spec.ts'
import { behaviourOf, type Extent } from '../../prove/behaviour.ts'
import { answerShape } from '../../prove/lock.ts'
import { writeTrace } from '../../trace/write.ts'
import type { Spec } from '../load.ts'
import { whyInconclusive } from '../print-report.ts'
import { findVariant, type Variant } from '../variant.ts'

/** One proof that is to be derived, as plain data: it may be done in another process. */
export interface Task {
  /** As it is named on the command line. */
  readonly protocol: string
  /** The mutant or the claim; null for the protocol itself. */
  readonly variant: string | null
  /** All of them, in JSON. */
  readonly parameters: Parameters
  /** How far its behaviour was looked at before. */
  readonly extent: Extent | null
}

/** What came of it, as plain data. */
export const foundSchema = z.strictObject({
  ...answerShape,
  /** Why it is inconclusive, in a sentence; null if it is not. */
  why: z.string().nullable(),
  /** No execution with fewer steps violates it. */
  shortest: z.boolean(),
  /** Of the processor. */
  seconds: z.number().nonnegative(),
  /** The counterexample as `writeTrace` writes it. */
  trace: z.string().nullable(),
})

export type Found = z.infer<typeof foundSchema>

/** The mutant or claim of this name, or the protocol itself. @throws SpecError */
export const variantOf = (spec: Spec, variant: string | null): Variant =>
  findVariant(spec, variant === null ? {} : Object.hasOwn(spec.mutants, variant) ? { mutant: variant } : { claim: variant })

/** Parameters as they were before they were written as JSON. */
export const restored = ({ defaults }: Spec, parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(
      ([name, value]) => [name, restoreParameter(defaults[name] as ParameterValue, value) ?? value] satisfies [string, ParameterValue],
    ),
  )

/** What a mutant or a claim that is not `slow` may take, in states and in seconds by the clock: one that has no end is told, and does not go on until memory is short. */
const VARIANT_LIMITS: Options = { states: 500_000, seconds: 120 }

const limitsOf = ({ mutants, claims }: Spec, variant: string | null): Options => {
  const { slow } = variant === null ? { slow: true } : (mutants[variant] ?? claims[variant] ?? {})
  return slow === true ? {} : VARIANT_LIMITS
}

/** Derives a proof. @throws SpecError if the protocol is broken */
export const runTask = async (spec: Spec, { variant: name, parameters, extent }: Task, options: Options = {}): Promise<Found> => {
  const variant = variantOf(spec, name)
  const made = restored(spec, parameters)
  const protocol = variant.make(made)
  const began = process.cpuUsage()
  const report = await explore(protocol, {
    ...limitsOf(spec, name),
    ...options,
    ...(variant.breaks !== null && { property: variant.breaks }),
  })
  const { verdict, property, complete, states, depth, reductions, shortest, counterexample } = report
  const naming = { protocol: spec.name, parameters: made, mutant: variant.mutant, because: variant.because }
  const behaviour = name === null && verdict === 'holds' ? await behaviourOf(protocol, extent ?? undefined) : null
  const { user, system } = process.cpuUsage(began)
  return {
    verdict,
    property,
    complete,
    states,
    depth,
    reductions: [...reductions],
    behaviour: behaviour as Found['behaviour'],
    why: whyInconclusive(report),
    shortest,
    seconds: Math.round((user + system) / 1e5) / 10,
    trace: counterexample && writeTrace({ ...counterexample, ...naming }),
  }
}

/** What another process said of a task. @throws SpecError if it is no answer */
export const parseFound = (answer: unknown): Found => {
  const parsed = foundSchema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new SpecError({ title: 'DEFECT', what: `A process beside this one gave an answer that is none: ${parsed.error.issues[0]?.message}.` })
}
