import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: v => v.alive.size > 0,',
    to: 'when: v => true,',
    because: 'Where nobody is alive there is nobody to choose, so nobody is given up.',
  },
  {
    from: 'when: v => v.alive.size > 0,',
    to: 'when: v => v.alive.size >= 0,',
    because: 'Where nobody is alive there is nobody to choose, so nobody is given up.',
  },
  {
    from: "if (v.view.num > 0) send(from, { type: 'ViewChange', view: v.view })",
    to: "if (true) send(from, { type: 'ViewChange', view: v.view })",
    because: 'View 0 is what a server begins with: whoever hears of it knows nothing new.',
  },
  {
    from: "if (v.view.num > 0) send(from, { type: 'ViewChange', view: v.view })",
    to: "if (v.view.num >= 0) send(from, { type: 'ViewChange', view: v.view })",
    because: 'View 0 is what a server begins with: whoever hears of it knows nothing new.',
  },
] satisfies Survivors
