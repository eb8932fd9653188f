import type { Replica } from '../../checker/reduce/replay-journal.ts'
import type { Tables } from '../../checker/tables/tables.ts'

/** All that tables, and what reductions learnt from them, hold: by content where a number of a value would do, since values are numbered by whoever comes first. */
export const contentOf = ({ tables, dead, bisimulation }: Replica): object => {
  const { system, packets, bits, sends, emits, outcomes } = tables
  const value = (id: number): string => `${system.values.hash(id, 0)} ${system.values.hash(id, 1)}`
  const ints = ({ data, length }: { data: Int32Array; length: number }): number[] => [...data.subarray(0, length)]
  const states = (of: Tables['locals'][number]): object => ({
    values: Array.from({ length: of.size }, (_, i) => [value(of.valueOf(i)), of.crashed(i)]),
    bits: ints(of.bits),
    classes: ints(of.classes),
  })
  const lists = (of: typeof sends): number[][] => Array.from({ length: of.start.length - 1 }, (_, i) => [...of.items(i)])
  return {
    locals: tables.locals.map(states),
    observers: tables.observers.map(states),
    packets: Array.from({ length: packets.size }, (_, i) => [packets.from.data[i], packets.to.data[i], value(packets.message.data[i] as number)]),
    columns: ints(packets.column),
    bits: [bits.packet, bits.next, bits.copy, bits.first].map(ints),
    sends: lists(sends),
    emits: lists(emits).map(list => list.map((x, i) => (i % 2 === 0 ? x : value(x)))),
    outcomes: [outcomes.start, outcomes.to, outcomes.sends, outcomes.emits, outcomes.broken, outcomes.cut].map(ints),
    cells: tables.cells.map((cells, node) => [...cells].flatMap((cell, i) => (cell === 0 ? [] : [`${place(i, tables.strides[node] as number)}: ${cell}`]))),
    acts: tables.acts.map(ints),
    recoveries: tables.recoveries.map(ints),
    stopped: tables.stopped.map(ints),
    queues: tables.queues.map(({ items, head, rest }) => [items, ints(head), ints(rest)]),
    channels: [tables.channelFrom, tables.channelTo, ints(tables.channel)],
    globals: [tables.globalLists, ints(tables.changes.to), ints(tables.changes.broken)],
    memos: [...tables.globalMemos, ...tables.worldMemos, tables.restMemo].map(({ asks, results }) => [ints(asks), ints(results)]),
    looksInFlight: tables.looksInFlight,
    dead: dead && {
      refutations: dead.refutations,
      carried: dead.carried.map(rows => bitsOf(rows, dead.words)),
      alive: dead.alive.map(rows => bitsOf(rows, dead.words)),
      delivered: dead.delivered.map(rows => bitsOf(rows, dead.words)),
      reached: system.nodes.map(({ index }) => [...dead.reached(index)]),
    },
    bisimulation: bisimulation && { merged: bisimulation.merged, representatives: bisimulation.representatives.map(of => [...of]) },
    journal: ints(tables.journal.entries),
  }
}

const place = (i: number, stride: number): string => `${Math.floor(i / stride)} ${i % stride}`

/** Rows of bits as (row, bit): how wide a row is depends on when it was asked for. */
const bitsOf = (rows: Int32Array, words: number): string[] =>
  [...rows].flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => bit).flatMap(bit => ((word >>> bit) & 1 ? [`${Math.floor(i / words)} ${(i % words) * 32 + bit}`] : [])),
  )
