import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import { RULE_ACK, RULE_PRIMARY, type viewService } from './protocol.ts'

export const mutants = {
  promotesIdle: {
    because: 'The view server promotes a server that was neither primary nor backup, and has no state.',
    breaks: 'onlyPromotesBackups',
    length: 8,
    change: spec => withRule(spec, RULE_PRIMARY, true),
  },
  hasty: {
    because: 'The view server moves on though the primary has not acknowledged the view, so its backup may not be up to date.',
    breaks: 'noViewBeforeAck',
    length: 6,
    change: spec => withRule(spec, RULE_ACK, true),
  },
  everybodyAcknowledges: {
    because: 'Whoever hears of a view acknowledges it, so the view server moves on though the primary has not heard of it.',
    breaks: 'noViewBeforeAck',
    length: 8,
    change: spec => withRule(spec, 'its primary acknowledges a view', true),
  },
  backsItself: {
    because: 'The view server makes a primary its own backup.',
    breaks: 'primaryIsNotBackup',
    length: 3,
    change: spec => withRule(spec, 'the backup is another', true),
  },
  keepsTheDead: {
    because: 'The view server makes a server the backup that it has given up.',
    breaks: 'onlyTheLiving',
    length: 3,
    change: spec => withRule(spec, 'the backup is alive', true),
  },
  replacesTheLiving: {
    because: 'The view server makes a new view at any time, and may promote the backup though the primary is alive.',
    breaks: 'keepsTheLiving',
    length: 8,
    change: spec => withRule(spec, 'the primary or the backup is dead or missing', true),
  },
  goesBack: {
    because: 'A server believes a view change that comes late, of a view before its own.',
    breaks: 'neverGoesBack',
    length: 10,
    change: spec => withRule(spec, 'the view is not older', true),
  },
  restless: {
    because: 'The view server makes a new view of the same servers, though nobody has died.',
    breaks: 'changesWithReason',
    length: 6,
    change: spec => withRule(spec, 'the primary or the backup is dead or missing', true),
  },
  amendsView: {
    because: 'The view server changes a view without giving it a new number, so two servers know different views by the same number.',
    breaks: 'onePrimaryPerView',
    length: 10,
    change: spec =>
      withAction(spec, 'viewServer', 'newView', ({ when, do: newView }) => ({
        when,
        do(v, here) {
          const { view } = newView(v, { ...here, send() {} })
          const amended = view.set('num', Math.max(v.view.num, 1))
          here.send(here.nodes.server, { type: 'ViewChange', view: amended })
          return v.merge({ view: amended, acked: false })
        },
      })),
  },
  skipsNumbers: {
    because: 'The view server leaves out a number, so view i + 1 is none.',
    breaks: 'numbersFollow',
    length: 8,
    change: spec =>
      withAction(spec, 'viewServer', 'newView', ({ when, do: newView }) => ({
        when,
        do: (v, here) => newView(v.view.num === 0 ? v : v.updateIn(['view', 'num'], num => (num as number) + 1), here),
      })),
  },
  acknowledgesOnce: {
    because: 'A primary that is told its view again does not acknowledge it again: if the acknowledgement was lost, there will never be another view.',
    breaks: 'canBeAcknowledged',
    length: 6,
    change: spec =>
      withHandler(
        spec,
        'server',
        'ViewChange',
        ViewChange => (s, message, from, here) => (message.view.num === s.num ? s : ViewChange(s, message, from, here)),
      ),
  },
} satisfies Mutants<typeof viewService>
