/** W, slide "Progress": "Are there cases when the system can't make further progress (i.e. process new client requests)?" Each case, as a claim that there is none. */
import { type Claim, type Claims, canAlways, crashStop, observed, withRule } from '../../checker/index.ts'
import { type primaryBackup, rules, type Service } from './protocol.ts'

type Spec = ReturnType<typeof primaryBackup>

/** One client, and a view to spare: so nobody is stuck only because the bound of the model forbids another view. */
const parameters = { clients: 1, views: 2 }

/** From wherever the system may be, it can come to answer a client for the first time, unless it has. */
const answers: Claim<typeof primaryBackup>['refutes'] = canAlways(observed('service', ({ servers }: Service) => !servers.isEmpty()))

const withServer = ({ roles, ...spec }: Spec, on: Partial<Spec['roles']['server']['on']>): Spec => ({
  ...spec,
  roles: { ...roles, server: { ...roles.server, on: { ...roles.server.on, ...on } } },
})

/** As long as a server pings, the view server has no reason for another view. */
const staysInFirstView = ({ roles, ...spec }: Spec): Spec => {
  const { newView, ...actions } = roles.viewServer.actions
  return {
    ...spec,
    roles: {
      ...roles,
      viewServer: { ...roles.viewServer, actions: { ...actions, newView: { ...newView, when: (v, here) => v.view.num === 0 && newView.when(v, here) } } },
    },
  }
}

export const claims = {
  viewServerFails: {
    because: 'The view server fails, and there is nobody to say who is primary.',
    refutes: answers,
    parameters,
    length: 1,
    assuming: spec => ({ ...spec, faults: [crashStop('viewServer', { atMost: 1 })] }),
  },
  networkFails: {
    because: 'The network fails entirely: no message gets to a server.',
    refutes: answers,
    parameters,
    length: 0,
    assuming: spec =>
      withServer(spec, { ViewChange: s => s, Request: s => s, Forward: s => s, Accepted: s => s, Snapshot: s => s, Log: s => s, Transferred: s => s }),
  },
  clientsCutOff: {
    because: 'The clients cannot reach the primary, but its pings reach the view server, which keeps it.',
    refutes: answers,
    parameters,
    length: 0,
    assuming: spec =>
      withServer(staysInFirstView(spec), {
        Request: (s, message, from, here) => (s.view.num === 1 ? s : spec.roles.server.on.Request(s, message, from, here)),
      }),
  },
  noBackup: {
    because: 'There is no backup and the primary fails: nobody else has the state, even if the view server need not wait for acknowledgements.',
    refutes: answers,
    parameters,
    length: 2,
    assuming: spec => ({ ...withRule(spec, rules.ack, true), faults: [crashStop('server', { atMost: 1 })] }),
  },
  failsBeforeAck: {
    because: 'The primary fails before it acknowledges the view, so there will never be another, though there is always a backup.',
    refutes: answers,
    parameters: { ...parameters, alone: false },
    length: 2,
    assuming: spec => ({ ...spec, faults: [crashStop('server', { atMost: 1 })] }),
  },
} satisfies Claims<typeof primaryBackup>
