import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { berkeley } from './protocol.ts'

export const mutants = {
  outliersKept: {
    because: 'A clock that is far off counts like any other, and all the others are moved towards it.',
    breaks: 'steady',
    length: 5,
    change: spec => withRule(spec, 'only clocks that agree count', true),
  },
  outdated: {
    because: 'The master takes a clock as it was sent, without half of the round trip: a "server\'s answer" that is outdated.',
    breaks: 'close',
    length: 7,
    change: spec =>
      withHandler(spec, 'master', 'Clock', answer => (master, { type, clock }, from, here) => {
        const roundTrip = master.clock - (master.asked ?? 0)
        return answer(master, { type, clock: clock - roundTrip / 2 }, from, here)
      }),
  },
  timeNotOffset: {
    because: 'The master sends the time to which a slave should set its clock. By the time it arrives it is outdated.',
    breaks: 'close',
    length: 7,
    change: spec => {
      const timeIsSent = withHandler(spec, 'master', 'Clock', answer => (master, clock, from, here) => {
        const next = answer(master, clock, from, { ...here, send: () => {} })
        if (next.moved !== null) here.send(here.nodes.slave, { type: 'Move', by: next.clock })
        return next
      })
      return withHandler(
        timeIsSent,
        'slave',
        'Move',
        () =>
          (slave, { by: time }) =>
            slave.merge({ clock: time, moved: time - slave.clock }),
      )
    },
  },
  masterLeads: {
    because: "All machines are moved to the clock of the master: it is Cristian's algorithm, and the master must have the right time.",
    breaks: 'average',
    length: 6,
    change: spec =>
      withHandler(spec, 'master', 'Clock', answer => (master, clock, from, here) => {
        const moves: ((average: number) => void)[] = []
        const send: typeof here.send = (to, message) => {
          if (message.type === 'Move') moves.push(average => here.send(to, { ...message, by: message.by - average }))
        }
        const next = answer(master, clock, from, { ...here, send })
        for (const move of moves) move(next.moved ?? 0)
        return next.moved === null ? next : next.merge({ clock: master.clock, moved: 0 })
      }),
  },
  outliersStay: {
    because: 'A machine that is told to move its clock by far takes that for a mistake, and keeps its own time.',
    breaks: 'inTime',
    length: 11,
    change: spec => withHandler(spec, 'slave', 'Move', move => (slave, message) => (slave.isOutlier ? slave : move(slave, message))),
  },
} satisfies Mutants<typeof berkeley>
