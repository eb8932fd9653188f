import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "when: ({ state, edits: done }) => state === 'idle' && done < edits,",
    to: "when: ({ state, edits: done }) => state === 'idle' && true,",
    because: 'How often the file is edited is the bound of the model: without it there is no end.',
  },
  {
    from: "when: ({ state, runs: done }) => state === 'idle' && done < runs,",
    to: "when: ({ state, runs: done }) => state === 'idle' && true,",
    because: 'How often make runs is the bound of the model: without it there is no end.',
  },
  {
    from: "return e.merge({ state: 'saves', clock: time, edits: e.edits + 1 })",
    to: "return e.merge({ state: 'saves', clock: time })",
    because: 'How often the file is edited is the bound of the model: without it there is no end.',
  },
  {
    from: 'init: () => new Make({ clock: ahead }),',
    to: 'init: () => new Make({}),',
    because: 'How far ahead the clock of the compiler is at first is the bound of the model.',
  },
  {
    from: "return m.merge({ state: 'looks', clock: m.clock + 1, runs: m.runs + 1, upToDate: false })",
    to: "return m.merge({ state: 'looks', clock: m.clock + 1, upToDate: false })",
    because: 'How often make runs is the bound of the model: without it there is no end.',
  },
  {
    from: "when: ({ state, edits: done }) => state === 'idle' && done < edits,",
    to: "when: ({ state, edits: done }) => state === 'idle' && done <= edits,",
    because: 'How often the file is edited is the bound of the model.',
  },
  {
    from: "when: ({ state, runs: done }) => state === 'idle' && done < runs,",
    to: "when: ({ state, runs: done }) => state === 'idle' && done <= runs,",
    because: 'How often make runs is the bound of the model.',
  },
  {
    from: "const after = (own: number, heard: number, rule: Rule): number => (rule('the clock goes beyond what it is told', heard > own) ? Math.max(own, heard) : own) + 1",
    to: "const after = (own: number, heard: number, rule: Rule): number => (rule('the clock goes beyond what it is told', heard > own) ? Math.max(own, heard) : own) + 2",
    because: 'A clock may go on by more than one.',
  },
  {
    from: "send(nodes.files, { type: 'Read', clock: e.clock + 1 })",
    to: "send(nodes.files, { type: 'Read', clock: e.clock + 2 })",
    because: 'A message may say a later time than it was sent at.',
  },
  {
    from: "return e.merge({ state: 'opens', clock: e.clock + 1 })",
    to: "return e.merge({ state: 'opens', clock: e.clock + 2 })",
    because: 'A clock may go on by more than one.',
  },
  {
    from: "return e.merge({ state: 'saves', clock: time, edits: e.edits + 1 })",
    to: "return e.merge({ state: 'saves', clock: time, edits: e.edits + 0 })",
    because: 'How often the file is edited is the bound of the model: without it there is no end.',
  },
  {
    from: "send(nodes.files, { type: 'Read', clock: e.clock + 1 })",
    to: "send(nodes.files, { type: 'Read', clock: e.clock + 0 })",
    because: 'When a question was asked makes no difference: the answer is later than what it tells.',
  },
  {
    from: "send(nodes.files, { type: 'Read', clock: m.clock + 1 })",
    to: "send(nodes.files, { type: 'Read', clock: m.clock + 0 })",
    because: 'When a question was asked makes no difference: the answer is later than what it tells.',
  },
  {
    from: "send(nodes.files, { type: 'Read', clock: m.clock + 1 })",
    to: "send(nodes.files, { type: 'Read', clock: m.clock + 2 })",
    because: 'A message may say a later time than it was sent at.',
  },
  {
    from: "return m.merge({ state: 'looks', clock: m.clock + 1, runs: m.runs + 1, upToDate: false })",
    to: "return m.merge({ state: 'looks', clock: m.clock + 2, runs: m.runs + 1, upToDate: false })",
    because: 'A clock may go on by more than one.',
  },
  {
    from: "return m.merge({ state: 'looks', clock: m.clock + 1, runs: m.runs + 1, upToDate: false })",
    to: "return m.merge({ state: 'looks', clock: m.clock + 1, runs: m.runs + 0, upToDate: false })",
    because: 'How often make runs is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
