import { SpecError } from '../protocol/errors.ts'
import { HEAD, type JournalRequest, requests, THREW } from '../tables/journal.ts'
import type { Tables } from '../tables/tables.ts'
import type { Bisimulation } from './bisimulation/bisimulation.ts'
import type { DeadMessages } from './dead-messages.ts'

/** What a journal is replayed into: made of the same protocol, with the same reductions, and asked nothing else since. */
export interface Replica {
  readonly tables: Tables
  readonly dead: DeadMessages | undefined
  readonly bisimulation: Bisimulation | undefined
}

/** The journal is not one of this protocol. */
export class JournalDiffers extends Error {}

/**
 * Makes the requests of a journal once more (see tables/journal.ts, which says why that gives the same tables), from what the replica has
 * already to `end`. The replica writes a journal of its own meanwhile, which must come out the same: that is where it stands, and
 * how a journal of another protocol is found out, at the first request that has another answer.
 *
 * @param entries the journal from its beginning: `Journal.entries.data`, or a copy of it that has grown
 * @throws JournalDiffers, or whatever the code of another protocol throws; the replica is of no use then
 */
export const replayJournal = (entries: Int32Array, end: number, replica: Replica): void => {
  const mine = replica.tables.journal.entries
  for (let at = mine.length; at < end; ) {
    const head = entries[at] as number
    const next = at + HEAD + (entries[at + 1] as number)
    if (next > end) throw new JournalDiffers(`The journal ends within an entry, at ${at}.`)
    const args = entries.subarray(at + HEAD, next)
    const again = make[(head & ~THREW) as JournalRequest]
    if (again === undefined) throw new JournalDiffers(`There is no request ${head & ~THREW}, at ${at}.`)
    try {
      again(replica, args[0] as number, args[1] as number, args[2] as number, args)
    } catch (error) {
      // The search passed it over as well, or it would have no later entry; the comparison below tells.
      if (!(error instanceof SpecError)) throw error
    }
    if (mine.length !== next || !same(mine.data, entries, at, next)) throw new JournalDiffers(`Request ${head & ~THREW}, at ${at}, has another answer.`)
    at = next
  }
}

const same = (a: Int32Array, b: Int32Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false
  return true
}

/** How each request is made again, from its first three arguments, or from all. */
const make: { readonly [request in JournalRequest]: (replica: Replica, a: number, b: number, c: number, args: Int32Array) => unknown } = {
  [requests.deliver]: ({ tables }, node, local, packet) => tables.deliver(node, local, packet),
  [requests.take]: ({ tables }, node, local, packet) => tables.markTaken(node, local, packet),
  [requests.react]: ({ tables }, node, local, packet) => tables.reaction(node, local, packet),
  [requests.act]: ({ tables }, node, local) => tables.act(node, local),
  [requests.foresee]: ({ tables }, node, local) => tables.foresee(node, local),
  [requests.recover]: ({ tables }, node, local) => tables.recover(node, local),
  [requests.stop]: ({ tables }, node, local) => tables.stop(node, local),
  [requests.observe]: ({ tables }, observer, state, emits) => tables.observe(observer, state, emits),
  [requests.globalStep]: ({ tables }, step, _b, _c, args) => tables.globalStep(step, args.subarray(1), () => [...args.subarray(1 + tables.fixedComponents)]),
  [requests.change]: ({ tables }, node, change, local) => tables.change(node, change, local),
  [requests.world]: ({ tables }, k, _b, _c, args) => tables.worldBits(k, args.subarray(1), () => [...args.subarray(1 + tables.fixedComponents)]),
  [requests.rest]: ({ tables }, _a, _b, _c, args) => tables.mayRest(args.subarray(1), () => [...args.subarray(1 + tables.fixedComponents)]),
  [requests.pair]: ({ tables }, a, b) => tables.pairBits(a, b),
  [requests.localImage]: ({ tables }, g, node, local) => tables.localImage(g, node, local),
  [requests.observerImage]: ({ tables }, g, observer, state) => tables.observerImage(g, observer, state),
  [requests.packetImage]: ({ tables }, g, packet) => tables.packetImage(g, packet),
  [requests.queueImage]: ({ tables }, g, channel, queue) => tables.queueImage(g, channel, queue),
  [requests.channelImage]: ({ tables }, g, channel) => tables.channelImage(g, channel),
  [requests.copy]: ({ tables }, bit) => tables.copy(bit),
  [requests.tick]: ({ tables }, node, local, rate) => tables.tick(node, local, rate),
  [requests.age]: ({ tables }, packet, isTimely) => tables.age(packet, isTimely),
  [requests.ageQueue]: ({ tables }, channel, queue, arrival) => tables.ageQueue(channel, queue, arrival),
  [requests.push]: ({ tables }, channel, queue, packet) => tables.push(channel, queue, packet),
  [requests.deadDeliver]: ({ dead }, node, local, packet) => dead?.deliver(node, local, packet),
  [requests.deadEdges]: ({ dead }, node, local, list) => dead?.edges(node, local, list),
  [requests.deadEdge]: ({ dead }, node, from, to) => dead?.edge(node, from, to),
  [requests.deadCarry]: ({ dead }, _a, _b, _c, args) => dead?.carry(threes(args)),
  [requests.deadForgive]: ({ dead }) => dead?.forgive(),
  [requests.adopt]: ({ bisimulation }, _a, _b, _c, args) => bisimulation?.useRepresentatives(rowsOf(args)),
}

const threes = (args: Int32Array): (readonly [number, number, number])[] =>
  Array.from({ length: args.length / 3 }, (_, i) => [args[3 * i] as number, args[3 * i + 1] as number, args[3 * i + 2] as number])

/** Rows that were laid one after the other, each behind its length. */
const rowsOf = (args: Int32Array): Int32Array[] => {
  const rows: Int32Array[] = []
  for (let at = 0; at < args.length; at += 1 + (args[at] as number)) rows.push(args.slice(at + 1, at + 1 + (args[at] as number)))
  return rows
}
