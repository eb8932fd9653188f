import { SpecError } from '../protocol/errors.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Options } from './report.ts'

/** @throws SpecError if the options contradict one another, or the protocol has no such property */
export const checkOptions = (protocol: AnyProtocol, { property, order, depth, simulate, checkpoint, resume }: Options): void => {
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
      hint: `There is: ${[...known, 'deadlock'].join(', ')}.`,
    })
  if (order === 'depth' && depth !== undefined)
    throw new SpecError({
      title: 'DEPTH-FIRST WITH A DEPTH',
      place: protocol.name,
      what: 'A depth-first search meets a state first by a long path, and would miss what a short one still reaches within the depth.',
      hint: 'Leave out one of the two.',
    })
}
