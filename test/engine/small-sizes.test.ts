/** What only large protocols came to before, on small ones: with small sizes (`Options.tuning`). Each was found by searches with random options (test/support/random-searches.ts). */
import { readFileSync } from 'node:fs'
import * as immutable from 'immutable'
import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { canAlways, crashStop, each, eachPair, type Protocol, some } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { Tuning } from '../../checker/tables/tuning.ts'
import { keptStates } from '../support/kept-states.ts'
import { withLate } from '../support/late-looks.ts'
import { oracle } from '../support/oracle.ts'
import { protocolOf } from '../support/random-protocol.ts'
import { agreeOnDrawn, type RandomSearch } from '../support/random-searches.ts'
import { watched } from '../support/watched.ts'

const tiny: Partial<Tuning> = {
  firstStates: 6,
  scoutStates: 12,
  batch: 1,
  judgedPerPulse: 1,
  expandedPerPulse: 1,
  pulseMs: 0,
  lookStates: 2,
  lookVisits: 1,
  looksMax: 1,
  largeStates: 5,
  largeShare: 0,
  refutedStates: 3,
  reopenShare: 1,
  reopenStates: 0,
  fieldsStates: 2,
  fieldsVisits: 1,
  refinementsMax: 1,
  askedShare: 0,
  askedMin: 2,
  classesRefutedMax: 3,
}

/** What a search says that is drawn, or written down, and held against the oracle: nothing, or it throws. */
const agrees = async (protocol: AnyProtocol, { asked, ...search }: Omit<RandomSearch, 'asked'> & { readonly asked?: readonly string[] }): Promise<void> => {
  const findings = oracle(protocol)
  const judged = { protocol, properties: findings.properties, late: [] }
  await agreeOnDrawn(judged, findings, { asked: asked ?? Object.keys(findings.properties), ...search })
}

class Sender extends Record({ on: true, got: 0, left: 1 }) {}

/** Each sends once. Whoever is taken for one that has not sent, though it has, sends again and again. */
const senders = (count: number): AnyProtocol =>
  ({
    name: 'senders',
    source: 'none',
    network: 'reliable',
    roles: {
      sender: {
        count,
        init: () => new Sender(),
        actions: {
          send: {
            when: ({ left }) => left > 0,
            do(sender, { send, others }) {
              send(others, { type: 'Hello' })
              return sender.set('left', sender.left - 1)
            },
          },
          turn: { do: sender => sender.set('on', !sender.on) },
        },
        on: { Hello: sender => sender.set('got', (sender.got + 1) % 3) },
      },
    },
    properties: {
      fine: each(
        'sender',
        ({ on, got }) => on && got > 0,
        () => true,
      ),
      canRest: canAlways(
        some(
          'sender',
          ({ on }) => on,
          on => on,
        ),
      ),
    },
  }) satisfies Protocol<{ sender: { state: Sender; inbox: { readonly type: 'Hello' } } }> as unknown as AnyProtocol

/** A protocol that another generator made, as it was shrunk: an expression of the module `immutable`. */
const shrunk = (name: string): AnyProtocol =>
  new Function('I', `return ${readFileSync(new URL(`../shrunk/${name}.txt`, import.meta.url), 'utf8')}`)(immutable) as AnyProtocol

describe('a search with classes of bisimulation that are wrong comes to an end', () => {
  it('a protocol of another generator, by default', async () => {
    const options = { tuning: { ...tiny, judgedClassesMax: 3, comparedMax: 1, boundsFar: 2, commutingStates: 4 } }
    await agrees(shrunk('does-not-end'), { asked: ['p2'], options })
    await agrees(shrunk('does-not-end'), { asked: ['p2', 'p4'], options })
  })

  it.each([
    { count: 2, asked: ['fine'], options: { reduce: ['dead-messages', 'bisimulation', 'subsumption'] } },
    { count: 2, asked: ['canRest'], options: { reduce: ['dead-messages', 'bisimulation'], order: 'depth' } },
    { count: 2, asked: ['canRest'], options: { reduce: ['symmetry', 'dead-messages', 'bisimulation'], order: 'depth' } },
    { count: 2, asked: ['fine'], options: { reduce: ['dead-messages', 'bisimulation', 'subsumption'], order: 'depth' } },
  ] as const)('$count senders, $options', async ({ count, asked, options }) => {
    await agrees(senders(count), { asked, options: { ...options, tuning: tiny } })
    // However far a look ahead goes.
    await agrees(senders(count), { asked, options: { ...options, tuning: { ...tiny, lookStates: 40_000 } } })
  })
})

