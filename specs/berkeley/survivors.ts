import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'init: ({ choose }) => new Master({ clock: choose(skews) }),',
    to: 'init: ({ choose }) => new Master({}),',
    because: 'Only differences of clocks matter, and those of the slaves remain.',
  },
  {
    from: 'return master.merge({ clock: master.clock + average, ahead: Map(), moved: average })',
    to: 'return master.merge({ clock: master.clock + average, moved: average })',
    because: 'What it was told is not looked at again: there is one round.',
  },
  {
    from: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    to: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({})),',
    because: 'Only differences of clocks matter, and those to the master remain.',
  },
  {
    from: 'export const TICK = 2',
    to: 'export const TICK = 1',
    because: 'How many parts a tick has makes no difference: half of one may be a fraction.',
  },
  {
    from: 'const apart = TICK * spread + 2 * inaccuracy',
    to: 'const apart = TICK * spread + 3 * inaccuracy',
    because: 'Where clocks may be further apart and still count, one that is far off does not yet.',
  },
  {
    from: 'const skews = Array.from({ length: spread + 1 }, (_, ticks) => TICK * ticks)',
    to: 'const skews = Array.from({ length: spread + 0 }, (_, ticks) => TICK * ticks)',
    because: 'How far apart clocks are at first is the bound of the model.',
  },
  {
    from: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    to: 'init: ({ self, choose }) => (outlier && self.rank === 1 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    because: 'Whichever slave is far off: they are alike.',
  },
  {
    from: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    to: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 9 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    because: 'How far off it is makes no difference, as long as it is too far to count.',
  },
  {
    from: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    to: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 11 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    because: 'How far off it is makes no difference, as long as it is too far to count.',
  },
  {
    from: 'init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    to: 'init: ({ self, choose }) => (outlier && self.rank !== 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),',
    because: 'Whichever slaves are far off: they are alike, and those that are not agree with the master.',
  },
] satisfies Survivors
