/** Code over the whole state is remembered by what it asks: how often it runs, and that whatever it reads, in whatever way, is taken for read. The oracle says what is right. */
import { is, Map, Record, Seq, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import { always, crashStop, type Id } from '../../checker/index.ts'
import type { AnyProtocol, Spec } from '../../checker/protocol/protocol.ts'
import { ewd840 } from '../fixtures/ewd840.ts'
import { paxosBoard } from '../fixtures/paxos-board.ts'
import { oracle } from '../support/oracle.ts'

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Erased = any

describe('how often it runs', () => {
  // Before it was remembered by what it asks: 401,454 in 68,921 states of paxos-board, 691,280 in 36,991 of ewd840 with 6 nodes.
  const counted: readonly (readonly [string, Spec, Options, { readonly states: number; readonly calls: number }])[] = [
    ['paxos as a board, 2 ballots', paxosBoard({ ballots: 2 }), { reduce: ['symmetry'] }, { states: 443, calls: 509 }],
    ['EWD840, 4 nodes', ewd840({ nodes: 4 }), {}, { states: 1_566, calls: 155 }],
  ]

  it.each(counted)('%s', async (_, protocol, options, expected) => {
    const { verdict, states, handlerCalls } = await explore(protocol, options)
    expect({ verdict, states, calls: handlerCalls }).toEqual({ verdict: 'holds', ...expected })
  })
})

class Note extends Record({ kind: 'a' as 'a' | 'b', n: 0, by: null as Id | null }) {}

class Clerk extends Record({ n: 0, found: false, notes: Map<Id, number>(), last: null as Id | null }) {}

class Board extends Record({ posted: Set<Note>() }) {}

/** Clerks count, note and post by themselves; a global step, a property or `mayRest` looks at them. */
const office = (more: Partial<AnyProtocol>): AnyProtocol =>
  ({
    name: 'office',
    source: 'this test',
    network: 'reliable',
    roles: {
      clerk: {
        count: 2,
        init: () => new Clerk(),
        on: {},
        actions: {
          count: { when: (c: Erased) => c.n < 1 && !c.found, do: (c: Erased) => c.set('n', c.n + 1) },
          note: { when: (c: Erased) => c.n < 1 && c.notes.size < 1, do: (c: Erased, h: Erased) => c.set('notes', c.notes.set(h.choose(h.nodes.clerk), 1)) },
        },
      },
      board: { count: 1, init: () => new Board(), on: {} },
    },
    steps: {
      post: {
        do(w: Erased) {
          const by = w.choose(w.nodes.clerk)
          const board = w.nodes.board[0]
          const { posted } = w.get(board)
          const kind = posted.has(new Note({ by })) ? 'b' : 'a'
          w.set(board, w.get(board).set('posted', posted.add(new Note({ kind, by }))))
        },
      },
      ...more.steps,
    },
    properties: { neverBoth: always((w: Erased) => w.all('clerk').filter((c: Erased) => c.found).length < 2), ...more.properties },
    ...(more.mayRest === undefined ? {} : { mayRest: more.mayRest }),
    ...(more.faults === undefined ? {} : { faults: more.faults }),
  }) as unknown as AnyProtocol

/** A clerk that is chosen finds something, if this holds. */
const finding = (holds: (w: Erased, clerk: Erased, board: Erased) => boolean): AnyProtocol['steps'] => ({
  find: {
    do(w: Erased) {
      const clerk = w.choose(w.nodes.clerk)
      if (holds(w, clerk, w.get(w.nodes.board[0]))) w.set(clerk, w.get(clerk).set('found', true))
    },
  },
})

const isA = (note: Erased): boolean => note.kind === 'a'

const ways: { readonly [what: string]: (w: Erased, clerk: Erased, board: Erased) => boolean } = {
  'a field': (w, c) => w.get(c).n === 1,
  'a field of another': (w, c) => w.nodes.clerk.some((id: Erased) => id !== c && w.get(id).n === 1),
  'an entry': (w, c) => w.get(c).notes.get(c) === 1,
  'an entry that is not there': (w, c) => !w.get(c).notes.has(c),
  'a whole map': (w, c) => w.get(c).notes.some((_: number, id: Id) => id !== c),
  'how large a map is': (w, c) => w.get(c).notes.size === 1,
  'an element': (_, c, board) => board.posted.has(new Note({ by: c })),
  'an element, by includes and contains': (_, c, board) => board.posted.includes(new Note({ by: c })) && !board.posted.contains(new Note({ by: c, kind: 'b' })),
  'which elements': (_, c, board) => board.posted.filter((note: Erased) => note.by === c).size === 2,
  'which elements not': (_, c, board) => board.posted.filterNot((note: Erased) => note.by === c).size === 2,
  'whether any': (_, __, board) => board.posted.some(isA),
  'whether all': (_, __, board) => board.posted.every(isA),
  'how many': (_, __, board) => board.posted.count(isA) === 2,
  'how many in all': (_, __, board) => board.posted.count() === 3,
  'how large it is': (_, __, board) => board.posted.size === 3,
  'whether it is empty': (_, __, board) => board.posted.isEmpty(),
  'one of them': (_, c, board) => board.posted.find((note: Erased) => note.by === c && note.kind === 'b') !== undefined,
  'each in turn': (_, __, board) => [...board.posted].length === 2,
  'by reduce': (_, __, board) => board.posted.reduce((sum: number, note: Erased) => sum + (note.kind === 'a' ? 2 : 1), 0) === 3,
  'by map': (_, __, board) => board.posted.map((note: Erased) => note.kind).size === 2,
  'a question that asks a field': (w, c, board) => board.posted.some((note: Erased) => note.by === c && w.get(c).n === 1),
  'a question that asks for the set': (_, __, board) => board.posted.some((_note: Erased, _key: Erased, all: Erased) => all.size === 3),
  'a question that counts what it was asked': (_, __, board) => {
    let asked = 0
    board.posted.filter(() => {
      asked++
      return false
    })
    return asked === 3
  },
  'a question that keeps the greatest': (_, __, board) => {
    let greatest = ''
    board.posted.some((note: Erased) => {
      if (note.kind > greatest) greatest = note.kind
      return false
    })
    return greatest === 'b'
  },
  'a question that notes what it was asked': (_, __, board) => {
    const asked: unknown[] = []
    board.posted.every((note: Erased) => asked.push(note))
    return asked.length === 3
  },
  'a question that has another note it': (_, __, board) => {
    const asked: unknown[] = []
    const noted = (note: Erased): boolean => asked.push(note) === 3
    return !board.posted.some((note: Erased) => noted(note)) && asked.length === 1
  },
  'what setting returned, of all at once': w => w.all('clerk').every((c: Erased) => c.n === 1 && c.set('last', null) === c && c.set('found', true) !== c),
  'one of two that set returned': (w, c) => w.get(c).set('n', 0) === w.get(c) && w.get(c).set('n', 1) !== w.get(c),
  'a question that throws at what is not there': (_, c, board) =>
    board.posted.some((note: Erased) => {
      if (note.kind === 'b' && !board.posted.has(note)) throw new Error('never')
      return note.by === c
    }),
  'what set returned': (w, c) => w.get(c).set('n', 1) === w.get(c),
  'what merge returned': (w, c) => w.get(c).merge({ n: 1 }) === w.get(c),
  'what an entry returned': (w, c) => w.get(c).notes.set(c, 1) === w.get(c).notes,
  'what add returned': (_, c, board) => board.posted.add(new Note({ by: c })) === board.posted,
  'whether two are equal': (w, c) => w.nodes.clerk.every((id: Erased) => is(w.get(id), w.get(c))),
  'its JSON': (w, c) => JSON.stringify(w.get(c)).includes('"n":1'),
  'all fields': (w, c) => ({ ...w.get(c).toObject() }).n === 1,
  'a sequence of fields': (w, c) => Seq(w.get(c)).get('n') === 1,
  'after it was set': (w, c) => {
    w.set(c, w.get(c).set('n', w.get(c).n))
    return w.get(c).n === 1
  },
  'of one after another was set': (w, c) => {
    const other = w.nodes.clerk.find((id: Erased) => id !== c)
    w.set(other, w.get(c).set('notes', Map()))
    return w.get(other).n === 1
  },
  'whether it stopped': (w, c) => w.crashed(c) && w.get(c).n === 1,
}

/** What the engine says of it, reduced in several ways, is what the oracle says. */
const agree = async (protocol: AnyProtocol): Promise<void> => {
  const found = oracle(protocol, { statesMax: 5_000 })
  expect(found.complete).toBe(true)
  const plain = await explore(protocol, { reduce: [], property: 'neverBoth' })
  const length = found.properties['neverBoth']?.length ?? undefined
  for (const options of [
    { reduce: [] },
    { reduce: ['symmetry'] },
    {},
    { reduce: ['symmetry'], tuning: { universeMax: 2 } },
  ] as const satisfies readonly Options[]) {
    const { verdict, counterexample } = await explore(protocol, { ...options, property: 'neverBoth' })
    expect([verdict, counterexample?.steps.length]).toEqual(length === undefined ? ['holds', undefined] : ['violated', length])
  }
  expect([plain.verdict, plain.counterexample?.steps.length]).toEqual(length === undefined ? ['holds', undefined] : ['violated', length])
  if (plain.verdict === 'holds') expect(plain.states).toBe(found.states.length)
}

describe('what a global step reads', () => {
  it.each(Object.entries(ways))('%s', (what, holds) =>
    agree(office({ steps: finding(holds) ?? {}, ...(what.includes('stopped') ? { faults: [crashStop('clerk', { atMost: 1 })] } : {}) })),
  )
})

describe('what a property reads', () => {
  it.each(Object.entries(ways).filter(([name]) => !name.includes('set')))('%s', (_, holds) =>
    agree(
      office({
        properties: { neverBoth: always((w: Erased) => !w.nodes.clerk.every((c: Erased) => w.get(c).n > 0 && holds(w, c, w.get(w.nodes.board[0])))) },
      }),
    ),
  )
})

/** Nodes send, once each; a global step looks at what is in flight. */
const post = (network: 'reliable' | 'fifo', looks: (w: Erased, clerk: Erased) => boolean): AnyProtocol =>
  ({
    name: 'post',
    source: 'this test',
    network,
    roles: {
      clerk: {
        count: 3,
        init: () => new Clerk(),
        on: { Note: (c: Erased) => c.set('n', Math.min(2, c.n + 1)) },
        actions: {
          send: {
            when: (c: Erased) => c.last === null,
            do(c: Erased, h: Erased) {
              h.send(h.others, { type: 'Note', kind: h.choose(['a', 'b']) })
              return c.set('last', h.self)
            },
          },
        },
      },
    },
    steps: {
      find: {
        when: (w: Erased) => w.nodes.clerk.some((c: Erased) => looks(w, c)),
        do(w: Erased) {
          const clerk = w.choose(w.nodes.clerk.filter((c: Erased) => looks(w, c)))
          w.set(clerk, w.get(clerk).set('found', true))
        },
      },
    },
    properties: { neverBoth: always((w: Erased) => w.all('clerk').filter((c: Erased) => c.found).length < 2) },
  }) as unknown as AnyProtocol

describe('a global step that looks at what is in flight', () => {
  const flights: { readonly [what: string]: (w: Erased, clerk: Erased) => boolean } = {
    'how much it is': w => w.inFlight.length === 5,
    'that there is nothing': (w, c) => w.get(c).last !== null && w.inFlight.length === 0,
    'to whom': (w, c) => w.inFlight.every(({ to }: Erased) => to !== c) && w.get(c).n === 1,
    'from whom, and what': (w, c) => w.inFlight.filter(({ from, message }: Erased) => from === c && message.kind === 'b').length === 1,
    'only where nodes say so': (w, c) => w.get(c).n === 2 && w.inFlight.some(({ to }: Erased) => to !== c),
    'which no node hears of any more': (w, c) => w.get(c).n === 2 && w.inFlight.some(({ to }: Erased) => to === c),
  }

  it.each((['reliable', 'fifo'] as const).flatMap(network => Object.entries(flights).map(([what, looks]) => [network, what, looks] as const)))(
    '%s: %s',
    (network, _, looks) => agree(post(network, looks)),
  )

  it('is refused over fair-loss, where each message may be lost', () =>
    expect(explore({ ...post('reliable', w => w.inFlight.length === 0), network: 'fair-loss' } as AnyProtocol)).rejects.toThrow('IT LOOKS AT WHAT MAY BE LOST'))
})