class Worker extends Record({ word: '', left: 1 }) {}

/** Two kinds of node that write a word, or send nothing worth sending; one of them may stop. */
const writers: AnyProtocol = {
  name: 'writers',
  source: 'none',
  network: 'reliable',
  roles: {
    writer: { count: 1, init: () => new Worker(), actions: { write: { do: writer => writer.set('word', 'x') } }, on: { Word: writer => writer } },
    idler: {
      count: 1,
      init: () => new Worker(),
      actions: { rest: { do: idler => (idler.left > 0 ? idler.set('left', idler.left - 1) : idler) } },
      on: { Word: idler => idler },
    },
  },
  faults: [crashStop('writer', { atMost: 1 })],
  properties: {
    quiet: some(
      'idler',
      ({ word }) => word,
      word => word === '',
    ),
  },
} satisfies Protocol<{
  writer: { state: Worker; inbox: { readonly type: 'Word' } }
  idler: { state: Worker; inbox: { readonly type: 'Word' } }
}> as unknown as AnyProtocol

describe('a search that is gone on with has the counts of one that was not stopped', () => {
  it.each([1, 2, 3])('stopped at each %i states, while little may be asked of handlers', async every => {
    const tuning = { ...tiny, firstStates: 0, proveStatesToDepth: 0, shortenStates: 0, listedMax: 1 }
    await agrees(writers, { options: { tuning }, every })
    await agrees(writers, { options: { tuning: { ...tuning, batch: 1_024, judgedPerPulse: 4_096 } }, every })
    await agrees(senders(2), { asked: ['fine'], options: { tuning }, every })
    await agrees(senders(2), { asked: ['fine'], options: { tuning }, killedAfter: 2 * every })
    // Pieces that have passed the limit by then stop at once, where a whole search does.
    for (const states of [3, 5]) await agrees(senders(2), { asked: ['fine'], options: { tuning, states }, every })
    for (const states of [3, 5]) await agrees(writers, { options: { reduce: ['partial-order'], tuning: { batch: 1 }, states }, every })
  })
})

class Counter extends Record({ n: 0, noted: 0 }) {}

it('what is dead is learnt from as many states where a check may keep few: a search in pieces resets what a whole one does', async () => {
  const counter: AnyProtocol = {
    name: 'counter',
    source: 'none',
    network: 'fair-loss',
    roles: {
      counter: {
        count: 1,
        init: () => new Counter(),
        on: {},
        actions: { count: { when: ({ n }: Counter) => n < 5, do: (counter: Counter) => counter.merge({ n: counter.n + 1, noted: 1 }) } },
      },
    },
    properties: {
      fine: each(
        'counter',
        () => null,
        () => true,
      ),
    },
  } as unknown as AnyProtocol
  const reduce = ['dead-fields'] as const
  const tuning = { fieldsRefutedMax: 0, batch: 1, judgedPerPulse: 1, expandedPerPulse: 1, pulseMs: 0 }
  expect((await watched(counter, { reduce, tuning })).report.reductions).toContain('dead-fields')
  await agrees(counter, { options: { reduce, tuning }, every: 1 })
})

class Player extends Record({ score: 0, left: 1 }) {}

