/**
 * The engine against the oracle, on random protocols. PROTOCHECK_RUNS says how many, PROTOCHECK_SEED which, PROTOCHECK_STATES how large;
 * a failure prints the (shrunk) description of its protocol, an expression that `protocolOf` takes.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { always } from '../checker/index.ts'
import type { AnyProtocol, RoleTypes, World } from '../checker/protocol/protocol.ts'
import { explore } from '../checker/search/explore.ts'
import type { Options } from '../checker/search/report.ts'
import { type Findings, oracle, text, textOfWorld } from './oracle.ts'
import { randomProtocol } from './random-protocol.ts'
import { found, pooled } from './workers-support.ts'

const runs = Number(process.env['PROTOCHECK_RUNS'] ?? 25)
const seed = Number(process.env['PROTOCHECK_SEED'] ?? 20_261_121)
/** Protocols with more states are skipped, and counted. */
const statesMax = Number(process.env['PROTOCHECK_STATES'] ?? 1000)

/** The node states with their ids made anonymous: a text that symmetric states share. */
const anonymous = (world: World<RoleTypes, string>): string =>
  Object.values(world.nodes)
    .flat()
    .map(id => `${id.kind} ${text(world.get(id)).replace(/#\d+/g, '#')} ${world.crashed(id)}`)
    .sort()
    .join('\n')

/** The protocol with some more invariants: each forbids what a state looks like that is found halfway, later, or last of all. Lengths of counterexamples are seldom told by others. */
const withLate = (protocol: AnyProtocol): AnyProtocol => {
  const looks = new Set<string>()
  const look = always<RoleTypes>(world => looks.add(anonymous(world)).size > 0)
  oracle({ ...protocol, properties: { look } }, { statesMax })
  const found = [...looks]
  const forbids = (share: number) => always<RoleTypes>(world => anonymous(world) !== found[Math.floor((found.length - 1) * share)])
  return { ...protocol, properties: { ...protocol.properties, halfway: forbids(0.5), later: forbids(0.8), last: forbids(1) } }
}

/** Verdict and shortest length of each property, each searched for by itself. */
const judged = async (protocol: AnyProtocol, names: readonly string[], options: Options): Promise<Findings['properties']> => {
  const findings = []
  for (const property of names) {
    const { verdict, property: broken, counterexample } = await explore(protocol, { ...options, property })
    expect(broken).toBe(verdict === 'violated' ? property : null)
    findings.push([property, { verdict, length: counterexample?.steps.length ?? null }] as const)
  }
  return Object.fromEntries(findings)
}

/** Each reduction alone, where it works alone, those that meet in one search together, and all; whole states and fingerprints. */
const ways: readonly Options[] = [
  { reduce: [] },
  { reduce: [], exact: false },
  { reduce: ['symmetry'] },
  { reduce: ['symmetry'], exact: false },
  { reduce: ['symmetry'], listedMax: 1 },
  { reduce: ['symmetry'], listedMax: 1, exact: false },
  { reduce: ['dead-messages'] },
  { reduce: ['dead-messages', 'bisimulation'] },
  { reduce: ['symmetry', 'dead-messages'] },
  { reduce: ['symmetry', 'dead-messages'], listedMax: 1 },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation'], listedMax: 1 },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation'] },
  { reduce: ['subsumption'] },
  { reduce: ['symmetry', 'subsumption'], proofAfter: 0 },
  { reduce: ['dead-messages', 'subsumption'], proofAfter: 0 },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation', 'subsumption'], proofAfter: 0 },
  { proofAfter: 0 },
  { proofAfter: 0, listedMax: 1 },
  { reduce: ['partial-order'] },
  { reduce: ['symmetry', 'partial-order'] },
  {},
  { exact: false },
]

const workers = pooled(2)

const bare = ({ mayRest: _, ...protocol }: AnyProtocol): AnyProtocol => ({ ...protocol, properties: {} })

