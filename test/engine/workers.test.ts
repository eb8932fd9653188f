/** Several threads find what one does: the same counts, the same verdict, the same counterexample. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Report } from '../../checker/check/report.ts'
import { always, canAlways, each, family, type Protocol, reachable, some, step } from '../../checker/index.ts'
import type { AnyProtocol, Spec } from '../../checker/protocol/protocol.ts'
import type { Search } from '../../checker/search/search.ts'
import { type Layout, relay } from '../../checker/states/layout.ts'
import { residentMemory } from '../../checker/states/memory.ts'
import { requests } from '../../checker/tables/journal.ts'
import { Exchange, exchangeMemory } from '../../checker/workers/exchange.ts'
import { keysIn, type SharedKeys, sharedKeys, whole } from '../../checker/workers/messages.ts'
import { Owners, type Steps } from '../../checker/workers/owners.ts'
import type { Port, Workers } from '../../checker/workers/port.ts'
import { Requests } from '../../checker/workers/read-only-tables.ts'
import { answer } from '../../checker/workers/requests.ts'
import { threads } from '../../checker/workers/threads.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { mutants as raftMutants } from '../../specs/raft/mutants.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { mutants as twoPhaseMutants } from '../../specs/transaction-commit/mutants.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { withLate } from '../support/late-looks.ts'
import { oracle } from '../support/oracle.ts'
import { protocolOf } from '../support/random-protocol.ts'
import { quick } from '../support/tunings.ts'
import { watched } from '../support/watched.ts'
import { found, pooled } from '../support/workers-support.ts'

class Counter extends Record({ n: 0, lost: false }) {}
type Counting = { counter: { state: Counter; inbox: { readonly type: 'Add'; readonly by: number } } }

/** Counters that tell each other to add: small, with every kind of step and property. */
const counting = family({ throwsAt: 99, forbidden: 99, stepMax: 99 }, ({ throwsAt, forbidden, stepMax }) => ({
  name: 'counting',
  source: 'this test',
  network: 'reliable' as const,
  faults: [
    { type: 'crash-stop' as const, role: 'counter' as const, atMost: 1 },
    { type: 'crash-recovery' as const, role: 'counter' as const, atMost: 1 },
    { type: 'duplication' as const, atMost: 1 },
    { type: 'loss' as const, atMost: 1 },
  ],
  roles: {
    counter: {
      count: 3,
      init: () => new Counter(),
      recover: (c: Counter) => c.set('lost', true),
      within: (c: Counter) => c.n <= 4,
      actions: {
        tell: {
          when: (c: Counter) => c.n === 0,
          do: (c: Counter, { broadcast }) => {
            broadcast({ type: 'Add', by: 1 })
            return c.set('n', 1)
          },
        },
      },
      on: {
        Add(c: Counter, { by }, from, { send }) {
          if (c.n === throwsAt) throw new Error('It cannot count so far.')
          if (c.n === 1) send(from, { type: 'Add', by: by + 1 })
          return c.set('n', c.n + by)
        },
      },
    },
  },
  properties: {
    low: each(
      'counter',
      (c: Counter) => c.n,
      n => n !== forbidden,
    ),
    slow: step('counter', (before, after) => after.n - before.n <= stepMax),
    full: reachable(
      some(
        'counter',
        (c: Counter) => c.n,
        n => n === 4,
      ),
    ),
  },
})) satisfies (...args: never[]) => Protocol<Counting>

/** Those that go with several threads. */
const both = ['symmetry', 'dead-messages'] as const

/** Those of Raft take longest. */
const onDemand = process.env['PROTOCHECK_SLOW'] !== undefined

