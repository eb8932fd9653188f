/**
 * Collaborative text editing with a CRDT: a character has a position between those of its neighbours, for good.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Operation-based text CRDT (1/2)" and "(2/2)", line by line but for one thing: there a character is
 * named by (p, n), and a node may give one name twice. Here a name has a number, too; the mutant `asOnTheSlides` is without.
 */
import { is, List, Range, Record, Set } from 'immutable'
import {
  always,
  each,
  eachPair,
  family,
  type Id,
  type LayerHere,
  type Proofs,
  type Protocol,
  reachable,
  some,
  step,
  strongEventualConsistency,
  type World,
} from '../../checker/index.ts'
import type { causal, Dependent } from '../causal-broadcast/protocol.ts'
import { type Reliable, reliable } from '../reliable-broadcast/protocol.ts'
import { broadcastOf, type Stacked, type StackedRoles, stack } from '../state-machine-replication/over.ts'

type Node = Id<'node'>

/** A position: an exact fraction, as the pair of its numerator and its denominator, in lowest terms. */
type Position = List<number>

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

export const fraction = (numerator: number, denominator: number): Position => {
  const common = divisor(numerator, denominator)
  return List([numerator / common, denominator / common])
}

const pairOf = (p: Position) => p.toArray() as [number, number]

/** (p₁ + p₂) / 2 */
const middle = (p1: Position, p2: Position): Position => {
  const [a, b] = pairOf(p1)
  const [c, d] = pairOf(p2)
  return fraction(a * d + c * b, 2 * b * d)
}

/** Negative if p₁ < p₂. */
const compare = (p1: Position, p2: Position): number => {
  const [a, b] = pairOf(p1)
  const [c, d] = pairOf(p2)
  return a * d - c * b
}

/** (p, n, v); `number` says which of the insertions of n it is. */
export class Char extends Record({ p: fraction(0, 1), n: null as Node | null, number: 0, v: '' }) {}

const rank = ({ n }: Char) => n?.rank ?? -1

/** By position, then by node, then by number: negative if `a` stands before `b`. */
const order = (a: Char, b: Char): number => compare(a.p, b.p) || rank(a) - rank(b) || a.number - b.number

/** The characters as they stand: ELEMENTAT(chars, index) is the one at `index`. */
export const sorted = (chars: Set<Char>): List<Char> => chars.toList().sort(order)

/** (insert, p, n, v) or (delete, p, n), asked for by a node. */
export class Update extends Record({ op: 'insert' as 'insert' | 'delete', char: new Char(), by: null as Node | null }) {}

// on initialisation
export class Replica extends Record({
  chars: Set([new Char({ v: '⊢' }), new Char({ p: fraction(1, 1), v: '⊣' })]),
  made: List<Update>(),
}) {}

type Roles = StackedRoles<Replica>
export type Site = Stacked<Replica>

/** What a reader sees. */
export const text = ({ chars }: Replica): List<Char> => sorted(chars).slice(1, -1)

const isNamed = (a: Char, b: Char) => order(a, b) === 0

/** What the nodes write. */
const letters = [List('abc'), List('xyz'), List('123')]

/**
 * Bounds: the first node inserts or deletes `updates` times, each of the others `others` times. `over` is the broadcast. `name`: what names a character besides its position: `node and number`, `node`, or `nothing`.
 * A user sees what he has written before he writes on: a node delivers its own updates at once.
 */
