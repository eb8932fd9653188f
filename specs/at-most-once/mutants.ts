import { Set } from 'immutable'
import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import type { atMostOnce } from './protocol.ts'

export const mutants = {
  countsAgain: {
    because: 'The client retries, and the database applies whatever comes: at-least-once semantics, "may repeat update".',
    breaks: 'asIfOnce',
    length: 3,
    change: spec => withRule(spec, 'the request is new', true),
  },
  tableLost: {
    because: 'Which requests it has seen is not "in stable storage": after the crash the database takes a retry for a new request.',
    breaks: 'asIfOnce',
    length: 4,
    change: ({ roles, ...spec }) => ({ ...spec, roles: { ...roles, database: { ...roles.database, recover: db => db.set('seen', Set()) } } }),
  },
  givesUp: {
    because: 'The client does not retry: if the request is lost, it waits for ever.',
    breaks: 'answered',
    length: 2,
    change: spec => withAction(spec, 'client', 'retry', retry => ({ ...retry, when: () => false })),
  },
  forgetsToApply: {
    because: 'The database acknowledges, and takes every request for one that it has seen.',
    breaks: 'acknowledgedIsApplied',
    length: 3,
    change: spec => withRule(spec, 'the request is new', false),
  },
} satisfies Mutants<typeof atMostOnce>