const cases: readonly (readonly [name: string, spec: Spec, options: Options, from?: number])[] = [
  ['two-phase commit', twoPhaseCommit({ resources: 5 }), { reduce: [] }],
  ['two-phase commit, taken over in the middle of a level', twoPhaseCommit({ resources: 7 }), { reduce: [] }, 20_000],
  ['two-phase commit, symmetry', twoPhaseCommit({ resources: 3 }), { reduce: ['symmetry'] }],
  ['two-phase commit, all reductions', twoPhaseCommit({ resources: 3 }), { reduce: both }],
  ['two-phase commit, within a depth', twoPhaseCommit({ resources: 5 }), { reduce: [], depth: 7 }],
  ...Object.entries(twoPhaseMutants).map(([name, { change }]) => [`two-phase commit, ${name}`, change(twoPhaseCommit({})) as Spec, { reduce: [] }] as const),
  ['lamport-mutex', lamportMutex({ processes: 2, maxClock: 4 }), { reduce: both }],
  ['lamport-mutex, no reduction', lamportMutex({ processes: 3, maxClock: 3 }), { reduce: [] }],
  ...(onDemand ? ([['raft, within a depth', raft({ length: 1, crashes: 0 }), { reduce: both, depth: 12 }, 3_000]] as const) : []),
  ...Object.entries(raftMutants)
    .slice(0, onDemand ? 2 : 1)
    .map(
      ([name, { change, breaks }]) =>
        [`raft, ${name}`, change(raft({ length: 1, crashes: 0 })) as Spec, { property: breaks, reduce: both, depth: 12 }, 1_000] as const,
    ),
  ['counting', counting({}), { reduce: [] }],
  ['counting, symmetry', counting({}), { reduce: both }],
  ['counting, a state is forbidden', counting({ forbidden: 4 }), { reduce: [] }],
  ['counting, a step is forbidden', counting({ stepMax: 2 }), { reduce: [] }],
]

const [two, three] = [pooled(2), pooled(3)]

describe('the number of workers makes no difference', () => {
  for (const [name, spec, options, from = 0] of cases)
    it(name, async () => {
      const alone = await explore(spec, options)
      expect(alone.workers).toBe(1)
      for (const workers of [two, three]) {
        const together = await explore(spec, { ...options, workers: { ...workers, from } })
        if (from === 0) expect(together.workers).toBe(workers.count)
        expect(found(together)).toEqual(found(alone))
      }
    })

  it('what can always be reached again', async () => {
    const protocol = {
      ...counting({}),
      properties: {
        back: canAlways(
          some<Counting, 'counter', number>(
            'counter',
            c => c.n,
            n => n === 4,
          ),
        ),
        rest: always(() => true),
      },
    }
    const alone = await explore(protocol as Spec, { reduce: [] })
    expect(found(await explore(protocol as Spec, { reduce: [], workers: two }))).toEqual(found(alone))
    expect(alone.property).toBe('back')
  })
})

class Reader extends Record({ stage: 'a', kept: 0, trash: 0 }) {}

/** What the reader keeps is read only at its end, and what it throws away never. */
const lateReader = (): AnyProtocol => {
  const next: { readonly [stage: string]: string } = { a: 'b', b: 'c', c: 'd', d: 'e', e: 'f' }
  return {
    name: 'late-reader',
    source: 'this test',
    network: 'fifo',
    roles: {
      reader: {
        count: 1,
        init: () => new Reader(),
        on: {},
        actions: {
          keep: { when: ({ stage }) => stage === 'a', do: (reader, { choose }) => reader.merge({ kept: choose([0, 1]), trash: choose([0, 1]) }) },
          go: { when: ({ stage }) => next[stage] !== undefined, do: reader => reader.update('stage', stage => next[stage] as string) },
          look: { when: ({ stage }) => stage === 'f', do: reader => reader.merge({ stage: reader.kept === 1 ? 'g' : 'h', kept: 0 }) },
        },
      },
      counter: { count: 4, init: () => new Counter(), on: {}, actions: { count: { when: ({ n }) => n < 3, do: counter => counter.update('n', n => n + 1) } } },
    },
    properties: {
      fine: each(
        'counter',
        ({ n }) => n,
        n => n < 9,
      ),
    },
  } satisfies Protocol<{ reader: { state: Reader; inbox: never }; counter: { state: Counter; inbox: never } }> as unknown as AnyProtocol
}