export const crdtText = family({ nodes: 2, updates: 2, others: 1, over: 'causal', name: 'node and number' }, ({ nodes, updates, others, over, name }) => {
  const { role, sendAndDeliver } = stack<Replica, never>(broadcastOf(over, 0), {
    init: new Replica(),

    deliver(n, u: Update) {
      // on delivering (insert, p, n, v) by causal broadcast
      if (u.op === 'insert') return n.set('chars', n.chars.add(u.char))
      // on delivering (delete, p, n) by causal broadcast
      return n.set(
        'chars',
        n.chars.filter(char => !isNamed(char, u.char)),
      )
    },
  })

  const reliableOf = ({ below }: Site) => (over === 'causal' ? (below as typeof causal.init).reliable : (below as Reliable))

  /** What was delivered: all that was received, but for what has to wait for its causes. */
  const processed = (site: Site): Set<unknown> => {
    const { received } = reliableOf(site)
    return over === 'causal' ? received.subtract((site.below as typeof causal.init).buffer).map(msg => (msg as Dependent).m) : received
  }

  const mayWrite = ({ app }: Site, { self }: { readonly self: Node }) => app.made.size < (self.rank === 0 ? updates : others)

  return {
    name: 'crdt-text',
    source: 'Kleppmann 2025/26, Distributed Systems, slides Operation-based text CRDT (1/2), (2/2)',
    network: 'fair-loss',
    roles: {
      node: {
        ...role,
        count: nodes,
        actions: {
          ...role.actions,
          // on request to insert character v at index at node nodeId
          insert: {
            when: mayWrite,
            do(site, here) {
              const { self, choose } = here
              const { chars, made } = site.app
              const index = choose(Range(0, chars.size - 1))
              const { p: p1 } = sorted(chars).get(index) as Char
              const { p: p2 } = sorted(chars).get(index + 1) as Char
              const v = letters[self.rank]?.get(made.size) ?? ''
              const char = new Char({ p: middle(p1, p2), n: name === 'nothing' ? null : self, number: name === 'node and number' ? made.size : 0, v })
              const u = new Update({ op: 'insert', char, by: self })
              return sendAndDeliver(site.set('app', site.app.set('made', made.push(u))), u, here)
            },
          },
          // on request to delete character at index
          delete: {
            when: mayWrite,
            do(site, here) {
              const { chars, made } = site.app
              const index = here.choose(Range(0, chars.size - 2))
              const char = sorted(chars).get(index + 1) as Char
              const u = new Update({ op: 'delete', char, by: here.self })
              return sendAndDeliver(site.set('app', site.app.set('made', made.push(u))), u, here)
            },
          },
          // The links retry.
          repeat: {
            when: site => !reliableOf(site).received.isEmpty(),
            do(site, here) {
              reliable.repeat(reliableOf(site), here as unknown as LayerHere<unknown>)
              return site
            },
          },
        },
      },
    },
    properties: {
      /** "Insertion and deletion of different characters commute." */
      ...strongEventualConsistency<Roles, 'node'>('node', { made: n => n.app.made.toSet(), processed, state: n => n.app.chars }),

      /** What a node has is what was inserted, and not deleted, of all that it has processed. */
      whatIsThere: each(
        'node',
        (site: Site) => site,
        site => {
          const updates = (processed(site) as Set<Update>).groupBy(({ op }) => op)
          const chars = (op: string) => updates.get(op as 'insert', Set<Update>()).map(({ char }) => char)
          return is(site.app.chars, new Replica().chars.union(chars('insert').subtract(chars('delete'))))
        },
      ),

      /** "(p₁ + p₂)/2": a character is inserted between two neighbours, or where both are if they are at the same position. */
      inItsPlace: step('node', ({ app: before }: Site, { app: after }: Site) =>
        after.made.size === before.made.size
          ? true
          : after.chars.subtract(before.chars).every(({ p }) => {
              const places = sorted(before.chars).map(char => Math.sign(compare(char.p, p)))
              return places.some((place, i) => (place === -1 && places.get(i + 1) === 1) || (place === 0 && places.get(i + 1) === 0))
            }),
      ),

      /** ELEMENTAT: "the unique triple". */
      unique: each(
        'node',
        ({ app }: Site) => app.chars,
        chars => chars.every(char => chars.count(other => isNamed(char, other)) === 1),
      ),

      /** A node says of what it writes that it wrote it: "by node nodeId". */
      signs: always(({ nodes, get }: World<Roles, string>) => nodes.node.every(id => get(id).app.made.every(({ by }) => by === id))),

      /** Two characters stand in the same order wherever they stand. */
      sameOrder: eachPair(
        'node',
        ({ app }: Site) => text(app).map(({ v }) => v),
        (a, b) =>
          is(
            a.filter(v => b.includes(v)),
            b.filter(v => a.includes(v)),
          ),
      ),

      /** Two insert at the same place, and both have the same text. */
      concurrent: reachable(
        each(
          'node',
          ({ app }: Site) => app.chars,
          chars =>
            text(new Replica({ chars }))
              .groupBy(({ p }) => p)
              .some(group => group.size > 1),
        ),
      ),

      /** A character is deleted by who did not insert it. */
      deletesAnothers: reachable(
        some(
          'node',
          ({ app }: Site) => app.made,
          made => made.some(u => u.op === 'delete' && u.char.n !== u.by),
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { others: 2, slow: true }, { updates: 3, slow: true }, { nodes: 3, updates: 1, slow: true }] satisfies Proofs<typeof crdtText>
