import { type Id, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { abd } from './protocol.ts'

/** As if there were a replica less: the most of three, or half of four, are then more than half. */
const withoutTheLast = <H extends { readonly nodes: { readonly replica: readonly Id<'replica'>[] } }>(here: H): H => ({
  ...here,
  nodes: { ...here.nodes, replica: here.nodes.replica.filter(({ rank }) => rank < here.nodes.replica.length - 1) },
})

export const mutants = {
  noWriteBack: {
    because: 'A get returns without waiting for its read repair, so the next one may not find the value on the quorum that it reads.',
    breaks: 'linearizable',
    length: 12,
    change: spec => withRule(spec, 'a quorum stores what is read', true),
  },
  writesOne: {
    because: 'A set returns with the first acknowledgement, and a quorum that is then read need not have that replica in it.',
    breaks: 'linearizable',
    length: 8,
    change: spec => withRule(spec, 'a quorum stores what is written', true),
  },
  readsOne: {
    because: 'A get takes the first answer, and that replica need not be in the quorum that stores the value.',
    breaks: 'linearizable',
    length: 10,
    change: spec => withRule(spec, 'a quorum is read', true),
  },
  takesOlder: {
    because: 'A replica takes an update though it has a more recent one, which is then no longer stored on a quorum.',
    breaks: 'linearizable',
    length: 16,
    change: spec => withRule(spec, 'the update is more recent', true),
  },
  halfIsEnough: {
    because: 'Half of four replicas count as a quorum, and two halves need not share one.',
    breaks: 'linearizable',
    parameters: { replicas: 4, readers: 1 },
    length: 10,
    change: spec =>
      withHandler(
        withHandler(spec, 'writer', 'Ack', Ack => (writer, message, from, here) => Ack(writer, message, from, withoutTheLast(here))),
        'reader',
        'Value',
        Value => (reader, message, from, here) => Value(reader, message, from, withoutTheLast(here)),
      ),
  },
  asksOne: {
    because: 'One of several writers takes the first answer for the timestamp to exceed, so a set may be older than one that was complete before it began.',
    breaks: 'laterSetsAreNewer',
    parameters: { writers: 2, readers: 1, reads: 0 },
    length: 10,
    change: spec => withRule(spec, 'a quorum is asked for the timestamp', true),
  },
  tied: {
    because: 'Timestamps of one t are not told apart by their writers, so replicas keep different values, and none of two is the more recent.',
    breaks: 'converges',
    parameters: { writers: 2, readers: 1, reads: 0 },
    length: 12,
    change: spec => withRule(spec, 'the writers break ties', false),
  },
  noMinority: {
    because: 'The set goes to no more replicas than a quorum, so if one of these is down, it never ends.',
    breaks: 'available',
    parameters: { readers: 1, down: 1 },
    length: 2,
    change: spec => withAction(spec, 'writer', 'set', ({ when, do: set }) => ({ when, do: (writer, here) => set(writer, withoutTheLast(here)) })),
  },
  setsAskFew: {
    because: 'The set goes to no more replicas than a quorum, and one of these is down: the other has acknowledged it, and nothing more is to come.',
    breaks: 'setsEnd',
    parameters: { readers: 1, down: 1 },
    length: 4,
    change: spec => withAction(spec, 'writer', 'set', ({ when, do: set }) => ({ when, do: (writer, here) => set(writer, withoutTheLast(here)) })),
  },
  getsAskFew: {
    because: 'The get asks no more replicas than a quorum, and one of these is down.',
    breaks: 'getsEnd',
    parameters: { readers: 1, down: 1 },
    length: 4,
    change: spec => withAction(spec, 'reader', 'get', ({ when, do: get }) => ({ when, do: (reader, here) => get(reader, withoutTheLast(here)) })),
  },
} satisfies Mutants<typeof abd>