class Late extends Record({ stage: 0, bad: false }) {}

/** Whoever expands the states of the third level in their order sends the message before it is known where the receiver goes, and takes it for dead; whoever asks about steps first does not. */
const sentTooSoon = (): AnyProtocol =>
  ({
    name: 'sent-too-soon',
    source: 'this test',
    network: 'reliable',
    roles: {
      sender: {
        count: 1,
        init: () => new Late(),
        on: {},
        actions: {
          wait: { when: ({ stage }) => stage === 0, do: sender => sender.set('stage', 1) },
          send: {
            when: ({ stage }) => stage === 1,
            do(sender, { send, nodes }) {
              send(nodes.receiver, { type: 'Now' })
              return sender.set('stage', 2)
            },
          },
        },
      },
      receiver: {
        count: 1,
        init: () => new Late(),
        on: { Now: receiver => (receiver.stage === 2 ? receiver.set('bad', true) : receiver) },
        actions: { go: { when: ({ stage }) => stage < 2, do: receiver => receiver.update('stage', stage => stage + 1) } },
      },
    },
    properties: {
      fine: each(
        'receiver',
        ({ bad }) => bad,
        bad => !bad,
      ),
    },
  }) satisfies Protocol<{ sender: { state: Late; inbox: never }; receiver: { state: Late; inbox: { readonly type: 'Now' } } }> as unknown as AnyProtocol

describe('what teaches the reductions is decided by one thread', () => {
  const atOnce = { threadsFrom: 0, threadsFrontier: 0 }
  const all = (report: Report) => ({ ...found(report), rounds: report.rounds, notes: report.notes })

  it.each([
    { learnSteps: 300, reductions: [], states: 7_168 },
    { learnSteps: 700, reductions: ['dead-fields'], states: 3_584 },
    { learnSteps: 900, reductions: ['dead-fields'], states: 3_584 },
  ])('a field that is read late, when $learnSteps steps may be thrown away', async ({ learnSteps, ...expected }) => {
    const tuning = { ...atOnce, fieldsStates: 2, fieldsVisits: 1, learnShare: 0, learnSteps, callSteps: 0, batch: 4 }
    const options: Options = { reduce: ['dead-fields'], tuning }
    const alone = await explore(lateReader(), options)
    expect(alone).toMatchObject({ verdict: 'holds', ...expected })
    const { report, phases } = await watched(lateReader(), { ...options, workers: two })
    expect(all(report)).toEqual(all(alone))
    // The search that read it was taken back; the next was not.
    expect([...phases]).toEqual(expect.arrayContaining(['threads', 'taken back']))
  })

  it('a message that is dead or not by the order of what is learnt', async () => {
    const options: Options = { reduce: ['dead-messages'], tuning: { ...atOnce, batch: 1, judgedPerPulse: 1 } }
    const alone = await explore(sentTooSoon(), options)
    expect(alone).toMatchObject({ verdict: 'violated', rounds: 2 })
    const { report, phases } = await watched(sentTooSoon(), { ...options, workers: two })
    expect(all(report)).toEqual(all(alone))
    expect([...phases]).toContain('taken back')
  })

  it('with bisimulation there is one thread', async () => {
    const options: Options = { reduce: ['dead-messages', 'bisimulation'], tuning: atOnce }
    const alone = await explore(counting({}), options)
    expect(alone.reductions).toContain('bisimulation')
    const together = await explore(counting({}), { ...options, workers: { ...two, isWanted: true } })
    expect(found(together)).toEqual(found(alone))
    expect(together.workers).toBe(1)
    expect(together.notes).toContainEqual(expect.stringContaining('bisimulation, whose classes depend on what comes up first'))
  })
})

