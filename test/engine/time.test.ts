/**
 * Time: the engine against the oracle, which has it by its definition. PROTOCHECK_TIME_RUNS says on how many random protocols; `npm run soak -- --time` takes more.
 */
import fc from 'fast-check'
import { Record } from 'immutable'
import { describe, expect, it, test } from 'vitest'
import {
  always,
  asynchronous,
  crashStop,
  each,
  eachEventually,
  explore,
  type Id,
  type Network,
  observed,
  type Protocol,
  partiallySynchronous,
  partition,
  reachable,
  some,
  synchronous,
  type Timing,
  type Trace,
  type World,
} from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { withTime } from '../../checker/run/time.ts'
import { replay } from '../../checker/trace/replay.ts'
import { compare, Tally } from '../support/comparison.ts'
import { oracle } from '../support/oracle.ts'
import { randomProtocolInTime } from '../support/random-protocol.ts'
import { askNoResources } from '../support/resources.ts'

const runs = Number(process.env['PROTOCHECK_TIME_RUNS'] ?? 8)

askNoResources()

describe(`on ${runs} random protocols in which there is time`, () => {
  it(
    'the engine agrees with the oracle',
    async () => {
      const tally = new Tally()
      let skipped = 0
      const agrees = fc.asyncProperty(randomProtocolInTime, fc.noShrink(fc.nat()), async ({ protocol, mayBeRefused }, drawnSeed) => {
        const findings = oracle(protocol, { statesMax: 300 })
        if (!findings.complete) skipped++
        fc.pre(findings.complete)
        await compare(protocol, findings, { tally, seed: drawnSeed, mayBeRefused, ways: 2, drawn: 2 })
      })
      await fc.assert(agrees, { numRuns: runs, seed: Number(process.env['PROTOCHECK_TIME_SEED'] ?? 20_261_128) })
      expect(skipped).toBeLessThan(2 * runs)
    },
    60_000 + runs * 60_000,
  )
})

class Asker extends Record({ left: 3, heard: 'nothing' as 'nothing' | 'an answer' | 'too late', age: 0 }) {}

type Roles = { asker: { state: Asker; inbox: { readonly type: 'Ask' | 'Answer' } } }

/** Each asks the other at the first moment, and waits for so many ticks. */
const askers = (timing: Timing, { wait = 3, network = 'reliable' as Network, more = {} } = {}) => ({
  name: 'askers',
  network,
  timing,
  roles: {
    asker: {
      count: 2,
      init: () => new Asker({ left: wait + 1 }),
      actions: {
        ask: {
          when: ({ left }: Asker) => left === wait + 1,
          do(asker: Asker, { others, send }: { readonly others: readonly Id[]; send(to: readonly Id[], message: { readonly type: 'Ask' }): void }) {
            send(others, { type: 'Ask' })
            return asker.set('left', wait)
          },
        },
        giveUp: {
          when: ({ left, heard }: Asker) => left === 0 && heard === 'nothing',
          do: (asker: Asker) => asker.set('heard', 'too late'),
        },
      },
      tick: (asker: Asker) => asker.update('left', left => Math.max(0, left - 1)),
      due: ({ left, heard }: Asker) => left === wait + 1 || (left === 0 && heard === 'nothing'),
      on: {
        Ask(asker: Asker, _: unknown, from: Id, { send }: { send(to: Id, message: { readonly type: 'Answer' }): void }) {
          send(from, { type: 'Answer' })
          return asker
        },
        Answer: (asker: Asker) => (asker.heard === 'nothing' ? asker.set('heard', 'an answer') : asker),
      },
    },
  },
  properties: {
    inTime: each<Roles, 'asker', string>(
      'asker',
      ({ heard }) => heard,
      heard => heard !== 'too late',
    ),
    answered: reachable(
      some<Roles, 'asker', string>(
        'asker',
        ({ heard }) => heard,
        heard => heard === 'an answer',
      ),
    ),
    settled: eachEventually<Roles, 'asker', string>(
      'asker',
      ({ heard }) => heard,
      heard => heard !== 'nothing',
    ),
  },
  ...more,
})