/** The last of them plays a ball to itself for ever, which one that kept the score from before cannot be told from. */
const players: AnyProtocol = {
  name: 'players',
  source: 'none',
  network: 'reliable',
  roles: {
    player: {
      count: 4,
      init: ({ self }) => new Player({ score: self.rank }),
      actions: {
        pass: { do: player => player.update('score', score => (((score + 1) % 2) + 1) % 2) },
        serve: {
          when: (player, { self }) => player.score === self.rank,
          do(player, { self, send }) {
            if (player.score > 2) send(self, { type: 'Ball' })
            return player.merge({ score: (player.score + 1) % 2, left: player.score > 2 ? 0 : player.left })
          },
        },
      },
      on: {
        Ball(player, _, from, { send }) {
          send(from, { type: 'Back' })
          return player.update('score', score => (score + 1) % 2)
        },
        Back(player, _, from, { send }) {
          send(from, { type: 'Ball' })
          return player
        },
      },
    },
  },
  properties: {
    canDiffer: canAlways(
      eachPair(
        'player',
        ({ score }) => score,
        (a, b) => !(a === 3 && b === 1),
      ),
    ),
  },
} satisfies Protocol<{ player: { state: Player; inbox: { readonly type: 'Ball' | 'Back' } } }> as unknown as AnyProtocol

describe('each state that a search keeps stands for one that can be reached', () => {
  it.each([
    { reduce: ['dead-messages', 'bisimulation'] },
    { reduce: ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'partial-order', 'lower-bounds'] },
  ] as const)('players, $reduce', async options => {
    const findings = oracle(players)
    expect(findings.states.length).toBe(72)
    const { report, last } = await watched(players, options)
    expect(report).toMatchObject({ verdict: 'holds', complete: true })
    // Of the last player some states stand twice: as it is with a ball left, which it can never serve again, and without. Those with one came up in the search that confirmed the classes.
    expect(report.states).toBe(84)
    expect(keptStates(players, findings, last as NonNullable<typeof last>)).toEqual({ strangers: [], distinct: 72 })
  })

  it('states that came up late, where others that are alike have more in flight', async () => {
    const protocol = protocolOf({
      network: 'fair-loss',
      values: 0,
      ordered: false,
      uses: ['n', 'members'],
      sends: { are: 'limited', atMost: 1 },
      roles: [
        {
          count: 2,
          modulus: 3,
          nMax: null,
          initial: 'rank',
          actions: [
            {
              when: { if: 'n is', c: 0 },
              not: false,
              does: [
                { op: 'set', c: 1 },
                { op: 'send', type: 'A', to: 'everyone', payload: 0, who: 'self', value: false },
              ],
            },
          ],
          A: [{ when: { if: 'n is', c: 2 }, not: false, does: [{ op: 'join', who: 'sender' }] }],
          B: [],
          begins: [{ choose: 'n', from: [0, 2] }],
          keeps: null,
          tears: [],
        },
      ],
      steps: [],
      flight: null,
      faults: [],
      observers: [],
      properties: [],
      mayRest: null,
    })
    const findings = oracle(protocol)
    const sure = each(
      'anna',
      () => true,
      (it: boolean) => it,
    )
    const { report, last } = await watched({ ...protocol, properties: { sure } } as unknown as AnyProtocol, { tuning: { lookStates: 2, largeStates: 0 } })
    expect(report).toMatchObject({ verdict: 'holds', complete: true })
    expect(findings.states.length).toBe(11)
    // One that has sent is alike to one that waits, and stands for itself once it has received: of each class of states those with the most in flight are left.
    expect(report.states).toBe(19)
    expect(keptStates(protocol, findings, last as NonNullable<typeof last>)).toEqual({ strangers: [], distinct: 5 })
  })

  it('a proof that takes up what was dropped', async () => {
    const protocol = shrunk('more-states')
    const findings = oracle(protocol)
    expect(findings.states.length).toBe(222)
    const options = { property: 'p0', reduce: ['dead-messages', 'subsumption'], tuning: { ...tiny, listedMax: 2, staleMore: 0 } } as const
    const { report, last, phases } = await watched(protocol, options)
    expect(report).toMatchObject({ verdict: 'holds', complete: true })
    expect([...phases]).toContain('reopened')
    // 24 of them another covers: a state that comes up again with a message that was dropped has more in flight.
    expect(report.states).toBe(241)
    expect(keptStates(protocol, findings, last as NonNullable<typeof last>)).toEqual({ strangers: [], distinct: 217 })
  })
})

