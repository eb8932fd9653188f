import { type Id, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { quorumRegister } from './protocol.ts'

/** Two of three replicas: as many as r and w are. */
const butOne = <H extends { readonly nodes: { readonly replica: readonly Id<'replica'>[] } }>(here: H): H => ({
  ...here,
  nodes: { ...here.nodes, replica: here.nodes.replica.filter(({ rank }) => rank > 0) },
})

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
    because:
      'A fourth node stands in for a replica that cannot be reached, and its acknowledgement counts. Reads ask the three replicas, and the two that answer need not have the write.',
    breaks: 'readAfterWrite',
    length: 10,
    change: ({ roles: { replica, ...roles }, ...spec }) =>
      withAction({ ...spec, roles: { ...roles, replica: { ...replica, count: replica.count + 1 } } }, 'reader', 'get', ({ when, do: get }) => ({
        when,
        do: (reader, here) => get(reader, { ...here, nodes: { ...here.nodes, replica: here.nodes.replica.filter(({ rank }) => rank < replica.count) } }),
      })),
  },
  readsOnlyR: {
    because: 'A reader asks no more replicas than it waits for, so if one of these is down, the read never ends.',
    breaks: 'readsAvailable',
    parameters: { readers: 1, down: 1 },
    length: 2,
    change: spec =>
      withAction(spec, 'reader', 'get', ({ when, do: get }) => ({
        when,
        do: (reader, here) => get(reader, butOne(here)),
      })),
  },
  writesOnlyW: {
    because: 'The writer writes to no more replicas than it waits for, so if one of these is down, the write never ends.',
    breaks: 'writesAvailable',
    parameters: { readers: 1, down: 1 },
    length: 2,
    change: spec =>
      withAction(spec, 'writer', 'set', ({ when, do: set }) => ({
        when,
        do: (writer, here) => set(writer, butOne(here)),
      })),
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
    change: spec =>
      withHandler(spec, 'replica', 'Get', Get => (replica, ...step) => {
        Get(
          replica.update('t', t => t + 1),
          ...step,
        )
        return replica
      }),
  },
  takesOldAcks: {
    because: 'A late acknowledgement of an earlier write counts for the present one, which is then complete before w replicas have it.',
    breaks: 'readAfterWrite',
    parameters: { writes: 2, readers: 1, reads: 2 },
    length: 15,
    change: spec =>
      withHandler(
        spec,
        'writer',
        'Ack',
        Ack =>
          (writer, message, ...step) =>
            Ack(writer, { ...message, t: writer.t }, ...step),
      ),
  },
} satisfies Mutants<typeof quorumRegister>