const within = (max: number, min = 0) => synchronous({ delay: { min, max } })

describe('a question and its answer', () => {
  test.each([
    ['within twice the bound', askers(within(1)), 'holds', undefined],
    ['over fifo', askers(within(1), { network: 'fifo' }), 'holds', undefined],
    ['with less patience', askers(within(1), { wait: 2 }), 'violated', 'inTime'],
    ['that take two ticks each', askers(within(2, 2), { wait: 4 }), 'violated', 'inTime'],
    ['that take two ticks each, with more patience', askers(within(2, 2), { wait: 5 }), 'holds', undefined],
    ['where answers are slower', askers(synchronous({ delay: { max: 1 }, delays: { Answer: { max: 2 } } })), 'violated', 'inTime'],
    ['where clocks drift', askers(synchronous({ delay: { max: 1 }, drift: 1 })), 'violated', 'inTime'],
    ['where clocks drift, with more patience', askers(synchronous({ delay: { max: 1 }, drift: 1 }), { wait: 5 }), 'holds', undefined],
    ['without a bound', askers(asynchronous()), 'violated', 'inTime'],
    ['before messages arrive in time', askers(partiallySynchronous({ delay: { max: 1 } })), 'violated', 'inTime'],
    ['of a node that may crash', askers(within(1), { more: { faults: [crashStop('asker', { atMost: 1 })] } }), 'violated', 'inTime'],
  ])('%s', async (_, protocol, verdict, property) => {
    const report = await explore(protocol)
    expect([report.verdict, report.property ?? undefined]).toEqual([verdict, property])
    if (report.counterexample !== null) expect(replay(report.counterexample, protocol)).toEqual({ kind: 'violates' })
  })

  test('are settled in the end, since time goes on', async () => {
    expect((await explore(askers(within(1)), { property: 'settled' })).verdict).toBe('holds')
    // Without anything that is due.
    const idle = askers(within(1))
    const lazy = { ...idle, roles: { asker: { ...idle.roles.asker, due: () => false } } }
    const { verdict, counterexample } = await explore(lazy, { property: 'settled' })
    expect(verdict).toBe('violated')
    expect(replay(counterexample as Trace, lazy)).toEqual({ kind: 'violates' })
    // With a horizon no execution goes on for ever.
    expect((await explore(askers(synchronous({ delay: { max: 1 }, horizon: 2 })), { property: 'settled' })).verdict).toBe('inconclusive')
  })
})

test('time that stands still is a deadlock', async () => {
  const made = askers(within(1))
  const { giveUp: _, ...actions } = made.roles.asker.actions
  const stuck = { ...askers(within(2, 2)), roles: { asker: { ...made.roles.asker, actions } } }
  const { property, counterexample } = await explore(stuck)
  expect([property, counterexample?.steps.at(-1)?.kind]).toEqual(['deadlock', 'tick'])
  expect(replay(counterexample as Trace, stuck)).toEqual({ kind: 'violates' })
  // Nothing arrives any more, and nobody asks why.
  expect((await explore({ ...stuck, mayRest: true })).property).toBe('answered')
})

test('a tick that the bound of the model cuts off is no deadlock', async () => {
  class Clock extends Record({ now: 0 }) {}
  const clock = { count: 1, init: () => new Clock(), tick: (node: Clock) => node.update('now', now => now + 1), within: ({ now }: Clock) => now <= 2, on: {} }
  const made = { name: 'clock', network: 'reliable' as const, timing: within(1), roles: { clock }, properties: {}, mayRest: false }
  expect(await explore(made)).toMatchObject({ verdict: 'holds', states: 3 })
  const stops = { ...clock, tick: (node: Clock) => node.set('now', Math.min(2, node.now + 1)) }
  expect(await explore({ ...made, roles: { clock: stops } })).toMatchObject({ property: 'deadlock' })
})

