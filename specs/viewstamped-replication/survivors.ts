import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: (n, here) => leads(n, here) && n.requests < operations && n.log.size < length,',
    to: 'when: (n, here) => leads(n, here) && n.requests < operations && true,',
    because: 'How long the log may be is the bound of the model.',
  },
  {
    from: "if (retries) here.send(here.nodes.node, { type: 'Request', message })",
    to: "if (true) here.send(here.nodes.node, { type: 'Request', message })",
    because: 'That a client asks all replicas is the parameter `retries`: the same holds with it.',
  },
  {
    from: 'when: (n, here) => leads(n, here) && n.commit > 0,',
    to: 'when: (n, here) => true && n.commit > 0,',
    because: 'What a replica knows to be committed is so in its view and in later ones, whoever tells it.',
  },
  {
    from: "when: n => n.status !== 'recovering' && n.view < views - 1,",
    to: "when: n => n.status !== 'recovering' && true,",
    because: 'How many views there are is the bound of the model.',
  },
] satisfies Survivors
