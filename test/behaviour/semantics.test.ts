/** What deadlocks and `canAlways` mean: lost messages, the last step within a depth, budgets that are wasted, the nearest of several; and which searches may be combined. */
import fc from 'fast-check'
import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Report } from '../../checker/check/report.ts'
import { always, canAlways, crashStop, duplication, each, type Fault, family, loss, type Network, type Protocol, some, step } from '../../checker/index.ts'
import type { AnyProtocol, Spec } from '../../checker/protocol/protocol.ts'
import { renderText } from '../../checker/trace/render-text.ts'
import { replay } from '../../checker/trace/replay.ts'
import { parseTrace } from '../../checker/trace/schema.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { mutants as fifoMutants } from '../../specs/fifo-broadcast/mutants.ts'
import { fifoBroadcast } from '../../specs/fifo-broadcast/protocol.ts'
import { mutants as mutexMutants } from '../../specs/lamport-mutex/mutants.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { mutants as raftMutants } from '../../specs/raft/mutants.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { mutants as commitMutants } from '../../specs/two-phase-commit/mutants.ts'
import { twoPhaseCommit } from '../../specs/two-phase-commit/protocol.ts'
import { violatedWithin } from '../support/executions.ts'
import { oracle } from '../support/oracle.ts'
import { acceptedProtocol } from '../support/random-protocol.ts'
import { pooled } from '../support/workers-support.ts'

const networks: readonly Network[] = ['fair-loss', 'reliable', 'fifo']

const said = ({ verdict, property, counterexample, shortest }: Report) => ({ verdict, property, length: counterexample?.steps.length ?? null, shortest })

const violated = (property: string, length: number) => ({ verdict: 'violated', property, length, shortest: true })

const holds = { verdict: 'holds', property: null, length: null, shortest: false }

/** Ways to search that must say the same, and the same length. */
const ways: readonly Options[] = [{ reduce: [] }, {}, { reduce: ['dead-messages', 'bisimulation'] }]

/** The same from each way; and depth-first the same verdict. */
const inAllWays = async (protocol: Spec, options: Options, expected: object): Promise<void> => {
  for (const way of ways) expect({ way, ...said(await explore(protocol, { ...options, ...way })) }).toEqual({ way, ...expected })
  if (options.depth !== undefined) return
  const { verdict, property } = expected as { verdict: string; property: string | null }
  expect(await explore(protocol, { ...options, order: 'depth' })).toMatchObject({ verdict, property })
}

// Two nodes: one tells the other something, which may answer.

class Asker extends Record({ asked: false, heard: false }) {}
class Answerer extends Record({ got: false }) {}
type Asking = {
  asker: { state: Asker; inbox: { readonly type: 'Answer' } }
  answerer: { state: Answerer; inbox: { readonly type: 'Question' } }
}

interface How {
  readonly network?: Network
  readonly faults?: readonly Fault<'asker' | 'answerer'>[]
  /** The asker asks again until it has heard. */
  readonly again?: boolean
  readonly mayRest?: Protocol<Asking>['mayRest']
  readonly properties?: Protocol<Asking>['properties']
}

const heard = some<Asking, 'asker', boolean>(
  'asker',
  a => a.heard,
  is => is,
)

const asking = ({ network = 'fair-loss', faults = [], again = false, mayRest, properties = {} }: How): Protocol<Asking> => ({
  name: 'asking',
  source: 'this test',
  network,
  faults,
  roles: {
    asker: {
      count: 1,
      init: () => new Asker(),
      on: { Answer: a => a.set('heard', true) },
      actions: {
        ask: {
          when: a => !a.asked || (again && !a.heard),
          do(a, { nodes, send }) {
            send(nodes.answerer, { type: 'Question' })
            return a.set('asked', true)
          },
        },
      },
    },
    answerer: {
      count: 1,
      init: () => new Answerer(),
      on: {
        Question(b, _, from, { send }) {
          send(from, { type: 'Answer' })
          return b.set('got', true)
        },
      },
    },
  },
  properties,
  ...(mayRest !== undefined && { mayRest }),
})

