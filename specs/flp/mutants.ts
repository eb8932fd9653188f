import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import { type flp, Process } from './protocol.ts'

export const mutants = {
  oneIsEnough: {
    because: 'A node decides on what one proposes. Another has heard of no proposal, and takes 0.',
    breaks: 'agreement',
    length: 16,
    change: spec => withRule(spec, 'two propose it', true),
  },
  ignoresProposal: {
    because: 'A node that hears of one proposal takes 0 all the same, though another may have decided on it.',
    breaks: 'agreement',
    length: 16,
    change: spec => withRule(spec, 'what one proposes is taken', false),
  },
  forgetsInput: {
    because: 'A node begins with the estimate 0, whatever its input is.',
    breaks: 'validity',
    length: 5,
    change: spec => ({
      ...spec,
      roles: { node: { ...spec.roles.node, init: here => new Process(spec.roles.node.init(here)).set('x', 0) } },
    }),
  },
  waitsForAll: {
    because: 'A node waits for all others, and one of them has crashed.',
    breaks: 'decidesWhatAllWant',
    parameters: { crashes: 1 },
    length: 5,
    change: spec => withRule(spec, 'one need not be heard', false),
  },
  tellsNobody: {
    because: 'Who has decided says nothing more, so another waits for what would come from him.',
    breaks: 'spreads',
    length: 17,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Proposal',
        Proposal =>
          (p, message, from, { send, ...here }) =>
            Proposal(p, message, from, { ...here, send: (to, said) => said.type !== 'Decided' && send(to, said) }),
      ),
  },
} satisfies Mutants<typeof flp>
