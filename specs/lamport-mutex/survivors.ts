import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'return p.merge({ request: null, acks: Set(), inCriticalSection: false })',
    to: 'return p.merge({ request: null, inCriticalSection: false })',
    because: 'A new request begins without acknowledgements, whatever was left of the last one.',
  },
  {
    from: 'return p.merge({ request: p.clock, acks: Set(), asked: requests === Infinity ? 0 : p.asked + 1 })',
    to: 'return p.merge({ request: p.clock, acks: Set(), asked: requests === Infinity ? 1 : p.asked + 1 })',
    because: 'Where requests are not bounded, they are not counted.',
  },
] satisfies Survivors