const lossOf = (network: Network): readonly Fault<never>[] => (network === 'fair-loss' ? [] : [loss({ atMost: 1 })])

/** Places that a walker goes to: by itself; or by a message that it sends itself and gets there, where it sends the next. */
const byItself: { readonly [from: number]: readonly number[] } = { 0: [5, 6], 6: [7] }
const byMessage: { readonly [from: number]: number } = { 5: 1, 7: 2 }
const onReceipt: { readonly [at: number]: number } = { 1: 4, 4: 2, 2: 3, 3: 9 }

class Walker extends Record({ at: 0 }) {}
type Walking = { walker: { state: Walker; inbox: { readonly type: 'Go'; readonly from: number } } }

/** From 5 to 9 there is one way: 5, 1, 4, 2, 3, 9, each step but the first by the message of the step before. */
const walking: Protocol<Walking> = {
  name: 'walking',
  source: 'this test',
  network: 'fair-loss',
  roles: {
    walker: {
      count: 1,
      init: () => new Walker(),
      on: {
        Go(walker, { from }, _, { self, send }) {
          const to = onReceipt[from]
          if (walker.at !== from || to === undefined) return walker
          send(self, { type: 'Go', from: to })
          return walker.set('at', to)
        },
      },
      actions: {
        walk: {
          when: ({ at }) => byItself[at] !== undefined,
          do: (walker, { choose }) => walker.set('at', choose(byItself[walker.at] ?? [])),
        },
        begin: {
          when: ({ at }) => byMessage[at] !== undefined,
          do(walker, { self, send }) {
            const to = byMessage[walker.at] as number
            send(self, { type: 'Go', from: to })
            return walker.set('at', to)
          },
        },
      },
    },
  },
  properties: {
    arrives: canAlways(
      some<Walking, 'walker', number>(
        'walker',
        ({ at }) => at,
        at => at === 9,
      ),
    ),
  },
}