test('who begins outside the bound of the model, and has no clock, holds up no tick', async () => {
  class Clock extends Record({ now: 0 }) {}
  const clock = { count: 1, init: () => new Clock(), tick: (node: Clock) => node.set('now', 1), on: {} }
  const outside = { count: 1, init: () => new Clock({ now: 9 }), within: ({ now }: Clock) => now < 9, on: {} }
  type Both = { clock: { state: Clock; inbox: never }; outside: { state: Clock; inbox: never } }
  const early = each<Both, 'clock', number>(
    'clock',
    ({ now }) => now,
    now => now === 0,
  )
  const made = { name: 'clock', network: 'reliable' as const, timing: within(1), roles: { clock, outside }, properties: { early } }
  const { property, counterexample } = await explore(made)
  expect([property, counterexample?.steps.length]).toEqual(['early', 1])
})

test('a rule of `due` may be left out', async () => {
  const made = askers(within(1))
  const due = (_: Asker, { rule }: { rule(label: string, holds: boolean): boolean }) => rule('nothing is ever due', false)
  const ruled = { ...made, roles: { asker: { ...made.roles.asker, init: () => new Asker({ left: 0, heard: 'an answer' }), due } }, properties: {} }
  expect((await explore(ruled)).verdict).toBe('holds')
  expect((await explore(ruled, { without: ['nothing is ever due'] })).property).toBe('deadlock')
})

test('of a timing that is given in place of another nothing is left', async () => {
  const [first, second] = [askers(partiallySynchronous({ delay: { max: 1 }, horizon: 4 })), askers(asynchronous())]
  const changed = withTime({ ...withTime(first as never), timing: asynchronous() })
  expect(changed.observers).toBe(undefined)
  const asked = { property: 'answered', reduce: [] } as const
  expect((await explore(changed, asked)).states).toBe((await explore(second, asked)).states)
})

describe('what must arrive at a node that is down is lost', () => {
  class Talker extends Record({ spoke: false, heard: false }) {}
  type OfTalkers = { talker: { state: Talker; inbox: { readonly type: 'Word' } } }
  const talkers = (network: Network): AnyProtocol => {
    const roles: Protocol<OfTalkers>['roles'] = {
      talker: {
        count: 2,
        init: () => new Talker(),
        actions: {
          speak: {
            when: ({ spoke }) => !spoke,
            do(talker, { broadcast }) {
              broadcast({ type: 'Word' })
              return talker.set('spoke', true)
            },
          },
        },
        on: { Word: talker => talker.set('heard', true) },
      },
    }
    /** One has spoken, the other has crashed and not heard it, and nothing is in flight. */
    const isLost = ({ nodes, crashed, get, inFlight }: World<OfTalkers>) => {
      const [up] = nodes.talker.filter(id => !crashed(id))
      const [down] = nodes.talker.filter(id => crashed(id))
      return up !== undefined && down !== undefined && get(up).spoke && !get(down).heard && inFlight.length === 0
    }
    const faults = [crashStop('talker', { atMost: 1 })]
    return {
      name: 'talkers',
      network,
      timing: within(1),
      faults,
      roles,
      properties: { lost: reachable(always(isLost)), kept: always<OfTalkers>(world => !isLost(world)) },
    } as unknown as AnyProtocol
  }

  test.each(['reliable', 'fifo'] as const)('over %s', async network => {
    const protocol = talkers(network)
    const { states, complete } = oracle(protocol, { statesMax: 2000 })
    expect(await explore(protocol, { reduce: [], property: 'lost' })).toMatchObject({ verdict: 'holds', complete, states: states.length })
    // The walk goes there, too.
    const { counterexample } = await explore(protocol, { property: 'kept' })
    expect(counterexample?.steps.at(-1)?.kind).toBe('tick')
    expect(replay(counterexample as Trace, protocol)).toEqual({ kind: 'violates' })
  })
})

