import * as z from 'zod/mini'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { standardTuning } from '../tables/tuning.ts'
import type { Options } from './options.ts'
import { orderNames, reductionNames } from './reductions.ts'

const number = (isOne: (value: number) => boolean, what: string) => z.custom(value => typeof value === 'number' && isOne(value), `expected ${what}`)

const count = (least: number) =>
  number(value => value >= least && (Number.isSafeInteger(value) || value === Infinity), `a whole number, at least ${least}, or Infinity`)

const whole = (least: number) => number(value => value >= least && Number.isSafeInteger(value), `a whole number, at least ${least}`)

const fromZero = number(value => value >= 0, 'a number, at least 0')

const positive = number(value => value > 0, 'a number above 0')

const fn = z.custom(value => typeof value === 'function', 'expected a function')

const object = z.custom(value => typeof value === 'object' && value !== null, 'expected an object')

/** What may be said of a search, by the library and by the command line: see `Options`. */
const schema = z.strictObject({
  depth: z.optional(count(0)),
  states: z.optional(count(1)),
  seconds: z.optional(positive),
  memoryBytes: z.optional(positive),
  reduce: z.optional(z.array(z.enum(reductionNames), 'expected a list of reductions')),
  property: z.optional(z.string('expected the name of a property')),
  without: z.optional(z.array(z.string(), 'expected a list of labels of rules')),
  after: z.optional(z.union([z.array(object), z.looseObject({ initial: object, steps: z.array(object) })], 'expected a list of steps, or a trace')),
  order: z.optional(z.enum(orderNames)),
  simulate: z.optional(z.strictObject({ runs: whole(1), seed: whole(0) }, 'expected { runs, seed }')),
  checkpoint: z.optional(z.looseObject({ seconds: fromZero, save: fn }, 'expected { seconds, save }')),
  resume: z.optional(fn),
  workers: z.optional(z.looseObject({ count: whole(1), start: fn }, 'expected what threads(count) returns')),
  tuning: z.optional(z.partialRecord(z.enum(Object.keys(standardTuning) as [string, ...string[]]), z.optional(fromZero))),
  onProgress: z.optional(fn),
  signal: z.optional(object),
})

/** Names where one of a few was meant, by the option. */
const namesOf: { readonly [option: string]: readonly string[] } = { reduce: reductionNames, order: orderNames, tuning: Object.keys(standardTuning) }

/** @throws SpecError if an option is none, has another value than it may have, or contradicts another one, or if the protocol has no such property */
export const checkOptions = (protocol: AnyProtocol, options: Options): void => {
  const parsed = schema.safeParse(options)
  if (!parsed.success) throw wrong(parsed.error.issues[0] as z.core.$ZodIssue, options, protocol)
  refuseTogether(protocol, options)
}

const wrong = (issue: z.core.$ZodIssue, options: Options, { name }: AnyProtocol): SpecError => {
  const [option = '', ...inside] = issue.path.map(String)
  const place = `${name}, options`
  const unknown = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : undefined
  if (unknown !== undefined && issue.path.length === 0)
    return new SpecError({ title: 'NO SUCH OPTION', place, what: `There is no option ${unknown}.`, hint: suggest(unknown, Object.keys(schema.shape)) })
  const given = issue.path.reduce<unknown>((value, key) => (value as { readonly [key: PropertyKey]: unknown } | undefined)?.[key], options)
  const names = namesOf[option]
  const meant = unknown ?? (issue.code === 'invalid_key' ? inside.at(-1) : typeof given === 'string' ? given : undefined)
  return new SpecError({
    title: 'WRONG VALUE',
    place,
    what: `The option ${[option, ...inside].join('.')} is given ${text(given)}.`,
    hint: names !== undefined && meant !== undefined && issue.path.length > Number(option === 'reduce') ? suggest(meant, names) : `${issue.message}.`,
  })
}

const text = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? JSON.stringify(value) : String(value))

const refuseTogether = (protocol: AnyProtocol, { property, after, order, depth, simulate, checkpoint, resume }: Options): void => {
  if (after !== undefined && (checkpoint ?? resume) !== undefined)
    throw new SpecError({
      title: 'A SEARCH FROM A LATER STATE HAS NO CHECKPOINT',
      place: protocol.name,
      what: 'A checkpoint is of a search from the first state.',
      hint: 'Leave out `after`, or `checkpoint` and `resume`.',
    })
  if (simulate !== undefined && (checkpoint ?? resume) !== undefined)
    throw new SpecError({
      title: 'RANDOM EXECUTIONS HAVE NO CHECKPOINT',
      place: protocol.name,
      what: 'There is nothing to go on from: each begins anew.',
      hint: 'Leave out --checkpoint and --resume, or search without --simulate.',
    })
  const known = Object.keys(protocol.properties ?? {})
  if (property !== undefined && property !== 'deadlock' && !known.includes(property))
    throw new SpecError({
      title: 'NO SUCH PROPERTY',
      place: protocol.name,
      what: `There is no property ${property}.`,
      hint: suggest(property, [...known, 'deadlock']),
    })
  if (order === 'depth' && depth !== undefined)
    throw new SpecError({
      title: 'DEPTH-FIRST WITH A DEPTH',
      place: protocol.name,
      what: 'A depth-first search meets a state first by a long path, and would miss what a short one still reaches within the depth.',
      hint: 'Leave out one of the two.',
    })
}