describe('a message that never arrives', () => {
  // 5 is not stuck, but that is known only after what lies behind it, which is met in another order.
  it('is what a state is stuck by, not what lies ahead of it', () => inAllWays(walking, {}, violated('arrives', 3)))

  it.each(networks)('may end what was possible: %s', async network => {
    const how = { network, faults: lossOf(network), properties: { answered: canAlways(heard) } }
    await inAllWays(asking(how), {}, violated('answered', 2))
    // Over fair-loss a budget of losses bounds nothing.
    await inAllWays(asking({ ...how, faults: [loss({ atMost: 1 })] }), {}, violated('answered', 2))
  })

  it.each(networks)('may be the last thing to wait for: %s', async network => {
    await inAllWays(asking({ network, faults: lossOf(network), mayRest: w => w.all('asker').every(a => a.heard) }), {}, violated('deadlock', 2))
    await inAllWays(asking({ network, faults: lossOf(network), mayRest: w => w.all('answerer').every(b => b.got) }), {}, violated('deadlock', 2))
    // It may rest as soon as it has asked; before, it can ask.
    await inAllWays(asking({ network, faults: lossOf(network), mayRest: w => w.all('asker').every(a => a.asked) }), {}, holds)
  })

  it('is what a protocol that repeats itself is made for', async () => {
    const mayRest: How['mayRest'] = w => w.all('asker').every(a => a.heard)
    await inAllWays(asking({ again: true, mayRest, properties: { answered: canAlways(heard) } }), {}, holds)
    // The answerer may stop; then there is none.
    const stops = { again: true, faults: [crashStop('answerer', { atMost: 1 })] }
    await inAllWays(asking({ ...stops, properties: { answered: canAlways(heard) } }), {}, violated('answered', 1))
    // That the question is asked again is nothing that happens; not even the first time, as nobody listens.
    await inAllWays(asking({ ...stops, mayRest }), {}, violated('deadlock', 2))
  })

  it('is nothing to a safety property, which takes no more states', async () => {
    const safe = {
      quiet: each<Asking, 'asker', boolean>(
        'asker',
        a => a.heard,
        () => true,
      ),
    }
    const alone = await explore(asking({ properties: safe }), { reduce: [] })
    const beside = await explore(asking({ again: true, properties: { ...safe, answered: canAlways(heard) } }), { reduce: [] })
    expect([alone.verdict, alone.states, beside.verdict, beside.states]).toEqual(['holds', 4, 'holds', 4])
    expect(beside.notes.join()).toContain('all that is in flight lost')
  })

  it('is a step that is drawn, written, read and replayed', async () => {
    const protocol = asking({ properties: { answered: canAlways(heard) } })
    const { counterexample } = await explore(protocol)
    const trace = parseTrace(JSON.stringify(counterexample), 'this test')
    expect(replay(trace, protocol)).toEqual({ kind: 'violates' })
    expect(replay(trace, asking({ again: true, properties: { answered: canAlways(heard) } }))).toEqual({ kind: 'harmless' })
    expect(replay(trace, asking({ network: 'fifo', properties: { answered: canAlways(heard) } }))).toMatchObject({ kind: 'impossible', step: 2 })
    expect(renderText(counterexample as Trace)).toMatchInlineSnapshot(`
      "asking: answered is violated after step 2.

      asker       answerer
      ●           │             1. asker ask
      │     ⊘     │             2. all that is in flight is lost

        asker     asked: true, heard: false
        answerer  got: false
      "
    `)
  })

  it('must not be looked for: over fair-loss, what may be does not depend on what is in flight', async () => {
    const nothing = always<Asking>(w => w.inFlight.length === 0)
    for (const how of [{ properties: { calm: canAlways(nothing) } }, { mayRest: (w: Parameters<typeof nothing.ok>[0]) => w.inFlight.length === 0 }])
      await expect(explore(asking(how as How))).rejects.toThrow('IT LOOKS AT WHAT MAY BE LOST')
    await inAllWays(asking({ network: 'reliable', properties: { calm: canAlways(nothing) } }), {}, holds)
    await inAllWays(asking({ properties: { calm: nothing } }), {}, violated('calm', 1))
  })

  it('whether each is lost by itself or all at once: the same verdicts', () => {
    let compared = 0
    for (const { protocol } of fc.sample(acceptedProtocol, { numRuns: 60, seed: 20_261_127 })) {
      if (protocol.network !== 'fair-loss') continue
      const [all, one] = (['all', 'each'] as const).map(losses => oracle(protocol, { statesMax: 25, losses }))
      if (!all?.complete || !one?.complete) continue
      const verdicts = (of: typeof all) => Object.entries(of.properties).map(([name, { verdict }]) => [name, verdict])
      expect(verdicts(one)).toEqual(verdicts(all))
      compared++
    }
    expect(compared).toBeGreaterThan(4)
  })
})

// What happens after exactly so many steps.

class Counter extends Record({ n: 0 }) {}
type Counting = { counter: { state: Counter; inbox: never } }

const counting = family({ stop: 3, network: 'reliable' }, ({ stop, network }) => ({
  name: 'counting',
  source: 'this test',
  network: network as Network,
  roles: {
    counter: {
      count: 1,
      init: () => new Counter(),
      on: {},
      actions: { inc: { when: (c: Counter) => c.n < stop, do: (c: Counter) => c.set('n', c.n + 1) } },
    },
  },
  mayRest: false as const,
  properties: {
    below: each<Counting, 'counter', number>(
      'counter',
      c => c.n,
      n => n < stop,
    ),
    noStep: step<Counting, 'counter'>('counter', (_, { n }) => n < stop),
  },
})) satisfies (...args: never[]) => Protocol<Counting>

