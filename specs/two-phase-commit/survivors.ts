import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: c => c.decision === null,',
    to: 'when: c => true,',
    because: 'Who has decided may ask again: no answer changes a decision.',
  },
  {
    from: 'when: c => c.decision === null && c.preparing,',
    to: 'when: c => c.decision === null && true,',
    because: 'To abort before anybody was asked is allowed: nobody has committed.',
  },
  {
    from: "Ok: (c, _, from: Replica) => (c.decision === null ? c.set('oks', c.oks.add(from)) : c),",
    to: "Ok: (c, _, from: Replica) => (true ? c.set('oks', c.oks.add(from)) : c),",
    because: 'Once the coordinator has decided, it is no matter who is prepared.',
  },
  {
    from: "if (r.state === 'prepared' || rule('it has not aborted', r.state === 'working')) {",
    to: "if (false || rule('it has not aborted', r.state === 'working')) {",
    because: 'A coordinator that does not hear "ok" may abort; that it commits is not promised.',
  },
  {
    from: "if (r.state === 'aborted') send(from, { type: 'No' })",
    to: "if (true) send(from, { type: 'No' })",
    because: 'A replica has committed only where the coordinator has decided, and then nothing changes the decision.',
  },
  {
    from: "if (r.state === 'aborted') send(from, { type: 'No' })",
    to: "if (r.state === 'aborted') ;",
    because: '"No" only hastens what the coordinator may do at any time: abort.',
  },
  {
    from: "No: c => (c.decision === null ? c.set('decision', 'abort') : c),",
    to: 'No: c => (c.decision === null ? c : c),',
    because: '"No" only hastens what the coordinator may do at any time: abort.',
  },
  {
    from: "No: c => (c.decision === null ? c.set('decision', 'abort') : c),",
    to: "No: c => (!(c.decision === null) ? c.set('decision', 'abort') : c),",
    because: '"No" only hastens what the coordinator may do at any time: abort.',
  },
  {
    from: "if (r.state === 'aborted') send(from, { type: 'No' })",
    to: "if (!(r.state === 'aborted')) send(from, { type: 'No' })",
    because: '"No" only hastens what the coordinator may do at any time: abort.',
  },
] satisfies Survivors
