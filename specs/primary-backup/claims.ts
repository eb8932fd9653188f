/** W, slide "Progress": "Are there cases when the system can't make further progress (i.e. process new client requests)?" Each case, as a claim that there is none. */
import { always, type Claim, type Claims, canAlways, crashStop, each, leadsTo, withAction, withHandler, withRule } from '../../checker/index.ts'
import { type primaryBackup, rules } from './protocol.ts'

type Spec = ReturnType<typeof primaryBackup>

/** One client, and a view to spare: so nobody is stuck only because the bound of the model forbids another view. */
const parameters = { clients: 1, views: 2 }

/** From wherever the system may be, every request that is under way can still be answered. */
const answers: Claim<typeof primaryBackup>['refutes'] = canAlways(
  each(
    'client',
    c => c.op,
    op => op === null,
  ),
)

/** The protocol in which some servers do not get some kinds of messages. */
const withoutMessages = (spec: Spec, types: readonly (keyof Spec['roles']['server']['on'])[], isCutOff: (rank: number) => boolean): Spec =>
  types.reduce(
    (all: Spec, type) =>
      withHandler(
        all,
        'server',
        type,
        handler =>
          (s, ...[message, from, here]) =>
            isCutOff(here.self.rank) ? s : (handler as (...step: unknown[]) => typeof s)(s, message, from, here),
      ),
    spec,
  )

export const claims = {
  viewServerFails: {
    because: 'The view server fails, and there is nobody to say who is primary.',
    refutes: answers,
    parameters,
    length: 2,
    assuming: spec => ({ ...spec, faults: [crashStop('viewServer', { atMost: 1 })] }),
  },
  networkFails: {
    because: 'The network fails entirely: a request is made, and no message gets to a server.',
    refutes: answers,
    parameters,
    length: 1,
    assuming: spec => withoutMessages(spec, ['ViewChange', 'Request', 'Forward', 'Accepted', 'AskForState', 'Snapshot', 'Log', 'Transferred'], () => true),
  },
  clientsCutOff: {
    because: 'The clients cannot reach the primary A, but its pings reach the view server, which keeps it.',
    refutes: answers,
    parameters,
    length: 2,
    assuming: spec =>
      withAction(
        withoutMessages(spec, ['Request'], rank => rank === 0),
        'viewServer',
        'newView',
        ({ when, do: newView }) => ({ when: (v, here) => v.view.primary?.rank !== 0 && (when?.(v, here) ?? true), do: newView }),
      ),
  },
  noBackup: {
    because: 'There is no backup and the primary fails: nobody else has the state, even if the view server need not wait for acknowledgements.',
    refutes: answers,
    parameters,
    length: 3,
    assuming: spec => ({ ...withRule(spec, rules.ack, true), faults: [crashStop('server', { atMost: 1 })] }),
  },
  failsBeforeAck: {
    because: 'The primary fails before it acknowledges the view, so there will never be another, though there is always a backup.',
    refutes: answers,
    parameters: { ...parameters, alone: false },
    length: 3,
    assuming: spec => ({ ...spec, faults: [crashStop('server', { atMost: 1 })] }),
  },
  endsDespiteFailure: {
    because:
      'The backup fails before it has the state, so the primary never acknowledges the view. The view server goes on to tell of it, for ever, and the client is never answered.',
    refutes: leadsTo(
      always(({ all }) => all('viewServer').every(({ view }) => view.num > 0) && all('client').some(({ op }) => op !== null)),
      each(
        'client',
        c => c.op,
        op => op === null,
      ),
    ),
    parameters: { servers: 2, clients: 1, views: 2 },
    length: 5,
    assuming: spec => ({ ...spec, faults: [crashStop('server', { atMost: 1 })] }),
  },
} satisfies Claims<typeof primaryBackup>