it('a proof in pieces takes up what it had dropped where a whole one does', async () => {
  const protocol = protocolOf({
    network: 'fair-loss',
    values: 0,
    ordered: false,
    uses: ['n', 'members', 'last'],
    sends: { are: 'limited', atMost: 3 },
    roles: [
      {
        count: 2,
        modulus: 3,
        nMax: null,
        initial: 'rank',
        actions: [
          {
            when: { if: 'no last' },
            not: false,
            does: [
              { op: 'remember', who: 'self' },
              { op: 'send', type: 'A', to: 'others', payload: 0, who: 'self', value: false },
              { op: 'send', type: 'B', to: 'others', payload: 0, who: 'self', value: false },
              { op: 'send', type: 'B', to: 'others', payload: 0, who: 'self', value: false },
            ],
          },
        ],
        A: [{ when: { if: 'n is', c: 2 }, not: false, does: [{ op: 'join', who: 'sender' }] }],
        B: [{ when: { if: 'n below', c: 2 }, not: false, does: [{ op: 'add', c: 1 }] }],
        begins: [],
        keeps: null,
        tears: ['members', 'counts'],
      },
    ],
    steps: [],
    flight: null,
    faults: [],
    observers: ['recent'],
    properties: [
      { is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } },
      { is: 'invariant', predicate: { type: 'observed', observer: 1, is: 'at least', c: 1, by: 'size' } },
    ],
    mayRest: null,
  })
  const tuning = {
    firstStates: 0,
    scoutStates: 0,
    scoutKeeps: 2,
    proveStatesToDepth: 0,
    reopenShare: 1,
    reopenStates: 3,
    expandedPerPulse: 1,
    batch: 2,
    learnShare: 0,
    learnSteps: 0,
    pulseMs: 0,
    refutedStates: 0,
    firstEnds: 1,
    snapshotShare: 1,
  }
  const findings = oracle(protocol)
  await agreeOnDrawn(withLate(protocol, findings), findings, { asked: ['pair'], options: { tuning, states: 23 }, every: 4 })
})