describe('what ends a search of several threads', () => {
  const large = twoPhaseCommit({ resources: 9 })

  it('an error in the spec, as in one thread', async () => {
    const error = await explore(counting({ throwsAt: 3 }), { reduce: [] }).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ parts: { title: 'THE SPEC THROWS', execution: expect.stringContaining('The shortest execution that leads there') } })
    // With the execution that leads there, which one thread has found.
    await expect(explore(counting({ throwsAt: 3 }), { reduce: [], workers: two })).rejects.toEqual(error)
    // The threads are as good as before.
    expect(await explore(counting({}), { reduce: [], workers: two })).toMatchObject({ verdict: 'holds', workers: 2 })
  })

  it('the limit of states, soon after it', async () => {
    const report = await explore(large, { reduce: [], states: 200_000, workers: { ...two, from: 20_000 } })
    expect(report).toMatchObject({ verdict: 'inconclusive', stoppedBy: 'states', complete: false, workers: 2 })
    expect(report.states).toBeGreaterThanOrEqual(200_000)
    expect(report.states).toBeLessThan(260_000)
  })

  it('the limit of memory', async () => {
    const report = await explore(large, { reduce: [], memoryBytes: residentMemory() + 48 * 2 ** 20, workers: { ...two, from: 20_000 } })
    expect(report).toMatchObject({ verdict: 'inconclusive', stoppedBy: 'memory', workers: 2 })
  })

  it('the limit of time, and an interrupt', async () => {
    expect(await explore(large, { reduce: [], seconds: 1, workers: { ...two, from: 1_000 } })).toMatchObject({ stoppedBy: 'time', workers: 2 })
    const interrupt = new AbortController()
    const onProgress = ({ states }: { states: number }) => states > 30_000 && interrupt.abort()
    const report = await explore(large, { reduce: [], onProgress, signal: interrupt.signal, workers: { ...two, from: 1_000 } })
    expect(report).toMatchObject({ stoppedBy: 'interrupt', workers: 2 })
  })

  it('threads end with it', async () => {
    const before = process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length
    await explore(counting({}), { reduce: both, workers: threads(2, { from: 0, waits: true }) })
    await expect(explore(counting({ throwsAt: 3 }), { reduce: both, workers: threads(2, { from: 0, waits: true }) })).rejects.toThrow()
    expect(process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length).toBe(before)
  })
})

describe('workers that cannot be started leave one thread at work', () => {
  const failing: readonly (readonly [string, () => Workers])[] = [
    ['none starts', () => ({ ...threads(2, { from: 0 }), start: () => Promise.reject(new Error('no thread is left')) })],
    [
      'the same, and the search waits for them',
      () => ({ ...threads(2, { from: 0, waits: true }), start: () => Promise.reject(new Error('no thread is left')) }),
    ],
    [
      'starting them throws',
      () => ({
        ...threads(2, { from: 0, waits: true }),
        start() {
          throw new Error('no thread is left')
        },
      }),
    ],
    [
      'the code of one does not load',
      () => {
        const workers = threads(2, { from: 0, waits: true })
        const broken = (port: Port): Port => ({
          ready: Promise.reject(new Error('no thread is left')),
          ask: command => port.ask(command),
          end: () => port.end(),
        })
        return { ...workers, start: async () => (await workers.start()).map((port, i) => (i === 1 ? broken(port) : port)) }
      },
    ],
  ]
  it.each(failing)('%s', async (_, workers) => {
    const spec = counting({})
    const { states } = await explore(spec, { reduce: both })
    const report = await explore(spec, { reduce: both, workers: workers() })
    expect(report).toMatchObject({ verdict: 'holds', complete: true, workers: 1, states })
    expect(report.notes).toContainEqual('One worker: several could not be started (no thread is left).')
  })
})

