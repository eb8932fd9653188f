/** Searches that begin after some steps, against a walk through all that follows them, by the definition of the protocol. */
import fc from 'fast-check'
import { Record } from 'immutable'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import { crashRecovery } from '../../checker/protocol/faults.ts'
import { eachEventually, eachLeadsTo, eventually, leadsTo } from '../../checker/protocol/liveness.ts'
import { eachPair, some } from '../../checker/protocol/properties.ts'
import type { AnyProtocol, Protocol, Spec } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { judge } from '../../checker/trace/judge.ts'
import { walk } from '../../checker/trace/replay.ts'
import type { TraceStep } from '../../checker/trace/trace.ts'
import { Walker, type WalkState, type WalkStep } from '../../checker/trace/walk.ts'
import { acceptedProtocol } from '../support/random-protocol.ts'
import { randomWalk, walkerOf } from '../support/trace-support.ts'

const settings = { numRuns: Number(process.env['PROTOCHECK_RUNS'] ?? 40), seed: Number(process.env['PROTOCHECK_SEED'] ?? 20_261_127) }

const STATES_MAX = 400

/** Steps to the nearest violation, Infinity if there is none; undefined if there are too many states. */
const nearest = (walker: Walker, property: string, start: WalkState): number | undefined => {
  const isViolated = (state: WalkState, last?: WalkStep): boolean => judge(walker, property, state, last).violated === true
  if (isViolated(start)) return 0
  const seen = new Set([walker.keyOf(start)])
  let level = [start]
  for (let length = 1; level.length > 0; length++) {
    const next: WalkState[] = []
    for (const state of level)
      for (const step of walker.successors(state, { idle: true })) {
        if (isViolated(step.next, step)) return length
        const key = walker.keyOf(step.next)
        if (seen.has(key)) continue
        if (seen.size === STATES_MAX) return undefined
        seen.add(key)
        next.push(step.next)
      }
    level = next
  }
  return Infinity
}

const ways: readonly Options[] = [{}, { reduce: [] }, { reduce: ['symmetry'] }, { reduce: ['dead-messages', 'bisimulation'] }, { reduce: ['subsumption'] }]

/** How many searches were compared, and in how many of them something was violated. */
const compare = async (protocol: AnyProtocol, seed: number): Promise<readonly [number, number]> => {
  const walker = new Walker(new System(protocol))
  const steps = randomWalk(walker, seed % 12, seed)
  const start = steps.at(-1)?.next ?? walker.initial()
  const after = steps.map(({ step }) => step)
  const counts: [number, number] = [0, 0]
  for (const [property, { type }] of Object.entries(protocol.properties)) {
    if (type === 'canAlways' || type === 'reachable') continue
    const length = nearest(walker, property, start)
    if (length === undefined) continue
    for (const options of ways) {
      const { verdict, counterexample, shortest } = await explore(protocol, { ...options, property, after })
      expect([verdict, counterexample?.steps.length ?? Infinity], `${property} ${JSON.stringify(options)}`).toEqual([
        length === Infinity ? 'holds' : 'violated',
        length,
      ])
      counts[0]++
      if (counterexample === null) continue
      counts[1]++
      expect(shortest).toBe(true)
      const { end, failed, steps: taken } = walk(walker, start, counterexample.steps)
      expect(failed).toBe(undefined)
      expect(judge(walker, property, end, taken.at(-1) ?? steps.at(-1)).violated).toBe(true)
    }
  }
  return counts
}

test('from a later state the nearest violation is found, or there is none', async () => {
  let [compared, violated] = [0, 0]
  await fc.assert(
    fc.asyncProperty(acceptedProtocol, fc.nat(), async ({ protocol }, seed) => {
      const [of, bad] = await compare(protocol, seed)
      compared += of
      violated += bad
    }),
    settings,
  )
  expect(compared).toBeGreaterThan(100)
  expect(violated).toBeGreaterThan(20)
})

test('what is left of a budget is what the steps have left', async () => {
  class Node extends Record({ restarts: 0 }) {}
  const protocol: AnyProtocol = {
    name: 'restarts',
    source: 'none',
    network: 'reliable',
    roles: { node: { count: 2, init: () => new Node(), on: {}, recover: (node: Node) => node.set('restarts', node.restarts + 1) } },
    faults: [crashRecovery('node', { atMost: 2 })],
    properties: {
      once: eachPair(
        'node',
        node => (node as unknown as Node).restarts,
        (a, b) => a + b < 2,
      ),
      twice: eachPair(
        'node',
        node => (node as unknown as Node).restarts,
        (a, b) => a + b < 3,
      ),
    },
  } as never
  const walker = new Walker(new System(protocol))
  const after = [walker.successors(walker.initial())[0]?.step as TraceStep]
  expect((await explore(protocol, { after, property: 'once' })).counterexample?.steps).toHaveLength(1)
  expect(await explore(protocol, { after, property: 'twice' })).toMatchObject({ verdict: 'holds', complete: true })
})

test('a step that cannot be taken is told, and a checkpoint is refused', async () => {
  const { protocol } = fc.sample(acceptedProtocol, { numRuns: 1, seed: 1 })[0] as { readonly protocol: AnyProtocol }
  const step = {
    kind: 'action',
    node: 'nobody',
    name: 'nothing',
    from: null,
    message: null,
    choices: [],
    sent: [],
    emitted: [],
    nodes: {},
    observers: {},
  } as const
  await expect(explore(protocol, { after: [step] })).rejects.toThrow('A STEP CANNOT BE TAKEN')
  await expect(explore(protocol, { after: [], resume: () => ({}) as never })).rejects.toThrow('HAS NO CHECKPOINT')
})

test('of whole executions what came before counts: what is still awaited, and what has happened', async () => {
  class Going extends Record({ at: 0 }) {}
  type Roles = { node: { state: Going; inbox: never } }
  const view = (node: Going): number => node.at
  const isAt = (place: number) => (at: number) => at === place
  const protocol: Spec = {
    name: 'four-places',
    network: 'reliable',
    roles: {
      node: { count: 1, init: () => new Going(), on: {}, actions: { go: { when: node => node.at < 3, do: node => node.set('at', node.at + 1) } } },
    },
    properties: {
      comes: leadsTo(some('node', view, isAt(1)), some('node', view, isAt(3))),
      eachComes: eachLeadsTo('node', view, isAt(1), isAt(3)),
      passes: eventually(some('node', view, isAt(1))),
      eachPasses: eachEventually('node', view, isAt(1)),
    },
  } satisfies Protocol<Roles>
  const steps = randomWalk(walkerOf(protocol), 3, 1).map(({ step }) => step)
  const from = async (taken: number): Promise<string> => {
    const asked = ['comes', 'eachComes', 'passes', 'eachPasses'].map(property => explore(protocol, { property, after: steps.slice(0, taken) }))
    return (await Promise.all(asked)).map(({ verdict }) => verdict).join()
  }
  // Nothing is fair: it may stop anywhere. At 2 only what came before says that 3 is awaited.
  expect(await from(0)).toBe('violated,violated,violated,violated')
  expect(await from(1)).toBe('violated,violated,holds,holds')
  expect(await from(2)).toBe('violated,violated,holds,holds')
  expect(await from(3)).toBe('holds,holds,holds,holds')
})
