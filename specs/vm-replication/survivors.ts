import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "when: m => m.role === 'primary' && m.history.size < events,",
    to: "when: m => m.role === 'primary' && true,",
    because: 'How many events there are is the bound of the model: without it there is no end.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: 'const event = new Event({ kind, value: true ? choose([0, 1]) : 0 })',
    because: 'More results of an event that has none are more executions, and no others.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: 'const event = new Event({ kind })',
    because: 'Fewer results of an instruction are fewer executions.',
  },
  {
    from: "released(get(id).merge({ role: 'primary', alone: true }), get(id).history.size, event => emit(id, event)),",
    to: "released(get(id).merge({ role: 'primary' }), get(id).history.size, event => emit(id, event)),",
    because: 'Who goes on alone and does not know it goes on again, whenever something is to leave.',
  },
  {
    from: "when: m => m.role === 'primary' && m.history.size < events,",
    to: "when: m => m.role === 'primary' && m.history.size <= events,",
    because: 'How many events there are is the bound of the model.',
  },
  {
    from: "const isFirst = (self: Id<'machine'>) => self.rank === 0",
    to: "const isFirst = (self: Id<'machine'>) => self.rank === 1",
    because: 'Which machine is the first makes no difference.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: "const event = new Event({ kind, value: kind === 'instruction' ? choose([1, 1]) : 0 })",
    because: 'Fewer results of an instruction are fewer executions.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 0]) : 0 })",
    because: 'Fewer results of an instruction are fewer executions.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 2]) : 0 })",
    because: 'What the two results of an instruction are makes no difference.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 1 })",
    because: 'What the value of an event is that has no result makes no difference.',
  },
  {
    from: "const isFirst = (self: Id<'machine'>) => self.rank === 0",
    to: "const isFirst = (self: Id<'machine'>) => self.rank !== 0",
    because: 'Which machine is the first makes no difference.',
  },
  {
    from: "init: ({ self }) => new Machine({ role: isFirst(self) ? 'primary' : 'backup' }),",
    to: "init: ({ self }) => new Machine({ role: !(isFirst(self)) ? 'primary' : 'backup' }),",
    because: 'Which machine is the first makes no difference.',
  },
  {
    from: "const event = new Event({ kind, value: kind === 'instruction' ? choose([0, 1]) : 0 })",
    to: "const event = new Event({ kind, value: !(kind === 'instruction') ? choose([0, 1]) : 0 })",
    because: 'That an input, in place of an instruction, has two results makes no difference to a log of both.',
  },
] satisfies Survivors