it('says why there is one worker, if more were asked for by name', async () => {
  const notes = async (options: Options) => (await explore(counting({}), { ...options, workers: threads(2, { isWanted: true }) })).notes
  expect(await notes({ reduce: both })).toEqual([])
  expect(await notes({})).toContainEqual(expect.stringContaining('subsumption'))
  expect(await notes({ reduce: both, order: 'depth' })).toEqual(['One worker: several do not go with a depth-first search.'])
  expect(await notes({ simulate: { runs: 2, seed: 1 } })).toContainEqual(expect.stringContaining('random executions'))
})

describe('how workers divide up the work', () => {
  const layout = (shifts: readonly number[], bitsWord: number, bitsWords: number): Layout => ({
    width: bitsWord + bitsWords,
    components: shifts.length,
    word: Int32Array.from(shifts, shift => shift >>> 5),
    shift: Int32Array.from(shifts, shift => shift & 31),
    mask: Int32Array.from(shifts, () => 63),
    bitsWord,
    bitsWords,
  })
  const [narrow, wide] = [layout([0, 6, 12], 1, 1), layout([0, 8, 32, 40], 2, 3)]
  const records = Int32Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? (i * 7919) & 0x3ffff : (i * 104_729) | 0))

  it('a state belongs to the same worker in every layout, and to each about as many', () => {
    for (const components of [[], [1], [0, 2]]) {
      const counts = [0, 0, 0]
      for (let at = 0; at < records.length; at += 2) {
        const moved = new Int32Array(wide.width)
        relay(narrow, wide, records, at, moved, 0)
        const owner = new Owners(3, components, narrow).ownerOf(records, at)
        expect(new Owners(3, components, wide).ownerOf(moved, 0)).toBe(owner)
        counts[owner] = (counts[owner] ?? 0) + 1
      }
      for (const count of counts) expect(count).toBeGreaterThan(100)
      const owners = new Uint16Array(1_000)
      new Owners(3, components, narrow).ofEach(records, 1_000, owners)
      expect([...owners]).toEqual([...owners.keys()].map(i => new Owners(3, components, narrow).ownerOf(records, 2 * i)))
    }
  })

  /** Steps from these states, each of which adds these to the components. */
  const stepsThatAdd = (states: Int32Array, added: (i: number) => readonly [number, number, number]): Steps => {
    const plus = (x: number, shift: number, by: number): number => (((x >>> shift) + by) & 63) << shift
    const to = states.map((x, at) => {
      if (at % 2 === 1) return x
      const [a, b, c] = added(at / 2)
      return plus(x, 0, a) | plus(x, 6, b) | plus(x, 12, c)
    })
    return { from: states, to, count: states.length / 2 }
  }

  it('ownership goes by what steps change least', () => {
    expect(
      Owners.choose(
        2,
        narrow,
        stepsThatAdd(records, i => [i % 2, 1, 1]),
      ),
    ).toEqual([0])
    expect(
      Owners.choose(
        2,
        narrow,
        stepsThatAdd(records, i => [1, i % 2, 1]),
      ),
    ).toEqual([1])
    expect(
      Owners.choose(
        2,
        narrow,
        stepsThatAdd(records, i => [1, 1, i % 2]),
      ),
    ).toEqual([2])
  })

  it('ownership goes by what spreads states well enough for so many workers, and else by all', () => {
    // The first component, which no step changes, has two values: too few.
    const states = records.map((x, at) => (at % 2 === 0 ? (x & ~63) | ((x >>> 6) & 1) : x))
    const steps = stepsThatAdd(states, i => [0, i % 2, 1])
    expect(Owners.choose(2, narrow, steps)).toContain(1)
    expect(Owners.choose(50, narrow, steps).length).toBeGreaterThan(Owners.choose(2, narrow, steps).length)
    expect(
      Owners.choose(
        2,
        narrow,
        stepsThatAdd(new Int32Array(2_000), () => [0, 0, 0]),
      ),
    ).toEqual([])
  })

  it('a level is over when all that was sent is received, and not before', () => {
    const memory = exchangeMemory(2)
    const [a, b] = [new Exchange(memory, 0), new Exchange(memory, 1)]
    for (let round = 0; round < 600; round++) {
      for (const exchange of [a, b]) exchange.begin(2)
      let room = true
      for (let i = 0; i < 1_000; i++) {
        room &&= a.hasRoom(1)
        a.send(1, Int32Array.of(i, round), 0, i)
      }
      expect(room).toBe(true)
      a.finish()
      b.finish()
      expect(b.isOver).toBe(false)
      let [received, sum] = [0, 0]
      const take = (words: Int32Array, hashes: Int32Array, count: number) => {
        received += count
        for (let i = 0; i < count; i++) sum += words[2 * i + 1] === round && words[2 * i] === hashes[i] ? 1 : 0
      }
      while (b.receive(take)) expect(a.receive(take)).toBe(false)
      expect([received, sum, a.isOver, b.isOver]).toEqual([1_000, 1_000, true, true])
    }
  })

  it('a full ring has no room until a batch is received', () => {
    const memory = exchangeMemory(2)
    const [a, b] = [new Exchange(memory, 0), new Exchange(memory, 1)]
    for (const exchange of [a, b]) exchange.begin(1)
    let sent = 0
    while (a.hasRoom(1)) a.send(1, Int32Array.of(sent), 0, sent++)
    let [received, inOrder] = [0, true]
    const take = (words: Int32Array, hashes: Int32Array, count: number) => {
      for (let i = 0; i < count; i++) inOrder &&= words[i] === received && hashes[i] === received++
    }
    expect(b.receive(take)).toBe(true)
    expect(a.hasRoom(1)).toBe(true)
    while (b.receive(take));
    expect([received, inOrder]).toEqual([sent, true])
    expect(sent).toBeGreaterThan(1_000_000)
  })
})