/** What the engine must agree with the oracle on: each throws where it does not. */
const checks: { readonly [name: string]: (protocol: AnyProtocol, found: Findings) => Promise<void> } = {
  async 'unreduced, the same states'(protocol, { states, transitions, edges, depth }) {
    for (const exact of [true, false]) {
      const report = await explore(bare(protocol), { reduce: [], exact })
      expect(report).toMatchObject({ verdict: 'holds', complete: true, exact, states: states.length, depth })
      // The engine takes equal results of one delivery, or of a node's actions, for one transition.
      expect(report.transitions).toBeGreaterThanOrEqual(edges)
      expect(report.transitions).toBeLessThanOrEqual(transitions)
    }
  },

  async 'predicates see the same worlds'(protocol, { worlds }) {
    const seen = new Set<string>()
    const observers = Object.keys(protocol.observers ?? {})
    const look = always<RoleTypes>(world => seen.add(textOfWorld(world, observers)).size > 0)
    await explore({ ...bare(protocol), properties: { look } }, { reduce: [] })
    expect([...seen].sort()).toEqual([...worlds].sort())
  },

  async 'with each reduction, every two, and all, the same verdicts and shortest lengths'(unbroken) {
    const protocol = withLate(unbroken)
    const { properties } = oracle(protocol)
    for (const options of ways) expect({ options, properties: await judged(protocol, Object.keys(properties), options) }).toEqual({ options, properties })
  },

  async 'a group that is listed and one that is not: as many orbits'(protocol) {
    const count = async (options: Options) => (await explore(bare(protocol), { reduce: ['symmetry'], ...options })).states
    const listed = await count({ listedMax: Infinity })
    expect([await count({ listedMax: 1 }), await count({ listedMax: 1, exact: false })]).toEqual([listed, listed])
  },

  async 'within a depth, the same states and verdicts'(protocol, { depth: depthMax }) {
    const depth = Math.floor(depthMax / 2)
    const { states, depth: depthFound, properties } = oracle(protocol, { depth })
    expect(await explore(bare(protocol), { reduce: [], depth })).toMatchObject({ verdict: 'holds', states: states.length, depth: depthFound })
    const names = Object.keys(properties).filter(name => !['reachable', 'canAlways'].includes(protocol.properties[name]?.type ?? ''))
    for (const options of [{ depth }, { depth, reduce: [] }, { depth, proofAfter: 0 }])
      expect({ options, properties: await judged(protocol, names, options) }).toEqual({
        options,
        properties: Object.fromEntries(names.map(name => [name, properties[name]])),
      })
  },

  async 'in two threads, the same as in one'(unbroken) {
    const protocol = withLate(unbroken)
    for (const options of [{ reduce: [] }, { reduce: ['symmetry'] }, { reduce: ['symmetry', 'dead-messages'] }, {}] as const)
      expect({ options, ...found(await explore(protocol, { ...options, workers })) }).toEqual({ options, ...found(await explore(protocol, options)) })
  },

  async 'depth-first, the same states and verdicts'(protocol, { states, properties }) {
    expect((await explore(bare(protocol), { reduce: [], order: 'depth' })).states).toBe(states.length)
    const names = Object.keys(properties)
    const verdicts = (findings: Findings['properties']) => names.map(name => [name, findings[name]?.verdict])
    for (const options of [{ order: 'depth' }, { order: 'depth', reduce: [] }, { order: 'depth', reduce: ['subsumption'] }] as const)
      expect({ options, verdicts: verdicts(await judged(protocol, names, options)) }).toEqual({ options, verdicts: verdicts(properties) })
  },
}

describe(`on ${runs} random protocols (seed ${seed})`, () => {
  it(
    'the engine agrees with the oracle',
    async () => {
      let [tried, skipped] = [0, 0]
      const agrees = fc.asyncProperty(randomProtocol, async ({ protocol }) => {
        tried++
        const found = oracle(protocol, { statesMax })
        if (!found.complete) skipped++
        fc.pre(found.complete)
        for (const [name, check] of Object.entries(checks))
          await check(protocol, found).catch((error: Error) => {
            throw new Error(`${name}: ${error.message}`, { cause: error })
          })
      })
      await fc.assert(agrees, { numRuns: runs, seed })
      expect(skipped).toBeLessThan(tried / 3)
    },
    60_000 + runs * 10_000,
  )
})
