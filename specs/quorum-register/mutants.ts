import { type Mutants, withRule } from '../../checker/index.ts'
import type { quorumRegister } from './protocol.ts'

export const mutants = {
  readsOne: {
    because: 'A read takes the first answer: r + w ≤ n, and that replica need not be among those that acknowledged the write.',
    breaks: 'readAfterWrite',
    length: 8,
    change: spec => withRule(spec, 'r replicas answered', true),
  },
  writesOne: {
    because: 'A write is complete with the first acknowledgement: r + w ≤ n, and that replica need not be among those that are read.',
    breaks: 'readAfterWrite',
    length: 8,
    change: spec => withRule(spec, 'w replicas acknowledged', true),
  },
  sloppyQuorum: {
    because: 'Another node stands in for a replica that cannot be reached, so quorums are r and w of n + 1 nodes, and need not share one.',
    breaks: 'readAfterWrite',
    length: 10,
    change: spec => ({ ...spec, roles: { ...spec.roles, replica: { ...spec.roles.replica, count: spec.roles.replica.count + 1 } } }),
  },
  takesOlder: {
    because: 'A replica takes an update though it has a more recent one, which is then no longer on w replicas.',
    breaks: 'readAfterWrite',
    length: 16,
    change: spec => withRule(spec, 'the update is more recent', true),
  },
  makesUp: {
    because: 'A replica answers with the number of the next write, which nobody has written.',
    breaks: 'readsOnlyWhatWasWritten',
    length: 5,
    change({ roles: { replica, ...roles }, ...spec }) {
      const Get: typeof replica.on.Get = (r, message, from, here) => {
        replica.on.Get(
          r.update('t', t => t + 1),
          message,
          from,
          here,
        )
        return r
      }
      return { ...spec, roles: { ...roles, replica: { ...replica, on: { ...replica.on, Get } } } }
    },
  },
  takesOldAcks: {
    because: 'A late acknowledgement of an earlier write counts for the present one, which is then complete before w replicas have it.',
    breaks: 'readAfterWrite',
    parameters: { writes: 2, readers: 1, reads: 2 },
    length: 13,
    change({ roles: { writer, ...roles }, ...spec }) {
      const Ack: typeof writer.on.Ack = (w, message, from, here) => writer.on.Ack(w, { ...message, t: w.t }, from, here)
      return { ...spec, roles: { ...roles, writer: { ...writer, on: { ...writer.on, Ack } } } }
    },
  },
} satisfies Mutants<typeof quorumRegister>
