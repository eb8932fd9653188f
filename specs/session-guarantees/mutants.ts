import { Set } from 'immutable'
import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { sessionGuarantees } from './protocol.ts'

export const mutants = {
  forgetsWrites: {
    because: 'A server answers a read though it lacks what the reader wrote: who has changed his password is asked for the old one.',
    breaks: 'readYourWrites',
    length: 6,
    change: spec => withRule(spec, 'it has what the reader wrote', true),
  },
  goesBack: {
    because: 'A server answers a read though it lacks what the reader has read at another: an entry of the calendar comes and goes.',
    breaks: 'monotonicReads',
    length: 8,
    change: spec => withRule(spec, 'it has what the reader read', true),
  },
  answersFirst: {
    because: 'A server takes a write though it lacks what its writer had read: others see the answer to a question, and no question.',
    breaks: 'writesFollowReads',
    length: 7,
    change: spec => withRule(spec, 'it has what was read before', true),
  },
  writesAhead: {
    because: 'A server takes a write though it lacks an earlier one of the same client: others see a program that needs a library, and no library.',
    breaks: 'monotonicWrites',
    length: 5,
    change: spec => withRule(spec, 'it has what was written before', true),
  },
  sendsOne: {
    because: 'Servers send each other one write at a time, in any order.',
    breaks: 'monotonicWrites',
    length: 7,
    change: spec =>
      withAction(spec, 'server', 'antiEntropy', antiEntropy => ({
        ...antiEntropy,
        do(s, { choose, broadcast }) {
          broadcast({ type: 'AntiEntropy', db: Set([choose(s.db)]) })
          return s
        },
      })),
  },
  showsTheLastButOne: {
    because: 'A server has all writes, and shows each key as it was before the last of them.',
    breaks: 'causal',
    parameters: { history: true },
    length: 6,
    change: spec =>
      withHandler(
        spec,
        'client',
        'Value',
        Value =>
          (c, message, from, { emit, ...here }) =>
            Value(c, message, from, {
              ...here,
              emit: event =>
                emit(
                  event.type === 'return' && event.result !== undefined ? { type: 'return', result: event.result > 1 ? event.result - 1 : undefined } : event,
                ),
            }),
      ),
  },
  asksOnce: {
    because: 'A client asks once, and the network loses what it asked.',
    breaks: 'answered',
    length: 2,
    change: spec => withAction(spec, 'client', 'again', again => ({ ...again, when: () => false })),
  },
} satisfies Mutants<typeof sessionGuarantees>
