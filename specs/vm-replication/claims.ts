import type { List } from 'immutable'
import { type Claims, each, observed, withAction } from '../../checker/index.ts'
import type { Event, Outside, vmReplication } from './protocol.ts'

/** How often the client asked, as far as the machine has heard. */
const inputs = ({ history }: { readonly history: List<Event> }) => history.count(({ kind }) => kind === 'input')

export const claims = {
  noOutputTwice: {
    because: 'The primary fails after an output, and the backup does not know whether the world has seen it ("Duplicate output").',
    refutes: observed('outside', (outside: Outside) => outside.again === 0),
    length: 5,
  },
  inputOnce: {
    because:
      'A client sends a request, the primary fails before its answer leaves, and the client sends it again to the backup, which has it in its log already. What runs in the machine has to know it again.',
    refutes: each('machine', inputs, count => count < 2),
    length: 5,
    // There is one client, which asks the primary for one thing, and the backup for what it has already.
    assuming: spec =>
      withAction(spec, 'machine', 'run', ({ when, do: run }) => ({
        when,
        do: (m, here) =>
          run(m, {
            ...here,
            choose: options => here.choose([...options].filter(kind => kind !== 'input' || inputs(m) === here.self.rank)),
          }),
      })),
  },
} satisfies Claims<typeof vmReplication>
