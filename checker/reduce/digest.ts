import { combine } from '../values/hash.ts'
import type { Ints } from '../values/ints.ts'
import type { Replica } from './replay-journal.ts'

/**
 * A hash, 64 bits, of all that tables hold and that reductions learnt from them, by content: equal for equal protocols that were asked the same. If a journal,
 * replayed, gives another one, the protocol does something else than it did. Cost: once over the tables.
 */
export const digest = ({ tables, dead, bisimulation }: Replica): string => {
  let [low, high] = [1, 2]
  const add = (x: number): void => {
    low = combine(low, x)
    high = combine(high, x ^ 0x5bd1e995)
  }
  const addAll = (list: ArrayLike<number>): void => {
    add(list.length)
    for (let i = 0; i < list.length; i++) add(list[i] as number)
  }
  const addInts = ({ data, length }: Ints): void => addAll(data.subarray(0, length))
  const { values } = tables.system
  const addValue = (id: number): void => {
    add(values.hash(id, 0))
    add(values.hash(id, 1))
  }
  /** What is not 0, with its place: how wide a row is depends on when it was asked for. */
  const addRows = (rows: Int32Array, width: number): void => {
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] === 0) continue
      add(Math.floor(i / width))
      add(i % width)
      add(rows[i] as number)
    }
    add(-1)
  }

  for (const states of [...new Set(tables.locals), ...tables.observers]) {
    add(states.size)
    for (let state = 0; state < states.size; state++) {
      addValue(states.valueOf(state))
      add(states.crashed(state) ? 1 : 0)
    }
    addInts(states.bits)
    addInts(states.classes)
  }
  tables.predicates.pairs.forEach((...pair) => {
    addAll(pair)
  })
  addInts(tables.packets.from)
  addInts(tables.packets.to)
  for (let packet = 0; packet < tables.packets.size; packet++) addValue(tables.packets.message.data[packet] as number)
  addInts(tables.bits.packet)
  addInts(tables.bits.copy)
  addInts(tables.sends.start)
  addInts(tables.sends.data)
  addInts(tables.emits.start)
  for (let i = 0; i < tables.emits.data.length; i += 2) {
    add(tables.emits.data.data[i] as number)
    addValue(tables.emits.data.data[i + 1] as number)
  }
  const { start, to, sends, emits, broken, cut } = tables.outcomes
  for (const column of [start, to, sends, emits, broken, cut]) addInts(column)
  for (const [node, cells] of tables.cells.entries()) addRows(cells, tables.strides[node] as number)
  for (const lists of [tables.acts, tables.recoveries, tables.stopped, ...tables.ticks, tables.aged]) for (const list of lists) addInts(list)
  for (const { items } of tables.queues) for (const packets of items) addAll(packets)
  for (const effects of tables.globalLists) {
    add(effects.length)
    for (const { nodes, changes, sends: sent, emits: emitted } of effects) {
      addAll(nodes)
      addAll(changes)
      addAll([sent, emitted])
    }
  }
  for (const x of tables.changes.content()) add(x)
  addInts(tables.changes.to)
  addInts(tables.changes.broken)
  for (const x of tables.questions.content()) add(x)
  for (const { asks, results } of [...tables.globalMemos, ...tables.worldMemos, tables.restMemo]) {
    addInts(asks)
    addInts(results)
  }
  if (dead !== undefined) {
    add(dead.refutations)
    for (const rows of [...dead.carried, ...dead.alive]) addRows(rows, dead.words)
  }
  if (bisimulation !== undefined) for (const of of bisimulation.representatives) addAll(of)
  return [low, high].map(word => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
