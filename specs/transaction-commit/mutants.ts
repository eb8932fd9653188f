import { crashRecovery, type Mutants, withRule } from '../../checker/index.ts'
import type { twoPhaseCommit } from './protocol.ts'

export const mutants = {
  impatient: {
    because: 'The manager commits before every resource manager is prepared.',
    breaks: 'everybodyAgreed',
    length: 1,
    change: spec => withRule(spec, 'every resource manager is prepared', true),
  },
  changesItsMind: {
    because: 'A resource manager aborts alone after it said that it is prepared; the manager may have committed meanwhile.',
    breaks: 'consistency',
    length: 9,
    change: ({ roles: { manager, resource }, ...spec }) => ({
      ...spec,
      roles: {
        manager,
        resource: {
          ...resource,
          actions: { ...resource.actions, chooseToAbort: { ...resource.actions.chooseToAbort, when: r => r.state === 'working' || r.state === 'prepared' } },
        },
      },
    }),
  },
  preparesAgain: {
    because: 'A resource manager that has aborted prepares all the same.',
    breaks: 'stability',
    length: 2,
    change: ({ roles: { manager, resource }, ...spec }) => ({
      ...spec,
      roles: {
        manager,
        resource: { ...resource, actions: { ...resource.actions, prepare: { ...resource.actions.prepare, when: r => r.state !== 'prepared' } } },
      },
    }),
  },
  forgetsDecision: {
    because: 'The decision of the manager is not on disk: it recovers undecided, and commits what it has aborted.',
    breaks: 'consistency',
    length: 11,
    change: spec => ({
      ...spec,
      faults: [crashRecovery('manager', { atMost: 1 })],
      roles: { ...spec.roles, manager: { ...spec.roles.manager, recover: spec.roles.manager.init } },
    }),
  },
} satisfies Mutants<typeof twoPhaseCommit>
