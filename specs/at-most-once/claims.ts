import { always, type Claims, canAlways, each, withRule } from '../../checker/index.ts'
import { type atMostOnce, isAsIfOnce } from './protocol.ts'

export const claims = {
  everyUpdateHappens: {
    because: 'At-most-once semantics: "send request, don\'t retry, update may not happen".',
    refutes: canAlways(
      each(
        'client',
        c => c.state,
        state => state !== 'waiting',
      ),
    ),
    parameters: { retries: false, deduplicates: false },
    length: 2,
  },
  retriesAreSafe: {
    because: 'At-least-once semantics: the answer is late, the client sends its "like" again, and it counts twice.',
    refutes: always(({ all, observer }) => all('database').every(db => isAsIfOnce(db, observer('once'), 'count'))),
    length: 3,
    assuming: spec => withRule(spec, 'the request is new', true),
  },
  idempotenceIsEnough: {
    because: '"f(f(x)) = f(x) but f(g(f(x))) ≠ g(f(x))": a retry of the "like" comes after another has removed it, and it is there again.',
    refutes: always(({ all, observer }) => all('database').every(db => isAsIfOnce(db, observer('once'), 'set'))),
    parameters: { update: 'set' },
    length: 5,
    assuming: spec => withRule(spec, 'the request is new', true),
  },
} satisfies Claims<typeof atMostOnce>
