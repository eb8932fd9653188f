/**
 * Collaborative text editing by operational transformation: an operation that comes late is changed so that it does there what it did where it was made.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Operational transformation". Generate and Receive are those of D. Nichols et al., "High-Latency,
 * Low-Bandwidth Windowing in the Jupiter Collaboration System", UIST 1995, Figure 5, line by line: each link has two sides, and the server is one of each.
 */
import { is, List, Map, Range, Record, Set } from 'immutable'
import {
  each,
  eachPairOf,
  family,
  type Here,
  type Id,
  type Proofs,
  type Protocol,
  reachable,
  somePair,
  strongEventualConsistency,
} from '../../checker/index.ts'

type Client = Id<'client'>

/** insert(index, v) or delete(index), where v is what stands there; without an index there is nothing left to do. `by` is whose it is. */
export class Operation extends Record({ op: 'insert' as 'insert' | 'delete', index: 0 as number | null, v: '', by: null as Client | null }) {}

type Message = { readonly type: 'Op'; readonly op: Operation; readonly myMsgs: number; readonly otherMsgs: number }

class Queued extends Record({ op: new Operation(), myMsgs: 0 }) {}

/** One side of a link. */
class Side extends Record({
  myMsgs: 0, // number of messages generated
  otherMsgs: 0, // number of messages received
  outgoing: List<Queued>(),
}) {}

/** The text; and for the judge, which operations are in it. */
class Document extends Record({ text: List(['a']), processed: Set<Operation>() }) {}

export class Editor extends Record({ document: new Document(), made: List<Operation>(), side: new Side() }) {}

export class Server extends Record({ document: new Document(), sides: Map<Client, Side>() }) {}

type Roles = {
  client: { state: Editor; inbox: Message }
  server: { state: Server; inbox: Message }
}

const rank = ({ by }: Operation) => by?.rank ?? 0

/** `a` as it is to be done after `b`. Of two that insert at the same place, the letter of the lower client stands first. */
export const transform = (a: Operation, b: Operation): Operation => {
  if (a.index === null || b.index === null) return a
  if (b.op === 'insert') {
    const isBefore = a.index < b.index || (a.op === 'insert' && a.index === b.index && rank(a) < rank(b))
    return isBefore ? a : a.set('index', a.index + 1)
  }
  if (a.op === 'delete' && a.index === b.index) return a.set('index', null)
  return a.index <= b.index ? a : a.set('index', a.index - 1)
}

/** What the operation is at any place. */
const named = (op: Operation) => op.set('index', null)

export const apply = (text: List<string>, { op, index, v }: Operation): List<string> =>
  index === null ? text : op === 'insert' ? text.insert(index, v) : text.delete(index)

const applied = ({ text, processed }: Document, op: Operation) => new Document({ text: apply(text, op), processed: processed.add(named(op)) })

type HereOf<K extends 'client' | 'server'> = Here<Roles, K>

// Generate(op): the operation was applied locally, and is sent.
const generate = ({ myMsgs, otherMsgs, outgoing }: Side, op: Operation, send: (message: Message) => void): Side => {
  send({ type: 'Op', op, myMsgs, otherMsgs })
  return new Side({ myMsgs: myMsgs + 1, otherMsgs, outgoing: outgoing.push(new Queued({ op, myMsgs })) })
}

// Receive(msg)
const receive = (side: Side, msg: Message, { rule }: Pick<HereOf<'server'>, 'rule'>): readonly [Side, Operation] => {
  // Discard acknowledged messages.
  const outgoing = side.outgoing.filter(m => !rule('it is acknowledged', m.myMsgs < msg.otherMsgs))
  let { op } = msg
  // Transform new message and the ones in the queue.
  const transformed = outgoing.map(m => {
    const before = op
    op = transform(op, m.op)
    return rule('the queue is transformed', true) ? m.set('op', transform(m.op, before)) : m
  })
  return [new Side({ myMsgs: side.myMsgs, otherMsgs: side.otherMsgs + 1, outgoing: transformed }), op]
}

const letters = [List('xX'), List('yY'), List('zZ')]

/**
 * Bounds: the first client makes `updates` operations, each other one `others`. `over` says who talks to whom: `server`, or `peers`, without one: then each makes an operation before it
 * has heard of any, and does what it receives after all that it has done.
 */
