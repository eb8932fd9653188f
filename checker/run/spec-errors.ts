import { SpecError } from '../protocol/errors.ts'
import { describe, type Values } from '../values/encode.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Difference } from './outcome.ts'
import { Untrackable } from './untrackable.ts'

/** What code of the spec threw as an error that names the place, and what the code was given. */
export const explained = (error: unknown, place: string, values: Values, state?: ValueId, message?: ValueId): Error => {
  if (error instanceof Untrackable) return error
  if (error instanceof SpecError) return error.at(place)
  const frozen = error instanceof TypeError && /read only|not extensible|immutable record/.test(error.message)
  const mutates = frozen || (error instanceof Error && /immutable record/.test(error.message))
  return new SpecError(
    {
      title: mutates ? 'INPUT IS MUTATED' : 'THE SPEC THROWS',
      place,
      what: thrownText(error),
      ...(state === undefined ? {} : { why: givenTo(values, state, message) }),
      hint: mutates
        ? 'A handler returns a new state: state.set(…) and state.merge(…) make one, and leave the old as it was.'
        : / (handler|action) /.test(place)
          ? 'A handler must have an answer in every state that can be reached: return the state as it came to ignore a message.'
          : 'Code of a spec must have an answer for everything that it may be asked about.',
    },
    { cause: error },
  )
}

/** What code of the spec threw, and where. */
export const thrownText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}${whereThrown(error)}` : `It threw ${describe(error)}.`

const whereThrown = ({ stack }: Error): string => {
  const line = specLine(stack)
  return line === undefined ? '' : ` (${line})`
}

/** The first line of a stack that is the spec's own: file and line. */
export const specLine = (stack: string | undefined): string | undefined => {
  const line = stack
    ?.split('\n')
    .find(text => /^\s+at .*\.[cm]?[jt]s/.test(text) && !/\(eval at|node_modules|node:|checker\/(run|tables|search|trace|check|cli)\//.test(text))
  return line?.match(/([^/\\(]+\.[cm]?[jt]s:\d+):\d+\)?$/)?.[1]
}

/** What a run of code of the spec was given, in words. */
export const givenTo = (values: Values, state: ValueId, message?: ValueId): string =>
  `It was given ${describe(values.decode(state))}${message === undefined ? '' : ` and the message ${describe(values.decode(message))}`}.`

/** A handler that does not always do the same. */
export const impure = (place: string, { field, left, right }: Difference): SpecError =>
  new SpecError({
    title: 'IMPURE',
    place,
    what: `Run twice on equal inputs it gave two results for ${field}:\n  ${describe(left)}\n  ${describe(right)}`,
    why: 'The checker runs each handler once for each (state, message) and remembers the result.',
    hint: 'Let it depend on nothing but its arguments: no clock, no Math.random, no variable outside, no iteration order of a Set or Map (use min, every, some, choose).',
  })

export const notBoolean = (place: string, what: string, value: unknown): SpecError =>
  isThenable(value)
    ? returnsPromise().at(place)
    : new SpecError({ title: 'NOT A BOOLEAN', place, what: `\`${what}\` returned ${describe(value)}.`, hint: 'Return true or false.' })

export const isThenable = (value: unknown): boolean => typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'

/** Code of the spec that goes on after it has returned. */
export const returnsPromise = (): SpecError =>
  new SpecError({
    title: 'ASYNC',
    what: 'It returned a Promise.',
    why: 'A step is taken at once: nobody waits for what comes later.',
    hint: 'Write it without async and await. What takes time is a message, or an action of its own.',
  })

/** @param about what code of the spec says */
export const looksAtWhatMayBeLost = (place: string, about: string): SpecError =>
  new SpecError({
    title: 'IT LOOKS AT WHAT MAY BE LOST',
    place,
    what: `It says ${about}, and looks at the messages in flight.`,
    why: 'Over fair-loss each of them may be lost at any time, and nobody can tell one that is lost from one that is late.',
    hint: 'Look at the nodes: at what they have sent, and what they have heard. Or take another network, with the fault loss.',
  })
