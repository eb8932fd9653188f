import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: '...(client.skew !== null && { samples: Map(), chosen: null }),',
    to: '...(client.skew !== null && true),',
    because: 'What it was told it may keep: it makes no use of it.',
  },
  {
    from: 'return new Client({ clock, started: new Moment({ clock }) })',
    to: 'return new Client({ clock })',
    because: 'What its time-of-day clock showed in the beginning is for who takes that for elapsed time: a claim that is refuted.',
  },
  {
    from: 'return new Client({ clock, started: new Moment({ clock }) })',
    to: 'return new Client({ clock, started: new Moment({}) })',
    because: 'What its time-of-day clock showed in the beginning is for who takes that for elapsed time: a claim that is refuted.',
  },
] satisfies Survivors