it('of states in memory of 4 GiB and more, all are where a message says', () => {
  const keys = new Int32Array(new SharedArrayBuffer(2 ** 32 + 64))
  keys[2 ** 30 + 1] = 7
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(sharedKeys(keys))
  const arrived = keysIn(receiveMessageOnPort(port2)?.message as SharedKeys)
  port1.close()
  expect([arrived.length, arrived[2 ** 30 + 1]]).toEqual([2 ** 30 + 16, 7])
})

it('a message is refused of which a part would arrive cut off', () => {
  const view = (words: number) => ({ tables: [{ cells: new Int32Array(new SharedArrayBuffer(words * 4)) }], layout: undefined })
  expect(() => whole(view(2 ** 30 - 1))).not.toThrow()
  expect(() => whole(view(2 ** 30))).toThrow('TOO LARGE FOR SEVERAL THREADS')
})

describe('threads that asked the leader for ever', () => {
  class B extends Record({ n: 0 }) {}
  class F extends Record({ f: false }) {}
  // biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
  type Erased = any
  const named = (protocol: object): Spec => ({ name: 'asking', source: 'test', network: 'fair-loss', properties: {}, ...protocol }) as unknown as Spec
  const counter = (N: number) => ({
    b: { count: 1, init: () => new B(), on: {}, actions: { go: { when: (s: B) => s.n < N, do: (s: B) => s.set('n', s.n + 1) } } },
  })

  const same = async (protocol: Spec, options: Options): Promise<void> => {
    expect(found(await explore(protocol, { ...options, workers: two }))).toEqual(found(await explore(protocol, options)))
  }

  it.each([false, true])('whether a system may rest, said once for all: %s', mayRest =>
    same(named({ network: 'reliable', roles: counter(1), mayRest }), { reduce: [], property: 'deadlock' }),
  )

  it('whether it may rest, where that depends on what is in flight', () =>
    same(named({ network: 'reliable', roles: counter(3), mayRest: (w: Erased) => w.inFlight.length > 0 }), { reduce: [] }))

  it.each(['crash-stop', 'crash-recovery'])('bisimulation, and a %s', type =>
    same(
      named({
        roles: {
          b: {
            count: 1,
            init: () => new F(),
            recover: (s: F) => s,
            on: { C: (s: F) => s },
            actions: {
              send: {
                when: (s: F) => s.f,
                do: (s: F, h: Erased) => {
                  h.send(h.self, { type: 'C' })
                  return s
                },
              },
              set: { do: (s: F) => s.set('f', true) },
            },
          },
        },
        faults: [{ type, role: 'b', atMost: 1 }],
      }),
      { reduce: ['dead-messages', 'bisimulation'] },
    ),
  )

  it('a request that was answered, and is made again, is an error', () => {
    const requests = new Requests(100)
    requests.note(4, 1, 2)
    requests.note(4, 1, 2)
    expect(requests.drain()).toEqual([[4, 1, 2]])
    expect(requests.drain()).toEqual([])
    expect(() => requests.note(4, 1, 2)).toThrow('asks twice')
    requests.note(4, 1, 3)
    // In another layout the same words are another state.
    requests.forgetAnswered()
    requests.note(4, 1, 2)
  })
})