export const operationalTransformation = family({ clients: 2, updates: 2, others: 1, over: 'server' }, ({ clients, updates, others, over }) => {
  const isServed = over === 'server'

  /** An operation of the user's own. */
  const edit = (c: Editor, op: Operation, { nodes, broadcast, send }: HereOf<'client'>): Editor => {
    const side = generate(c.side, op, message => (isServed ? send(nodes.server, message) : broadcast(message)))
    return c.merge({ document: applied(c.document, op), made: c.made.push(op), side })
  }

  const mayEdit = (c: Editor, { self }: { readonly self: Client }) =>
    c.made.size < (self.rank === 0 ? updates : others) && (isServed || c.document.processed.isEmpty())

  return {
    name: 'operational-transformation',
    source: 'Kleppmann 2025/26, Distributed Systems, slide Operational transformation; Nichols, Curtis, Dixon & Lamping 1995, Jupiter',
    network: 'fifo',
    roles: {
      client: {
        count: clients,
        init: () => new Editor(),
        actions: {
          insert: {
            when: mayEdit,
            do(c, here) {
              const index = here.choose(Range(0, c.document.text.size + 1))
              const v = letters[here.self.rank]?.get(c.made.size) ?? ''
              return edit(c, new Operation({ op: 'insert', index, v, by: here.self }), here)
            },
          },
          delete: {
            when: mayEdit,
            do(c, here) {
              const index = here.choose(Range(0, c.document.text.size))
              return edit(c, new Operation({ op: 'delete', index, v: c.document.text.get(index) as string, by: here.self }), here)
            },
          },
        },
        on: {
          Op(c, message, _, here) {
            if (isServed) {
              const [side, op] = receive(c.side, message, here)
              return c.merge({ side, document: applied(c.document, op) })
            }
            const op = c.side.outgoing.reduce((op, m) => transform(op, m.op), message.op)
            return c.merge({ document: applied(c.document, op), side: c.side.set('outgoing', c.side.outgoing.push(new Queued({ op }))) })
          },
        },
      },
      server: {
        count: 1, // who has nothing to do among peers
        init: () => new Server(),
        on: {
          Op(s, message, from, here) {
            const sideOf = (client: Client) => s.sides.get(client, new Side())
            const [side, op] = receive(sideOf(from as Client), message, here)
            const sides = here.nodes.client.reduce(
              (sides, client) => {
                if (client === from) return sides
                return sides.set(
                  client,
                  generate(sideOf(client), op, toClient => here.send(client, toClient)),
                )
              },
              s.sides.set(from as Client, side),
            )
            return s.merge({ sides, document: applied(s.document, op) })
          },
        },
      },
    },
    properties: {
      /** Clients that have processed the same operations, in whichever order, have the same text. */
      ...strongEventualConsistency<Roles, 'client'>('client', {
        made: c => c.made.map(named).toSet(),
        processed: c => c.document.processed,
        state: c => c.document.text,
      }),

      /** And so has the server. */
      sameAsServer: eachPairOf(
        'client',
        (c: Editor) => c.document,
        'server',
        (s: Server) => s.document,
        (a, b) => !is(a.processed, b.processed) || is(a.text, b.text),
      ),

      /** What was inserted and not deleted stands in the text, once. */
      whatIsThere: each(
        'client',
        (c: Editor) => c.document,
        ({ text, processed }) => {
          const letters = (op: string) => processed.filter(made => made.op === op).map(({ v }) => v)
          return is(text.sort(), Set(['a']).union(letters('insert')).subtract(letters('delete')).toList().sort())
        },
      ),

      /** Each has an operation that the other one has not. */
      concurrent: reachable(
        somePair(
          'client',
          (c: Editor) => c,
          (a, b) => a.made.some(op => !b.document.processed.has(named(op))) && b.made.some(op => !a.document.processed.has(named(op))),
        ),
      ),

      everybodyHasAll: reachable(
        each(
          'client',
          (c: Editor) => c.document.processed.size,
          size => size === updates + (clients - 1) * others,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { others: 2, slow: true }, { clients: 3, updates: 1, slow: true }, { updates: 1, over: 'peers' }] satisfies Proofs<
  typeof operationalTransformation
>
