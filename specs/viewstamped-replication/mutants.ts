import { crashRecovery, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { viewstampedReplication } from './protocol.ts'

export const mutants = {
  noNonce: {
    because: '4.3: responses have no nonce, so a replica that crashes again takes those to its earlier recovery, from before the latest operation.',
    breaks: 'committedStays',
    length: 20,
    slow: true,
    change: spec => withRule({ ...spec, faults: [crashRecovery('node', { atMost: 2 })] }, 'the response is to this recovery', true),
  },
  fromMinority: {
    because: '4.3: the primary alone is enough to recover from, though it may be that of an old view.',
    breaks: 'committedStays',
    length: 15,
    change: spec => withRule(spec, 'f + 1 have responded', true),
  },
  noRecovery: {
    because:
      '4.3: a replica that comes back takes part at once, with nothing. It has forgotten that it left a view, and acknowledges an operation there, which the next view lacks.',
    breaks: 'committedStays',
    length: 12,
    change: spec => ({ ...spec, roles: { node: { ...spec.roles.node, recover: n => spec.roles.node.recover(n).set('status', 'normal') } } }),
  },
  oneVote: {
    because: '4.2, 3: the new primary begins with what it has itself, not waiting for f + 1, of which one knows each committed operation.',
    breaks: 'committedStays',
    length: 9,
    change: spec => withRule(spec, 'f + 1 say what they have', true),
  },
  anyLog: {
    because: '4.2, 3: of the logs of one view the new primary takes any, in place of the longest.',
    breaks: 'committedStays',
    length: 11,
    change: spec => withRule(spec, 'the longest log counts', true),
  },
  oldView: {
    because: '4.2, 3: the new primary takes a log that is long enough, though it is of an older view, in place of one of the latest view.',
    breaks: 'committedStays',
    parameters: { crashes: 0, views: 3 },
    length: 14,
    change: spec => withRule(spec, 'the log of the latest view counts', true),
  },
  commitsAlone: {
    because: '4.1, 5: the primary executes an operation at once, which the next view lacks.',
    breaks: 'committedStays',
    length: 6,
    change: spec =>
      withAction(spec, 'node', 'request', ({ when, do: request }) => ({
        when,
        do(n, here) {
          const next = request(n, here)
          here.emit({ type: 'commit', log: next.log })
          return next.set('commit', next.log.size)
        },
      })),
  },
  oldPrimary: {
    because: '4.1, 4: a backup takes a Prepare of an old view, and has it in the new one, where its primary does not.',
    breaks: 'logsAgree',
    length: 8,
    change: spec => withRule(spec, 'the message is of this view', true),
  },
  noClientTable: {
    because: '4.1: the primary has no client-table, and takes a request that its client makes again for a new one.',
    breaks: 'executedOnce',
    parameters: { crashes: 0, length: 2, retries: true },
    length: 5,
    change: spec => withRule(spec, 'the client-table does not have the request', true),
  },
  forgetsView: {
    because: '4.2, 5: who enters a view that another has begun does not remember that it executed operations.',
    breaks: 'neverGoesBack',
    length: 8,
    change: spec =>
      withHandler(spec, 'node', 'StartView', StartView => (n, ...step) => {
        const next = StartView(n, ...step)
        return next.view === n.view ? next : next.set('commit', 0)
      }),
  },
} satisfies Mutants<typeof viewstampedReplication>
