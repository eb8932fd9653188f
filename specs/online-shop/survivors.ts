import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "send(nodes.payments, { type: 'Charge' })",
    to: ';',
    because: 'The request may be lost; `repeat` says it again.',
  },
  {
    from: "send(nodes.payments, { type: 'Refund' })",
    to: ';',
    because: 'The request may be lost; `repeat` says it again.',
  },
] satisfies Survivors
