import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { onlineShop } from './protocol.ts'

export const mutants = {
  noRefund: {
    because: 'Out of stock, and the shop does not refund: the customer has paid for nothing.',
    breaks: 'neverChargedInVain',
    length: 4,
    change: spec =>
      withAction(spec, 'shop', 'dispatch', dispatch => ({
        ...dispatch,
        do: (s, here) => dispatch.do(s, { ...here, send() {} }).update('state', state => (state === 'refunding' ? 'refunded' : state)),
      })),
  },
  dispatchesFirst: {
    because: 'The shop dispatches while it does not know whether the charge is successful.',
    breaks: 'neverDispatchedUncharged',
    length: 1,
    change: spec => withRule(spec, 'the charge was successful', true),
  },
  asksOnce: {
    because: 'The shop does not repeat what is not answered: the answer is lost, and the customer has paid, which the shop does not know.',
    breaks: 'neverChargedInVain',
    length: 3,
    change: spec => withAction(spec, 'shop', 'repeat', repeat => ({ ...repeat, when: () => false })),
  },
  chargesAgain: {
    because: 'The payments service does not remember the order: a request that comes again is charged again.',
    breaks: 'paidOnce',
    length: 3,
    change: spec => withRule(spec, 'it comes for the first time', true),
  },
  refundsAgain: {
    because: 'The payments service refunds once for each request to.',
    breaks: 'paidOnce',
    length: 6,
    change: spec => withHandler(spec, 'payments', 'Refund', Refund => (p, message, from, here) => Refund(p.set('state', 'charged'), message, from, here)),
  },
  heedsAnyAnswer: {
    because: 'A "charged" that comes again counts as if the shop had just asked: it handles the order once more, after the goods are gone.',
    breaks: 'dispatchedForGood',
    length: 5,
    change: spec => withRule(spec, 'it waits for the answer', true),
  },
} satisfies Mutants<typeof onlineShop>
