import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import { apply, type operationalTransformation } from './protocol.ts'

export const mutants = {
  dOPT: {
    because:
      'The dOPT puzzle: what is received is transformed, and what it was transformed against is not. That is enough for one operation against one, and not for two against one.',
    breaks: 'convergence',
    length: 9,
    change: spec => withRule(spec, 'the queue is transformed', false),
  },
  notTransformed: {
    because: 'An operation is done as it was made, whatever was done before it.',
    breaks: 'convergence',
    length: 6,
    change: spec =>
      withHandler(spec, 'client', 'Op', Op => (c, message, from, here) => {
        const next = Op(c, message, from, here)
        return next.set('document', next.document.set('text', apply(c.document.text, message.op)))
      }),
  },
  neverAcknowledged: {
    because: 'Messages that are acknowledged stay in the queue, so what is received is transformed against what it knows.',
    breaks: 'convergence',
    length: 6,
    change: spec => withRule(spec, 'it is acknowledged', false),
  },
  reordered: {
    because: 'The links do not keep the order of messages, and the numbers say how many have come, not which.',
    breaks: 'convergence',
    length: 6,
    change: spec => ({ ...spec, network: 'reliable' }),
  },
  serverLags: {
    because: 'The server hands operations on, and leaves its own text as it is.',
    breaks: 'sameAsServer',
    length: 2,
    change: spec =>
      withHandler(spec, 'server', 'Op', Op => (s, message, from, here) => {
        const next = Op(s, message, from, here)
        return next.set('document', next.document.set('text', s.document.text))
      }),
  },
  serverKeepsIt: {
    because: 'The server does what it receives, and hands nothing on.',
    breaks: 'eventualDelivery',
    length: 1,
    change: spec => withHandler(spec, 'server', 'Op', Op => (s, message, from, here) => Op(s, message, from, { ...here, send() {} })),
  },
  insertsTwice: {
    because: 'A client does what it receives, and again when it has been transformed.',
    breaks: 'whatIsThere',
    length: 3,
    change: spec =>
      withHandler(spec, 'client', 'Op', Op => (c, message, from, here) => {
        const next = Op(c, message, from, here)
        return Op(next, message, from, here).set('side', next.side)
      }),
  },
} satisfies Mutants<typeof operationalTransformation>
