import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 1 }, (_, ahead) => ahead)) }),',
    to: 'init: ({ choose }) => new Client({}),',
    because: 'With which clock it begins is forgotten when it is set.',
  },
  {
    from: 'init: () => new Server({ clock: TICK * skew }),',
    to: 'init: () => new Server({}),',
    because: 'With which clock the server begins makes no difference: it is what clients set theirs to.',
  },
  {
    from: 'const TICK = 2',
    to: 'const TICK = 1',
    because: 'How many parts a tick has makes no difference: half of one may be a fraction.',
  },
  {
    from: 'const TICK = 2',
    to: 'const TICK = 3',
    because: 'How many parts a tick has makes no difference: half of one may be a fraction.',
  },
  {
    from: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 1 }, (_, ahead) => ahead)) }),',
    to: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 1 * skew + 1 }, (_, ahead) => ahead)) }),',
    because: 'With which clock it begins is forgotten when it is set.',
  },
  {
    from: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 1 }, (_, ahead) => ahead)) }),',
    to: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 3 * skew + 1 }, (_, ahead) => ahead)) }),',
    because: 'With which clock it begins is forgotten when it is set.',
  },
  {
    from: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 1 }, (_, ahead) => ahead)) }),',
    to: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 0 }, (_, ahead) => ahead)) }),',
    because: 'With which clock it begins is forgotten when it is set.',
  },
  {
    from: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 1 }, (_, ahead) => ahead)) }),',
    to: 'init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 2 }, (_, ahead) => ahead)) }),',
    because: 'With which clock it begins is forgotten when it is set.',
  },
] satisfies Survivors