it('what the search that saw most has seen is not forgotten by a checkpoint', async () => {
  const protocol = protocolOf({
    network: 'fair-loss',
    values: 3,
    ordered: true,
    uses: ['counts', 'last'],
    sends: { are: 'bounded', atMost: 2 },
    roles: [
      {
        count: 1,
        modulus: 2,
        nMax: 2,
        initial: 'zero',
        actions: [
          {
            when: { if: 'n below', c: 2 },
            not: false,
            does: [
              { op: 'send', type: 'B', to: 'everyone', payload: 'n', who: 'last', value: false },
              { op: 'set', c: 1 },
            ],
            phase: 'late',
            into: null,
          },
          {
            when: { if: 'n below', c: 1 },
            not: false,
            does: [
              { op: 'add', c: 1 },
              { op: 'note', of: 'self', c: 1 },
            ],
            phase: 'early',
            into: 'late',
          },
        ],
        A: [],
        B: [
          {
            when: { if: 'notes', c: 1 },
            not: false,
            does: [
              { op: 'send', type: 'A', to: 'members', payload: 'n', who: 'mentioned', value: false },
              { op: 'join', who: 'self' },
              { op: 'send', type: 'B', to: 'last', payload: 1, who: 'sender', value: true },
            ],
            phase: null,
            into: null,
          },
          {
            when: { if: 'member', who: 'sender' },
            not: true,
            does: [{ op: 'send', type: 'A', to: 'members', payload: 0, who: 'self', value: true }],
            phase: null,
            into: 'late',
          },
        ],
        begins: [],
        keeps: null,
        tears: ['counts', 'list'],
      },
      {
        count: 1,
        modulus: 3,
        nMax: 1,
        initial: 'zero',
        actions: [
          {
            when: { if: 'true' },
            not: false,
            does: [{ op: 'list payload' }, { op: 'send', type: 'B', to: 'everyone', payload: 'n', who: 'sender', value: true }],
            phase: 'late',
            into: null,
          },
        ],
        A: [],
        B: [
          {
            when: { if: 'listed', c: 2 },
            not: false,
            does: [
              { op: 'set', c: 1 },
              { op: 'set', c: 0 },
              { op: 'send', type: 'A', to: 'others', payload: 1, who: 'mentioned', value: false },
            ],
            phase: 'early',
            into: 'late',
          },
          { when: { if: 'true' }, not: false, does: [{ op: 'leave', who: 'self' }], phase: null, into: null },
        ],
        begins: [],
        keeps: null,
        tears: [],
      },
      {
        count: 1,
        modulus: 2,
        nMax: null,
        initial: 'zero',
        actions: [
          {
            when: { if: 'listed', c: 2 },
            not: true,
            does: [{ op: 'send', type: 'A', to: 'others', payload: 'n', who: 'self', value: true }],
            phase: null,
            into: 'late',
          },
          {
            when: { if: 'true' },
            not: false,
            does: [
              { op: 'send', type: 'B', to: 'others', payload: 1, who: 'last', value: false },
              { op: 'send', type: 'A', to: 'members', payload: 0, who: 'self', value: false },
            ],
            phase: 'late',
            into: null,
          },
        ],
        A: [
          {
            when: { if: 'true' },
            not: true,
            does: [
              { op: 'send', type: 'A', to: 'sender', payload: 1, who: 'self', value: true },
              { op: 'add', c: 2 },
            ],
            phase: 'early',
            into: 'late',
          },
          {
            when: { if: 'noted', of: 'a value', c: 0 },
            not: false,
            does: [{ op: 'send', type: 'B', to: 'members', payload: 1, who: 'last', value: false }],
            phase: null,
            into: null,
          },
        ],
        B: [],
        begins: [{ choose: 'n', from: [0, 1], of: 'all' }],
        keeps: null,
        tears: ['last'],
      },
    ],
    steps: [],
    flight: null,
    faults: [],
    observers: ['count', 'lowest'],
    properties: [
      { is: 'reachable', predicate: { type: 'observed', observer: 0, is: 'at least', c: 1, by: 'size' } },
      { is: 'invariant', predicate: { type: 'somePair', roles: [1, 0], view: 'value', same: true, c: 17, ranks: false } },
      { is: 'step', role: 0, ok: 'n grows' },
      { is: 'canAlways', predicate: { type: 'somePair', roles: [1, 1], view: 'n', same: true, c: 9, ranks: false } },
    ],
    mayRest: null,
  })
  const tuning = {
    firstStates: 0,
    scoutStates: 12,
    proveStatesToDepth: 5,
    learnSteps: 0,
    aheadShare: 0,
    looksMax: 0,
    largeStates: 0,
    largeShare: 0,
    fieldsVisits: 1,
    fieldsRefutedMax: 1,
    expandedPerPulse: 2,
    askedMin: 10,
    refinementsMax: 0,
    lookVisits: 1,
    statesAhead: 1,
    reopenShare: 1,
    firstEnds: 4,
  }
  const findings = oracle(protocol)
  await agreeOnDrawn(withLate(protocol, findings), findings, { asked: ['p2'], options: { tuning, states: 3 }, every: 4 })
})

