/**
 * A deterministic consensus in an asynchronous system: it is safe, and there are executions in which nobody ever decides.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Consensus system models": "There is no deterministic consensus algorithm that is guaranteed to terminate in an
 * asynchronous crash-stop system model." M. Fischer, N. Lynch and M. Paterson, "Impossibility of Distributed Consensus with One Faulty Process", JACM 32(2), 1985.
 * The algorithm is that of M. Ben-Or, "Another Advantage of Free Choice", PODC 1983, with 0 in place of the coin.
 */
import { List, Map, Record } from 'immutable'
import {
  always,
  crashStop,
  eachPair,
  eventually,
  fairDelivery,
  family,
  type Here,
  type Id,
  leadsTo,
  type Proofs,
  type Protocol,
  reachable,
  some,
  type World,
  weaklyFair,
} from '../../checker/index.ts'

type Node = Id<'node'>

/** A report is a value, a proposal a value or null. */
type Value = 0 | 1 | null

type Message = { readonly type: 'Report' | 'Proposal'; readonly v: Value } | { readonly type: 'Decided'; readonly v: Value }

export class Process extends Record({
  input: 0 as Value,
  x: 0 as Value, // its estimate
  phase: null as 'Report' | 'Proposal' | null, // what it waits for; null before it begins
  heard: Map<Node, Value>(), // in this phase, its own included
  early: Map<Node, List<Value>>(), // of later phases, in order
  late: Map<Node, number>(), // how many messages of earlier phases are still to come from whom it did not wait for
  decision: null as Value,
}) {}

type Roles = { node: { state: Process; inbox: Message } }
type HereNode = Here<Roles, 'node'>

/** What all of them say, if it is one value. */
const common = (heard: Map<Node, Value>): Value => {
  const [v = null, ...others] = heard.valueSeq().toSet()
  return others.length === 0 ? v : null
}

const decided = (p: Process, v: Value, { others, send }: HereNode): Process => {
  send(others, { type: 'Decided', v })
  return new Process({ input: p.input, x: v, decision: v })
}

/** Says what it has to say in the next phase. */
const next = (p: Process, phase: 'Report' | 'Proposal', v: Value, { self, others, send }: HereNode): Process => {
  send(others, { type: phase, v })
  const early = p.early.filter(values => !values.isEmpty())
  return p.merge({
    phase,
    heard: early.map(values => values.first() as Value).set(self, v),
    early: early.map(values => values.shift()).filter(values => !values.isEmpty()),
    late: others.reduce((late, id) => (p.phase === null || p.heard.has(id) ? late : late.update(id, 0, count => count + 1)), p.late),
  })
}

/** Goes on as far as it has heard from enough nodes. */
const goesOn = (p: Process, here: HereNode): Process => {
  const { others, rule } = here
  const missing = others.length + 1 - p.heard.size
  if (p.phase === null || !(missing === 0 || rule('one need not be heard', missing === 1))) return p
  if (p.phase === 'Report') {
    // "If more than n/2 messages have the same value v, send (P, v), else (P, ?)": of three, two.
    return goesOn(next(p, 'Proposal', common(p.heard), here), here)
  }
  const v = p.heard.valueSeq().find(value => value !== null) ?? null
  if (v !== null && rule('two propose it', p.heard.count(value => value === v) >= 2)) return decided(p, v, here)
  // The others may have decided on what one proposes. Where nobody proposes, Ben-Or throws a coin.
  const x = rule('what one proposes is taken', v !== null) ? v : 0
  return goesOn(next(p.set('x', x), 'Report', x, here), here)
}

const hear = (p: Process, { v }: { readonly v: Value }, from: Node, here: HereNode): Process => {
  if (p.decision !== null) return p
  // Links keep the order of messages, so which phase one is of can be told by counting.
  const late = p.late.get(from, 0)
  if (late > 0) return p.set('late', late === 1 ? p.late.delete(from) : p.late.set(from, late - 1))
  if (p.phase === null || p.heard.has(from)) return p.update('early', early => early.update(from, List(), values => values.push(v)))
  return goesOn(p.setIn(['heard', from], v), here)
}

const isDone = ({ nodes, get, crashed }: World<Roles, string>): boolean => nodes.node.every(id => crashed(id) || get(id).decision !== null)

/** Bounds: nobody goes on when it is more than `ahead` phases before what it has heard of another, or behind. */
export const flp = family(
  { nodes: 3, crashes: 0, ahead: 1 },
  ({ nodes, crashes, ahead }) =>
    ({
      name: 'flp',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Consensus system models; Fischer, Lynch & Paterson 1985',
      network: 'fifo',
      faults: [crashStop('node', { atMost: crashes })],
      roles: {
        node: {
          count: nodes,
          init({ choose }) {
            const input = choose([0, 1] as const)
            return new Process({ input, x: input })
          },
          actions: {
            begin: {
              when: p => p.phase === null && p.decision === null,
              do: (p, here) => goesOn(next(p, 'Report', p.x, here), here),
            },
          },
          on: {
            Report: hear,
            Proposal: hear,
            Decided: (p, { v }, _, here) => (p.decision === null ? decided(p, v, here) : p),
          },
          within: p => p.late.every(count => count <= ahead) && p.early.every(values => values.size <= ahead),
        },
      },
      // The weakest that one may ask for: links deliver, and each node begins.
      fairness: [fairDelivery(), weaklyFair('node', 'begin')],
      properties: {
        /** No two decide differently. */
        agreement: eachPair(
          'node',
          p => p.decision,
          (a, b) => a === null || b === null || a === b,
        ),

        /** What is decided was the input of some node. */
        validity: always(({ all }: World<Roles, string>) =>
          all('node').every(({ decision }) => decision === null || all('node').some(({ input }) => input === decision)),
        ),

        /** If all inputs are the same, all that are up decide in the end, though one may crash. */
        decidesWhatAllWant: eventually(always((world: World<Roles, string>) => isDone(world) || new Set(world.all('node').map(({ input }) => input)).size > 1)),

        /** If one decides, all that are up decide in the end. */
        spreads: leadsTo(
          some(
            'node',
            p => p.decision !== null,
            isDecided => isDecided,
          ),
          always(isDone),
        ),

        /** From different inputs either value is decided. */
        decidesZero: reachable(
          some(
            'node',
            p => p.decision === 0 && p.input === 1,
            isZero => isZero,
          ),
        ),
        decidesOne: reachable(
          some(
            'node',
            p => p.decision === 1 && p.input === 0,
            isOne => isOne,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { crashes: 1 }, { crashes: 1, ahead: 2, slow: true }] satisfies Proofs<typeof flp>