describe('within a depth', () => {
  it.each(networks)('what is violated after exactly so many steps is: %s', async network => {
    for (const property of ['below', 'noStep', 'deadlock'])
      for (const depth of [3, 4]) await inAllWays(counting({ network }), { property, depth }, violated(property, 3))
    for (const property of ['below', 'noStep', 'deadlock']) await inAllWays(counting({ network }), { property, depth: 2 }, holds)
    for (const depth of [0, 1])
      expect(oracle(counting({ stop: 0 }) as unknown as AnyProtocol, { depth }).properties['deadlock']).toEqual({ verdict: 'violated', length: 0 })
    await inAllWays(counting({ network, stop: 0 }), { property: 'deadlock', depth: 0 }, violated('deadlock', 0))
  })

  it('a message that is lost counts as a step', async () => {
    const waits = asking({ mayRest: w => w.all('asker').every(a => a.heard) })
    await inAllWays(waits, { depth: 1 }, holds)
    await inAllWays(waits, { depth: 2 }, violated('deadlock', 2))
  })

  it('so it is in two threads, and in random executions', async () => {
    const workers = pooled(2)
    for (const depth of [2, 3])
      expect(said(await explore(counting(), { property: 'deadlock', depth, workers }))).toEqual(depth === 2 ? holds : violated('deadlock', 3))
    const waits = asking({ mayRest: w => w.all('asker').every(a => a.heard) })
    for (const depth of [1, 2]) expect(said(await explore(waits, { depth, workers }))).toEqual(depth === 1 ? holds : violated('deadlock', 2))
    for (const depth of [2, 3])
      expect(await explore(counting(), { property: 'deadlock', depth, simulate: { runs: 1, seed: 1 } })).toMatchObject({
        property: depth === 2 ? null : 'deadlock',
      })
    for (const depth of [1, 2])
      expect(await explore(waits, { depth, simulate: { runs: 1, seed: 1 } })).toMatchObject({ property: depth === 1 ? null : 'deadlock' })
  })

  it('the engine, the oracle, and all executions one by one: the same', async () => {
    let compared = 0
    for (const { protocol } of fc.sample(acceptedProtocol, { numRuns: 25, seed: 4 })) {
      if (!oracle(protocol, { statesMax: 40 }).complete) continue
      for (const depth of [1, 2]) {
        const one = violatedWithin(protocol, depth)
        const { properties } = oracle(protocol, { depth })
        for (const name of Object.keys(properties)) {
          if (['reachable', 'canAlways'].includes(protocol.properties[name]?.type ?? '')) continue
          expect({ name, length: properties[name]?.length ?? undefined }).toEqual({ name, length: one[name] })
          const { counterexample } = await explore(protocol, { depth, property: name })
          expect({ name, length: counterexample?.steps.length }).toEqual({ name, length: one[name] })
          compared++
        }
      }
    }
    expect(compared).toBeGreaterThan(25)
  })
})

// A message that counts, and one that does nothing; what is wanted takes the first twice.

class Tally extends Record({ n: 0, sent: false, mark: false }) {}
type Tallying = { tally: { state: Tally; inbox: { readonly type: 'Count' | 'Noise' } }; idle: { state: Tally; inbox: { readonly type: 'Noise' } } }

/** @param noise what the other message does: nothing, or what no property sees, or it is sent to a node that may stop */
const tallying = (noise: 'nothing' | 'a twin' | 'to one that stops', fault: Fault<never>): Protocol<Tallying> => ({
  name: 'tallying',
  source: 'this test',
  network: 'reliable',
  faults: [fault, ...(noise === 'to one that stops' ? [crashStop('idle', { atMost: 1 })] : [])],
  roles: {
    tally: {
      count: 1,
      init: () => new Tally(),
      on: { Count: t => t.set('n', Math.min(2, t.n + 1)), Noise: t => (noise === 'a twin' ? t.set('mark', true) : t) },
      actions: {
        send: {
          when: t => !t.sent,
          do(t, { self, nodes, send }) {
            send(self, { type: 'Count' })
            send(noise === 'to one that stops' ? nodes.idle : self, { type: 'Noise' })
            return t.set('sent', true)
          },
        },
      },
    },
    idle: { count: 1, init: () => new Tally(), on: { Noise: t => t.set('mark', true) } },
  },
  properties: {
    two: canAlways(
      some<Tallying, 'tally', number>(
        'tally',
        t => t.n,
        n => n === 2,
      ),
    ),
    one: canAlways(
      some<Tallying, 'tally', number>(
        'tally',
        t => t.n,
        n => n > 0,
      ),
    ),
  },
})

