import type { Mutants } from '../../checker/index.ts'
import type { lamportMutex } from './protocol.ts'

export const mutants = {
  reordered: {
    because: 'The network no longer keeps the order of messages between two processes.',
    breaks: 'mutualExclusion',
    length: 8,
    change: spec => ({ ...spec, network: 'reliable' }),
  },
  impatient: {
    because: 'Rule 5(ii) is dropped: a process enters without having heard from every other.',
    breaks: 'mutualExclusion',
    length: 8,
    change: spec => ({ ...spec, roles: { process: { ...spec.roles.process, actions: { ...spec.roles.process.actions,
       enter: { ...spec.roles.process.actions.enter, when: (p, here) => p.requests.has(here.self) } } } } }),
  },
} satisfies Mutants<typeof lamportMutex>
