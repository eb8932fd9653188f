/**
 * Nodes that lie: the engine against the oracle, which has them by their definition. PROTOCHECK_LIARS_RUNS says on how many random protocols; `npm run soak -- --liars` takes more.
 */
import fc from 'fast-check'
import { Record } from 'immutable'
import { describe, expect, it, test } from 'vitest'
import {
  byzantine,
  each,
  eachEventually,
  explore,
  type Fault,
  fairDelivery,
  forgery,
  type Id,
  type Network,
  reachable,
  Signed,
  some,
  type Trace,
  weaklyFair,
} from '../../checker/index.ts'
import type { Tagged } from '../../checker/protocol/roles.ts'
import { renderText } from '../../checker/trace/render-text.ts'
import { replay } from '../../checker/trace/replay.ts'
import { bcastByz } from '../fixtures/bcast-byz.ts'
import { compare, Tally } from '../support/comparison.ts'
import { oracle } from '../support/oracle.ts'
import { randomProtocolWithLiars } from '../support/random-protocol.ts'
import { askNoResources } from '../support/resources.ts'

const runs = Number(process.env['PROTOCHECK_LIARS_RUNS'] ?? 8)

askNoResources()

describe(`on ${runs} random protocols in which nodes may lie`, () => {
  it(
    'the engine agrees with the oracle',
    async () => {
      const tally = new Tally()
      let [lied, skipped] = [0, 0]
      const agrees = fc.asyncProperty(randomProtocolWithLiars, fc.noShrink(fc.nat()), async ({ protocol, mayBeRefused }, drawnSeed) => {
        const findings = oracle(protocol, { statesMax: 200 })
        if (!findings.complete) skipped++
        fc.pre(findings.complete)
        if (findings.worlds.some(({ world, whole }) => world.inFlight.length < whole.inFlight.length)) lied++
        await compare(protocol, findings, { tally, seed: drawnSeed, mayBeRefused, ways: 2, drawn: 2 })
      })
      await fc.assert(agrees, { numRuns: runs, seed: 20_261_128 })
      expect(lied).toBeGreaterThan(runs / 4)
      expect(skipped).toBeLessThan(2 * runs)
    },
    60_000 + runs * 60_000,
  )
})

class Voter extends Record({ votes: 0, heard: 'nothing' }) {}

type Roles = { voter: { state: Voter; inbox: { readonly type: 'Vote'; readonly signed?: Signed } } }

/** Nodes that hear votes, of which each honest one sends none. */
const votes = (faults: readonly Fault<'voter'>[], network: Network = 'fair-loss') => ({
  name: 'votes',
  network,
  faults,
  roles: {
    voter: {
      count: 3,
      init: () => new Voter(),
      on: {
        Vote: (voter: Voter, { signed }: { readonly type: string; readonly signed?: Signed }) =>
          voter.merge({ votes: 1, heard: signed?.value instanceof Signed ? 'signed twice' : 'signed once' }),
      },
    },
  },
  properties: {
    none: each<Roles, 'voter', number>(
      'voter',
      ({ votes: heard }) => heard,
      heard => heard === 0,
    ),
    some: reachable(
      some<Roles, 'voter', number>(
        'voter',
        ({ votes: heard }) => heard,
        heard => heard === 1,
      ),
    ),
  },
})

const says = (...messages: readonly Tagged[]) => byzantine('voter', { atMost: 1, says: () => messages })

describe('a liar', () => {
  test('says what it may, and is asked for nothing', async () => {
    const { property, counterexample } = await explore(votes([says({ type: 'Vote' })]))
    expect([property, counterexample?.steps.map(({ node, from }) => [node, from])]).toEqual(['none', [['v1', 'v3']]])
    expect(counterexample?.initial.choices).toEqual({ v3: ['to lie'] })
  })

  test.each([
    ['over another network', votes([says()], 'reliable'), /Byzantine nodes, and its network is reliable/],
    ['of a role that there is not', votes([byzantine('vote' as 'voter', { atMost: 1, says: () => [] })]), /names role "vote", which there is not/],
    ['of a role twice', votes([says(), says()]), /names role "voter" twice/],
    ['without a number', votes([{ ...says(), atMost: -1 } as Fault<'voter'>]), /atMost/],
    ['of a message that nobody hears', votes([says({ type: 'Veto' })]), /NO HANDLER/],
    ['that says no messages', votes([byzantine('voter', { atMost: 1, says: () => 3 as never })]), /byzantine at v1/],
    [
      'that forges a signature',
      votes([
        byzantine('voter', { atMost: 1, says: ({ nodes }) => [{ type: 'Vote', signed: new Signed({ by: nodes['voter']?.[0] ?? null, value: 1 }) } as Tagged] }),
      ]),
      /FORGED SIGNATURE/,
    ],
    ['that says something else each time', votes([byzantine('voter', { atMost: 1, says: impureSays() })]), /IMPURE/],
  ])('%s is refused', async (_, protocol, message) => {
    await expect(explore(protocol)).rejects.toThrow(message)
  })

  test('may sign as itself, and pass on what it heard', async () => {
    const signing = byzantine('voter', {
      atMost: 2,
      says: ({ self }) => [{ type: 'Vote', signed: new Signed({ by: self, value: 'own' }) } as Tagged],
      passesOn: (heard, { self }) => {
        const { signed } = heard as Tagged & { readonly signed: Signed }
        return signed.value instanceof Signed ? [] : [{ type: 'Vote', signed: new Signed({ by: self, value: signed }) } as Tagged]
      },
    })
    const both = each<Roles, 'voter', string>(
      'voter',
      ({ heard }) => heard,
      heard => heard !== 'signed twice',
    )
    const { property, counterexample } = await explore({ ...votes([signing]), properties: { both } })
    // One liar hears another, and then an honest node hears the first.
    const [first, second] = counterexample?.steps ?? []
    expect([property, counterexample?.steps.length, second?.from]).toEqual(['both', 2, first?.node])
  })
})

