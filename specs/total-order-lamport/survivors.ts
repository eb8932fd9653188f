import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'if (stamped.sender !== here.self) t = Math.max(t, stamped.t) + 1',
    to: 'if (true) t = Math.max(t, stamped.t) + 1',
    because: 'A clock may go on by more than one.',
  },
  {
    from: 'const t = n.t + 1',
    to: 'const t = n.t + 2',
    because: 'A clock may go on by more than one.',
  },
  {
    from: 'if (stamped.sender !== here.self) t = Math.max(t, stamped.t) + 1',
    to: 'if (stamped.sender !== here.self) t = Math.max(t, stamped.t) + 0',
    because: 'A broadcast adds one, so it is later than all that was received.',
  },
  {
    from: 'return n.merge({ t, out: n.out.push(stamped), fifo: fifo.broadcast(n.fifo, stamped, here) })',
    to: 'return n.merge({ t, out: n.out.push(stamped) })',
    because: 'The links retry: what is not sent at once is sent by `repeat`.',
  },
] satisfies Survivors