test('messages arrive in time after so many ticks at the latest', async () => {
  const timings = [0, 1, 2].map(settlesWithin => partiallySynchronous({ delay: { max: 1 }, settlesWithin }))
  const verdicts = await Promise.all(timings.map(async timing => (await explore(askers(timing))).verdict))
  // An answer comes two ticks later at the latest.
  expect(verdicts).toEqual(['holds', 'violated', 'violated'])
  expect((await explore(askers(timings[1] as Timing, { wait: 4 }))).verdict).toBe('holds')
  expect((await explore(askers(timings[2] as Timing, { wait: 4 }))).verdict).toBe('violated')
  // After that nobody counts any more.
  const forgets = observed('time', ({ isTimely, unsettled }: { readonly isTimely: boolean; readonly unsettled: number }) => !isTimely || unsettled === 0)
  expect((await explore({ ...askers(timings[2] as Timing), properties: { forgets } })).verdict).toBe('holds')
})

test('the observer time tells what no node knows', async () => {
  const early = observed('time', ({ now }: { readonly now: number }) => now < 3)
  const { property, counterexample } = await explore({ ...askers(synchronous({ delay: { max: 1 }, horizon: 5 })), properties: { early } })
  expect([property, counterexample?.steps.filter(({ kind }) => kind === 'tick').length, counterexample?.steps.at(-1)?.observers]).toEqual([
    'early',
    3,
    { time: { now: 3 } },
  ])
})

test('a message in flight says how old it is', async () => {
  const young = always<Roles>(({ inFlight }) => inFlight.every(({ message }) => ((message as { readonly age?: number }).age ?? 0) < 2))
  expect((await explore({ ...askers(within(1)), properties: { young } })).verdict).toBe('holds')
  expect((await explore({ ...askers(within(2)), properties: { young } })).property).toBe('young')
})

describe('is refused', () => {
  const made = askers(within(1))
  const { timing: _, ...timeless } = made
  test.each([
    ['a tick without a timing', timeless, /roles.asker has `tick`, and the protocol says nothing about time/],
    ['delays over fair-loss', { ...made, network: 'fair-loss' as const }, /over fair-loss a message arrives never, once or again and again/],
    ['a partition', { ...made, properties: {}, faults: [partition([{ asker: 1 }])] }, /cannot arrive in time/],
    ['a delay that ends before it begins', askers(synchronous({ delay: { min: 2, max: 1 } })), /timing.delay/],
    ['a moment to settle where there is none', askers({ ...within(1), settlesWithin: 2 }), /`settlesWithin` says when messages begin/],
    ['no bound at all', askers(synchronous({ delay: { max: Infinity } })), /no delay has a bound/],
    [
      'a delay of messages that there are not',
      askers(synchronous({ delay: { max: 1 }, delays: { Asks: { max: 2 } } })),
      /type "Asks", for which no role has a handler/,
    ],
    ['an observer of that name', { ...made, observers: { time: { init: 0, on: (n: number) => n } } }, /observers.time has the name of what the timing tells/],
    ['clocks that may be anywhere', askers(synchronous({ delay: { max: 1 }, drift: 100 })), /more than 20000 states of the clocks/],
    ['a horizon that is no number of ticks', askers(synchronous({ delay: { max: 1 }, horizon: 0.5 })), /timing.horizon/],
    ['a due that says nothing', { ...made, roles: { asker: { ...made.roles.asker, due: () => undefined as never } } }, /due/],
    [
      'a tick that sends',
      {
        ...made,
        roles: {
          asker: { ...made.roles.asker, tick: (asker: Asker, here: object) => ((here as { send(...of: unknown[]): void }).send([], {}) as never) ?? asker },
        },
      },
      /ONLY A STEP MAY DO THIS/,
    ],
    [
      'a message with an age of its own',
      {
        ...made,
        roles: {
          asker: {
            ...made.roles.asker,
            actions: {
              ask: {
                do(asker: Asker, { others, send }: { readonly others: readonly Id[]; send(to: readonly Id[], message: object): void }) {
                  send(others, { type: 'Ask', age: 1 })
                  return asker
                },
              },
            },
          },
        },
      },
      /NOT ITS OWN FIELD/,
    ],
  ])('%s', async (_, protocol, message) => {
    await expect(explore(protocol)).rejects.toThrow(message)
  })
})