describe('a network that makes up messages', () => {
  const made = (...messages: readonly Tagged[]) => votes([forgery({ says: () => messages })])

  test('says them in the name of any node, which are all honest', async () => {
    const protocol = made({ type: 'Vote' })
    const { property, counterexample } = await explore(protocol)
    expect([property, counterexample?.steps.map(({ node, from }) => [node, from]), counterexample?.initial.choices]).toEqual([
      'none',
      [['v1', 'v2']],
      undefined,
    ])
    expect(replay(counterexample as Trace, protocol)).toEqual({ kind: 'violates' })
    expect(renderText(counterexample as Trace)).toContain('v1 receives Vote from v2, sent in none of these steps')
    expect((await explore(made())).property).toBe('some')
  })

  test('beside a node that says the same', async () => {
    const protocol = votes([says({ type: 'Vote' }), forgery({ says: () => [{ type: 'Vote' }] })])
    const { verdict, states } = await explore(protocol, { reduce: [], property: 'some' })
    expect([verdict, states]).toEqual(['holds', oracle(protocol as never, { statesMax: 500 }).states.length])
  })

  test.each([
    ['over another network', votes([forgery({ says: () => [] })], 'reliable'), /makes up messages, and is reliable/],
    ['of a message that nobody hears', made({ type: 'Veto' }), /NO HANDLER/],
    ['with a signature', made({ type: 'Vote', signed: new Signed({ by: null, value: 1 }) } as Tagged), /FORGED SIGNATURE/],
    ['of something else each time', votes([forgery({ says: impureSays() })]), /IMPURE/],
    ['without what it says', votes([{ type: 'forgery' } as never]), /says/],
  ])('%s is refused', async (_, protocol, message) => {
    await expect(explore(protocol)).rejects.toThrow(message)
  })
})

/** Nodes that ask one another, and answer. */
const askers = (faults: readonly Fault<'voter'>[]) => ({
  name: 'askers',
  network: 'fair-loss' as const,
  faults,
  fairness: [fairDelivery(), weaklyFair('voter')],
  roles: {
    voter: {
      count: 2,
      init: () => new Voter(),
      actions: {
        ask: {
          do(voter: Voter, { broadcast }: { broadcast(message: Tagged): void }) {
            broadcast({ type: 'Ask' })
            return voter
          },
        },
      },
      on: {
        Ask(voter: Voter, _: unknown, from: Id, { send }: { send(to: Id, message: Tagged): void }) {
          send(from, { type: 'Vote' })
          return voter
        },
        Vote: (voter: Voter) => voter.set('votes', 1),
      },
    },
  },
  properties: {
    answered: eachEventually<Roles, 'voter', number>(
      'voter',
      ({ votes: heard }) => heard,
      heard => heard === 1,
    ),
  },
})

test('a liar that passes something on again and again owes it to nobody', async () => {
  const answers = byzantine('voter', { atMost: 1, says: () => [], passesOn: ({ type }) => (type === 'Ask' ? [{ type: 'Vote' }] : []) })
  expect((await explore(askers([]))).verdict).toBe('holds')
  const { verdict, counterexample } = await explore(askers([answers]))
  expect(verdict).toBe('violated')
  expect(replay(counterexample as Trace, askers([answers]))).toEqual({ kind: 'violates' })
})

/** The verdicts that the TLA+ examples publish of it, for more than three times as many nodes as may lie, and for as many. */
describe('authenticated broadcast', () => {
  test.each([
    [{ nodes: 3, liars: 0 }, 'holds', null],
    [{ nodes: 3, liars: 1 }, 'violated', 'relay'],
    [{ nodes: 4, liars: 2 }, 'violated', 'unforgeability'],
  ] as const)('%o: %s %s', async (parameters, verdict, property) => {
    const report = await explore(bcastByz(parameters))
    expect([report.verdict, report.property]).toEqual([verdict, property])
  })

  test.runIf(process.env['PROTOCHECK_SLOW'] !== undefined)('{ nodes: 4, liars: 1 }: holds', { timeout: 600_000 }, async () => {
    const { verdict, complete } = await explore(bcastByz())
    expect([verdict, complete]).toEqual(['holds', true])
  })
})

function impureSays() {
  let n = 0
  return () => [{ type: 'Vote', n: n++ } as Tagged]
}