describe('what workers ask for', () => {
  it('is answered again where another answer made the tables forget it', () => {
    const memo = { clears: 0, find: () => -1 }
    const known = new Set<number>()
    let isNew = true
    const truth = ([state = 0]: Int32Array): number => {
      // The second state brings up what changes how answers are remembered.
      if (state === 2 && isNew) {
        isNew = false
        known.clear()
        memo.clears++
      }
      known.add(state)
      return 1
    }
    const search = { tables: { globalMemos: [], worldMemos: [memo], restMemo: memo }, judge: { truth }, reducers: {} } as unknown as Search
    answer(search, [
      [requests.world, 1],
      [requests.world, 2],
    ])
    expect([...known].sort()).toEqual([1, 2])
  })

  it('may be another state by the same words, once records have another layout', async () => {
    const protocol = protocolOf({
      network: 'fifo',
      values: 0,
      ordered: false,
      uses: ['n', 'members', 'last'],
      sends: { are: 'limited', atMost: 1 },
      roles: [
        {
          count: 2,
          modulus: 3,
          nMax: null,
          initial: 'zero',
          actions: [{ when: { if: 'n below', c: 2 }, not: false, does: [{ op: 'add', c: 1 }] }],
          A: [{ when: { if: 'n is', c: 0 }, not: false, does: [{ op: 'join', who: 'sender' }] }],
          B: [],
          keeps: null,
        },
        {
          count: 1,
          modulus: 2,
          nMax: null,
          initial: 'zero',
          actions: [
            {
              when: { if: 'no last' },
              not: false,
              does: [
                { op: 'remember', who: 'self' },
                { op: 'send', type: 'A', to: 'self', payload: 0, who: 'self', value: false },
              ],
            },
          ],
          A: [],
          B: [],
          keeps: null,
        },
      ],
      steps: [],
      flight: null,
      faults: [],
      observers: [],
      properties: [
        { is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } },
        { is: 'invariant', predicate: { type: 'eachPair', roles: [0, 0], view: 'n', same: false, c: 1 } },
        { is: 'invariant', predicate: { type: 'some', role: 0, view: 'n', is: 'not', c: 1 } },
        { is: 'invariant', predicate: { type: 'each', role: 0, view: 'n', is: 'not', c: 3 } },
      ],
      mayRest: null,
    })
    const { protocol: judged } = withLate(protocol, oracle(protocol))
    const one = await explore(judged, { reduce: [], tuning: quick })
    // Which worker asks first is by chance.
    for (let i = 0; i < 12; i++) expect(found(await explore(judged, { reduce: [], tuning: quick, workers: two }))).toEqual(found(one))
  })
})
