/**
 * The Berkeley algorithm: a master polls the other machines "using Cristian's algorithm", takes the average of all clocks and tells each machine by how much to move its own.
 * K. Jamieson, "Time Synchronization and Logical Clocks", Princeton COS 418, slides "Berkeley algorithm": "Assumes all machines have equally-accurate local clocks".
 * R. Gusella and S. Zatti, "The Accuracy of the Clock Synchronization Achieved by TEMPO in Berkeley UNIX 4.3BSD", IEEE TSE 15(7), 1989, leave out of the average the clocks that are far from most.
 */
import { List, Map, Record } from 'immutable'
import { always, type From, family, type Id, type Proofs, type Protocol, reachable, synchronous, type World } from '../../checker/index.ts'

/** Clocks count half ticks, so that half a round trip is a whole number. */
export const TICK = 2

/** By how much a clock was moved is `null` until it was. */
export class Master extends Record({
  clock: 0,
  /** When it polled, by its own clock. */
  asked: null as number | null,
  /** How far each of the others is ahead of it. */
  ahead: Map<Id<'slave'>, number>(),
  moved: null as number | null,
}) {}

/** An outlier is a machine whose clock is far off from the start. */
export class Slave extends Record({ clock: 0, isOutlier: false, moved: null as number | null }) {}

export type Roles = {
  master: { state: Master; inbox: From<'slave', { readonly type: 'Clock'; readonly clock: number }> }
  slave: { state: Slave; inbox: From<'master', { readonly type: 'Poll' } | { readonly type: 'Move'; readonly by: number }> }
}

export type Observers = { readonly time: { readonly now: number } }
type Clocks = Pick<World<Roles>, 'all'>

/** The clocks of those who have done their part of the round. */
export const moved = ({ all }: Clocks): readonly { readonly clock: number }[] => [...all('master'), ...all('slave')].filter(one => one.moved !== null)

/** All but those that are far off. */
const counted = ({ all }: Clocks): readonly { readonly moved: number | null }[] => [...all('master'), ...all('slave').filter(({ isOutlier }) => !isOutlier)]

/** Is a slave's clock as close to the master's as the delays allow, once both were moved? */
export const isClose = ({ all }: Clocks, inaccuracy: number): boolean =>
  all('master').every(
    master => master.moved === null || all('slave').every(slave => slave.moved === null || Math.abs(slave.clock - master.clock) <= inaccuracy),
  )

/** "The largest set of clocks that do not differ from each other by more than" `apart`; of two such sets the one that is behind. */
export const mostThatAgree = (clocks: List<number>, apart: number): List<number> =>
  clocks
    .sort()
    .map(least => clocks.filter(clock => least <= clock && clock <= least + apart))
    .maxBy(agreeing => agreeing.size) ?? clocks

/**
 * In ticks: at first clocks are ahead of true time by up to `spread`, and that of one slave, if there is an `outlier`, by far more. A message takes from `fastest` to `slowest`. There is one round.
 */
export const berkeley = family({ slaves: 2, spread: 2, fastest: 0, slowest: 1, outlier: true }, ({ slaves, spread, fastest, slowest, outlier }) => {
  /** "Potential inaccuracy is half the additional RTT delay": of two delays it takes the mean for each. In half ticks. */
  const inaccuracy = slowest - fastest
  /** Two clocks that are not far off look no further apart. */
  const apart = TICK * spread + 2 * inaccuracy
  const skews = Array.from({ length: spread + 1 }, (_, ticks) => TICK * ticks)

  return {
    name: 'berkeley',
    source: 'Jamieson, Princeton COS 418, slides Berkeley algorithm; Gusella & Zatti 1989',
    network: 'reliable',
    timing: synchronous({ delay: { min: fastest, max: slowest }, horizon: 3 * slowest + 1 }),
    roles: {
      master: {
        count: 1,
        init: ({ choose }) => new Master({ clock: choose(skews) }),
        actions: {
          /** "Polls L other machines." */
          poll: {
            when: master => master.asked === null,
            do(master, { nodes, send }) {
              send(nodes.slave, { type: 'Poll' })
              return master.set('asked', master.clock)
            },
          },
        },
        tick: master => master.update('clock', clock => clock + TICK),
        due: master => master.asked === null,
        on: {
          Clock(master, { clock }, from, { nodes, send, rule }) {
            const roundTrip = master.clock - (master.asked ?? 0)
            const ahead = master.ahead.set(from, clock + roundTrip / 2 - master.clock)
            if (ahead.size < nodes.slave.length) return master.set('ahead', ahead)
            const all = List([0, ...ahead.values()])
            const agreeing = mostThatAgree(all, apart)
            const chosen = all.filter(one => rule('only clocks that agree count', agreeing.includes(one)))
            const average = Math.round(chosen.reduce((sum, one) => sum + one, 0) / chosen.size)
            for (const [slave, by] of ahead) send(slave, { type: 'Move', by: average - by })
            return master.merge({ clock: master.clock + average, ahead: Map(), moved: average })
          },
        },
      },
      slave: {
        count: slaves,
        init: ({ self, choose }) => (outlier && self.rank === 0 ? new Slave({ clock: 10 * apart, isOutlier: true }) : new Slave({ clock: choose(skews) })),
        tick: slave => slave.update('clock', clock => clock + TICK),
        on: {
          Poll(slave, _, master, { send }) {
            send(master, { type: 'Clock', clock: slave.clock })
            return slave
          },
          /** An offset, and not a time: however long it was under way. */
          Move: (slave, { by }) => slave.merge({ clock: slave.clock + by, moved: by }),
        },
      },
    },
    properties: {
      /** "Synchronizes clocks to that average": as far as the delays allow. */
      close: always<Roles>(world => isClose(world, inaccuracy)),

      /** No clock but one that is far off is moved by more than the clocks differed. */
      steady: always<Roles>(world => counted(world).every(one => Math.abs(one.moved ?? 0) <= apart)),

      /** Around their average, clocks are ahead by as much as others are behind: their moves add up to nothing but what rounding leaves. */
      average: always<Roles>(world => {
        const moves = counted(world).map(one => one.moved)
        return moves.includes(null) || Math.abs(moves.reduce<number>((sum, by) => sum + (by ?? 0), 0)) <= moves.length / 2
      }),

      /** A round takes no longer than three messages. */
      inTime: always<Roles, Observers>(world => world.observer('time').now <= 3 * slowest || moved(world).length === 1 + slaves),

      somebodyIsMoved: reachable(always<Roles>(({ all }) => all('slave').every(slave => slave.moved !== null && slave.moved !== 0))),
    },
  } satisfies Protocol<Roles, never, never, Observers>
})

export const proofs = [{}, { slaves: 3 }, { fastest: 1, slowest: 2 }, { outlier: false, slowest: 2 }] satisfies Proofs<typeof berkeley>
