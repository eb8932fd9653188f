import { type Mutants, withRule } from '../../checker/index.ts'
import { RULE_ACK, RULE_PRIMARY, type viewService } from './protocol.ts'

export const mutants = {
  promotesIdle: {
    because: 'The view server promotes a server that was neither primary nor backup, and has no state.',
    breaks: 'onlyPromotesBackups',
    length: 9,
    change: spec => withRule(spec, RULE_PRIMARY, true),
  },
  hasty: {
    because: 'The view server moves on though the primary has not acknowledged the view, so its backup may not be up to date.',
    breaks: 'noViewBeforeAck',
    length: 6,
    change: spec => withRule(spec, RULE_ACK, true),
  },
  amendsView: {
    because: 'The view server changes a view without giving it a new number, so two servers know different views by the same number.',
    breaks: 'onePrimaryPerView',
    length: 10,
    change({ roles: { viewServer, ...roles }, ...spec }) {
      const { newView } = viewServer.actions
      const amend: typeof newView = {
        ...newView,
        do(v, here) {
          const { view } = newView.do(v, { ...here, send() {} })
          const amended = view.set('num', Math.max(v.view.num, 1))
          here.send(here.nodes.server, { type: 'ViewChange', view: amended })
          return v.merge({ view: amended, acked: false })
        },
      }
      return { ...spec, roles: { ...roles, viewServer: { ...viewServer, actions: { ...viewServer.actions, newView: amend } } } }
    },
  },
} satisfies Mutants<typeof viewService>
