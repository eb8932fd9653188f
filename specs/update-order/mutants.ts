import { loss, type Mutants, withAction, withRule } from '../../checker/index.ts'
import { updateOrder } from './protocol.ts'

export const mutants = {
  onlyReliable: {
    because: 'Replicas hear of updates in any order: one shows the tweet, and the boss may read it.',
    breaks: 'inOrder',
    length: 4,
    change: () => updateOrder({ over: 'reliable' }),
  },
  onlyFifo: {
    because: 'The updates of each replica are in order, and these two are of two replicas.',
    breaks: 'inOrder',
    length: 4,
    change: () => updateOrder({ over: 'fifo' }),
  },
  doesNotWait: {
    because: 'The user tweets at a replica that does not know of the block yet. So no broadcast can tell that the one comes after the other.',
    breaks: 'inOrder',
    length: 2,
    change: spec => withRule(spec, 'where the block is shown', true),
  },
  forgetsIt: {
    because: 'The replica forgets that the user has blocked somebody there, and shows it once it hears of it.',
    breaks: 'didIt',
    length: 2,
    change: spec =>
      withAction(spec, 'node', 'block', block => ({
        ...block,
        do(n, here) {
          const next = block.do(n, here)
          return next.set('app', next.app.set('asked', false))
        },
      })),
  },
  losesOne: {
    because: 'Each packet is sent once, and the network loses one.',
    breaks: 'arrives',
    length: 2,
    change: () => ({ ...updateOrder({ over: 'best-effort' }), faults: [loss({ atMost: 1 })] }),
  },
  unblocks: {
    because: 'Who tweets shows only the tweet: the block list is in another cache, which is gone.',
    breaks: 'stays',
    length: 3,
    change: spec =>
      withAction(spec, 'node', 'tweet', tweet => ({
        ...tweet,
        do(n, here) {
          const next = tweet.do(n, here)
          return next.set('app', next.app.set('blocked', false))
        },
      })),
  },
} satisfies Mutants<typeof updateOrder>
