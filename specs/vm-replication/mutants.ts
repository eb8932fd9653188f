import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { vmReplication } from './protocol.ts'

export const mutants = {
  outputsAtOnce: {
    because: 'The primary does not delay its output, fails before the backup has the log, and the backup goes on otherwise ("the problem of inconsistency").',
    breaks: 'oneMachine',
    length: 5,
    change: spec => withRule(spec, 'the backup has acknowledged it', true),
  },
  outputsUnknown: {
    because: 'The primary does not delay its output, and the backup does not know of it.',
    breaks: 'knowsOutputs',
    length: 1,
    change: spec => withRule(spec, 'the backup has acknowledged it', true),
  },
  bothBegin: {
    because: 'Both machines take themselves for the primary: each runs by itself.',
    breaks: 'onePrimary',
    length: 0,
    change: spec => ({
      ...spec,
      roles: { machine: { ...spec.roles.machine, init: here => spec.roles.machine.init(here).set('role', 'primary') } },
    }),
  },
  executesAnew: {
    because: 'The backup executes an instruction itself, in place of taking the result from the log, and gets another one.',
    breaks: 'replays',
    length: 2,
    change: spec =>
      withHandler(
        spec,
        'machine',
        'Log',
        Log => (m, message, from, here) =>
          Log(m, message.event.kind === 'instruction' ? { ...message, event: message.event.set('value', here.choose([0, 1])) } : message, from, here),
      ),
  },
  leavesOutInputs: {
    because: 'Input events are not in the log, so the backup never sees them.',
    breaks: 'replays',
    length: 4,
    change: spec =>
      withHandler(
        spec,
        'machine',
        'Log',
        Log =>
          (m, message, ...step) =>
            message.event.kind === 'input' ? m : Log(m, message, ...step),
      ),
  },
  holdsBack: {
    because: 'The primary does not heed acknowledgements, so no output ever leaves as long as nothing fails.',
    breaks: 'outputsLeave',
    length: 1,
    change: spec => withHandler({ ...spec, faults: [] }, 'machine', 'Ack', () => m => m),
  },
  nobodyTakesOver: {
    because: 'Nobody tells the backup that the primary has failed.',
    breaks: 'goesOn',
    length: 1,
    change: spec => ({ ...spec, steps: { goOn: { ...spec.steps.goOn, when: () => false } } }),
  },
} satisfies Mutants<typeof vmReplication>