describe('what stays possible', () => {
  it.each(['nothing', 'a twin', 'to one that stops'] as const)('by a duplication, which can be wasted on a message that does nothing: %s', async noise => {
    const spec = tallying(noise, duplication({ atMost: 1 }))
    await inAllWays(spec, { property: 'two' }, violated('two', 2))
    await inAllWays(spec, { property: 'one' }, holds)
    expect((await explore(spec, { property: 'two' })).reductions).not.toContain('dead-messages')
  })

  it('does not take a loss, so one that is wasted is not missed', async () => {
    const spec = tallying('nothing', loss({ atMost: 1 }))
    await inAllWays(spec, { property: 'one' }, violated('one', 2))
    expect((await explore(spec, { property: 'one' })).reductions).toContain('dead-messages')
  })

  it('of several that are violated, the nearest is reported, and the others are named', async () => {
    const spec = {
      ...counting({ stop: 9 }),
      mayRest: true,
      properties: {
        five: canAlways(
          some<Counting, 'counter', number>(
            'counter',
            c => c.n,
            n => n === 5,
          ),
        ),
        two: canAlways(
          some<Counting, 'counter', number>(
            'counter',
            c => c.n,
            n => n === 2,
          ),
        ),
        nine: canAlways(
          some<Counting, 'counter', number>(
            'counter',
            c => c.n,
            n => n === 9,
          ),
        ),
      },
    }
    for (const way of ways) expect(said(await explore(spec, way))).toEqual(violated('two', 3))
    expect(await explore(spec, { order: 'depth' })).toMatchObject({ verdict: 'violated', shortest: false })
    expect((await explore(spec)).notes).toContain('Violated, too: five (after 6 steps).')
  })

  it('is not judged where something else is violated, and the report says so', async () => {
    const spec = { ...counting(), mayRest: true, properties: { ...counting().properties, two: canAlways(always<Counting>(() => true)) } }
    const { notes } = await explore(spec)
    expect(notes.join()).toContain('two: not judged')
  })
})

// Each order with each way to keep states.

const mutated: readonly (readonly [name: string, correct: Spec | null, mutant: Spec, property: string])[] = [
  ['raft votesTwice', null, raftMutants.votesTwice.change(raft()), raftMutants.votesTwice.breaks],
  ['lamport-mutex impatient', lamportMutex({ maxClock: 3 }), mutexMutants.impatient.change(lamportMutex({ maxClock: 3 })), mutexMutants.impatient.breaks],
  ['two-phase-commit impatient', twoPhaseCommit(), commitMutants.impatient.change(twoPhaseCommit()), commitMutants.impatient.breaks],
  ['fifo-broadcast deliversOnReceipt', fifoBroadcast(), fifoMutants.deliversOnReceipt.change(fifoBroadcast()), fifoMutants.deliversOnReceipt.breaks],
]

describe.each(mutated)('%s', (_, correct, mutant, property) => {
  const pairs = [undefined, 'breadth', 'depth'].flatMap(order =>
    [undefined, { runs: 20, seed: 1 }].map(simulate => ({ ...(order && { order }), ...(simulate && { simulate }) }) as Options),
  )
  it.each(pairs)('%j', async pair => {
    const options = { property, ...pair }
    const wrong = await explore(mutant, options)
    if (correct !== null) expect((await explore(correct, options)).property).toBe(null)
    if (pair.simulate === undefined) expect(wrong).toMatchObject({ verdict: 'violated', property })
    if (wrong.counterexample !== null) expect(replay(wrong.counterexample, mutant)).toEqual({ kind: 'violates' })
  })
})
