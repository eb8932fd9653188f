import { type Mutants, withAction, withHandler } from '../../checker/index.ts'
import type { failureDetector } from './protocol.ts'

export const mutants = {
  hasty: {
    because: 'It waits as long as a reply may take, and gives up before it hears the one that comes at the last moment.',
    breaks: 'accurate',
    length: 7,
    change: spec => withAction(spec, 'node', 'ask', ({ when, do: ask }) => ({ when, do: (node, here) => ask(node, here).update('timer', left => left - 1) })),
  },
  asksSuspects: {
    because: 'It asks those that it suspects, too. While messages take as long as they like, its questions pile up.',
    breaks: 'asksOnce',
    parameters: { timing: 'partially synchronous' },
    length: 7,
    change: spec =>
      withAction(spec, 'node', 'ask', ({ when, do: ask }) => ({
        when,
        do: (node, here) =>
          ask(
            node.update('suspected', ids => ids.clear()),
            here,
          ).set('suspected', node.suspected),
      })),
  },
  unhurried: {
    because: 'It gives up when it likes. That "nodes execute the algorithm at a known speed" is left out.',
    breaks: 'complete',
    length: 1,
    change: spec => ({ ...spec, roles: { node: { ...spec.roles.node, due: () => false } } }),
  },
  unforgiving: {
    because: 'It may label a node as crashed only temporarily, and whoever was late once is suspected for ever.',
    breaks: 'eventuallyPerfect',
    parameters: { timing: 'partially synchronous' },
    length: 18,
    change: spec => withHandler(spec, 'node', 'Pong', () => (node, _, from) => node.set('awaited', node.awaited.delete(from))),
  },
} satisfies Mutants<typeof failureDetector>