it('a checkpoint knows how often dead fields were refuted: what a whole search gives up, one in pieces does', async () => {
  const protocol = protocolOf({
    network: 'fifo',
    values: 2,
    ordered: false,
    uses: ['n', 'counts'],
    sends: { are: 'bounded', atMost: 1 },
    roles: [
      {
        count: 1,
        modulus: 3,
        nMax: null,
        initial: 'zero',
        actions: [{ when: { if: 'n below', c: 2 }, not: false, does: [{ op: 'unlist' }, { op: 'count', who: 'mentioned' }] }],
        A: [
          {
            when: { if: 'counted', who: 'sender', c: 1 },
            not: false,
            does: [
              { op: 'add', c: 1 },
              { op: 'set', c: 2 },
              { op: 'join', who: 'last' },
            ],
          },
        ],
        B: [
          {
            when: { if: 'noted', of: 'another', c: 1 },
            not: false,
            does: [{ op: 'send', type: 'A', to: 'members', payload: 0, who: 'self', value: false }],
          },
        ],
        begins: [
          { choose: 'members', of: 'the first' },
          { choose: 'n', from: [0, 1], of: 'the first' },
        ],
        keeps: null,
        tears: ['n'],
      },
      {
        count: 1,
        modulus: 3,
        nMax: null,
        initial: 'zero',
        actions: [
          { when: { if: 'n below', c: 1 }, not: false, does: [{ op: 'count others anew' }, { op: 'emit', type: 'f', who: 'sender' }] },
          { when: { if: 'counted', who: 'self', c: 0 }, not: false, does: [{ op: 'note', of: 'a word', c: 2 }] },
        ],
        A: [
          {
            when: { if: 'true' },
            not: false,
            does: [{ op: 'choose n', from: [2, 2] }, { op: 'emit', type: 'f', who: 'self' }, { op: 'forget last' }],
          },
          {
            when: { if: 'notes', c: 0 },
            not: true,
            does: [
              { op: 'send', type: 'B', to: 'last', payload: 0, who: 'self', value: true },
              { op: 'send', type: 'A', to: 'others', payload: 'n', who: 'last', value: false },
            ],
          },
        ],
        B: [{ when: { if: 'last is', who: 'mentioned' }, not: false, does: [{ op: 'forget last' }] }],
        begins: [],
        keeps: null,
        tears: [],
      },
      {
        count: 1,
        modulus: 3,
        nMax: null,
        initial: 'rank',
        actions: [
          {
            when: { if: 'true' },
            not: false,
            does: [
              { op: 'send', type: 'A', to: 'others', payload: 0, who: 'self', value: true },
              { op: 'send', type: 'B', to: 'sender', payload: 1, who: 'sender', value: false },
            ],
          },
          {
            when: { if: 'n below', c: 1 },
            not: false,
            does: [
              { op: 'remember', who: 'last' },
              { op: 'send', type: 'A', to: 'members', payload: 1, who: 'mentioned', value: false },
            ],
          },
        ],
        A: [{ when: { if: 'true' }, not: false, does: [{ op: 'forget last' }, { op: 'note', of: 'another', c: 0 }] }],
        B: [
          {
            when: { if: 'n below', c: 0 },
            not: false,
            does: [
              { op: 'send', type: 'B', to: 'others', payload: 'n', who: 'mentioned', value: true },
              { op: 'send', type: 'A', to: 'everyone', payload: 0, who: 'sender', value: true },
            ],
          },
        ],
        begins: [],
        keeps: ['members', 'last', 'list'],
        tears: [],
      },
    ],
    steps: [],
    flight: null,
    faults: [],
    observers: [],
    properties: [{ is: 'invariant', predicate: { type: 'some', role: 0, view: 'members', is: 'at least', c: 1 } }],
    mayRest: { type: 'each', role: 1, view: 'n if crashed', is: 'at most', c: 3 },
  })
  const tuning = {
    fieldsVisits: 1,
    fieldsRefutedMax: 1,
    fieldsStates: 1,
    lookStates: 2,
    looksMax: 2,
    batch: 1,
    expandedPerPulse: 2,
    judgedPerPulse: 1,
    learnSteps: 1000,
    learnShare: 0.5,
    aheadShare: 1,
    callSteps: 20,
    firstStates: 1,
    firstStatesToDepth: 0,
    pulseMs: 0,
  }
  const findings = oracle(protocol)
  await agreeOnDrawn(withLate(protocol, findings), findings, {
    asked: ['sure'],
    options: { tuning, reduce: ['symmetry', 'dead-fields', 'subsumption', 'lower-bounds'], depth: 1 },
    every: 2,
  })
})
