import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { ntp } from './protocol.ts'

export const mutants = {
  stepsAlways: {
    because: '"Can\'t just change time: don\'t want time to run backwards." A clock that is a little ahead is set back all at once.',
    breaks: 'backwardsOnlyInSteps',
    parameters: { servers: 1, samples: 1 },
    length: 5,
    change: spec => withRule(spec, 'the skew is small', false),
  },
  neverPanics: {
    because: 'A skew that is too large to be true is stepped like any other.',
    breaks: 'panics',
    parameters: { servers: 1, samples: 1 },
    length: 4,
    change: spec => withRule(spec, 'the skew is not too large', true),
  },
  anyServer: {
    because: 'The client takes any server, whatever the dispersion of its answers.',
    breaks: 'leastDispersion',
    length: 15,
    change: spec => withRule(spec, 'its dispersion is the least', true),
  },
  latestSample: {
    because: 'The latest answer of a server counts, though one of those before was under way for less long.',
    breaks: 'accurate',
    parameters: { servers: 1 },
    length: 9,
    change: spec => withRule(spec, 'its delay is the least', true),
  },
  slewsForEver: {
    because: 'The client does not note by how much it has slewed its clock already, and goes on.',
    breaks: 'inTime',
    parameters: { servers: 1, samples: 1 },
    length: 7,
    change: spec => {
      const { client } = spec.roles
      return { ...spec, roles: { ...spec.roles, client: { ...client, tick: node => client.tick(node).set('left', node.left) } } }
    },
  },
  oneClock: {
    because: 'The time since the computer was started is measured by the clock that is corrected.',
    breaks: 'elapsed',
    parameters: { servers: 1, samples: 1 },
    length: 4,
    change: spec =>
      withHandler(spec, 'client', 'Response', answer => (client, message, from, here) => {
        const next = answer(client, message, from, here)
        return next.update('monotonic', monotonic => monotonic + next.clock - client.clock)
      }),
  },
} satisfies Mutants<typeof ntp>
