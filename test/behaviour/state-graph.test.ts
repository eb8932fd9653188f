/** `check graph`: against a search without reductions, and read by Graphviz. */
import { instance } from '@viz-js/viz'
import { Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { loadSpec } from '../../checker/cli/load.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { each, reachable, some, step } from '../../checker/index.ts'
import { livenessIn } from '../../checker/protocol/properties.ts'
import type { AnyProtocol, Protocol } from '../../checker/protocol/protocol.ts'
import type { Parameters } from '../../checker/protocol/spec.ts'
import { System } from '../../checker/run/system.ts'
import { renderDot } from '../../checker/trace/formats/dot.ts'
import { renderMermaidGraph } from '../../checker/trace/formats/mermaid-graph.ts'
import { type GraphLabel, graphOf, type StateGraph } from '../../checker/trace/graph.ts'
import { Walker } from '../../checker/trace/walk.ts'
import { run } from '../support/cli-support.ts'

const graphAt = (protocol: AnyProtocol, label: GraphLabel = 'state'): StateGraph =>
  graphOf(new Walker(new System(protocol)), { statesMax: 2000, label }) as StateGraph

const variant = async (name: string, parameters: Parameters, mutant: string | null = null): Promise<AnyProtocol> =>
  findVariant(await loadSpec(name, '.'), { mutant }).make(parameters)

/** Steps of a shortest way from an initial state to where a property is violated. */
const nearest = ({ states, initials, steps }: StateGraph, property: string): number | undefined => {
  const seen = new Set(states.slice(0, initials).keys())
  for (let length = 0, level = [...seen]; level.length > 0; length++) {
    if (level.some(i => states[i]?.violates.includes(property))) return length
    if (steps.some(({ from, violates }) => level.includes(from) && violates.includes(property))) return length + 1
    level = [...new Set(steps.flatMap(({ from, to }) => (level.includes(from) && !seen.has(to) ? [to] : [])))]
    for (const i of level) seen.add(i)
  }
  return undefined
}

const small: Parameters = { replicas: 1, coordinatorCrashes: 1, replicaCrashes: 0 }

describe('the graph of a protocol', () => {
  test.each([
    ['transaction-commit', { resources: 2 }],
    ['two-phase-commit', small],
    ['lamport-mutex', { processes: 2, maxClock: 2 }],
  ] as const)('%s %o: as many states and steps as a search without reductions finds', async (name, parameters) => {
    const protocol = await variant(name, parameters)
    const { states, transitions } = await explore(protocol, { reduce: [] })
    const graph = graphAt(protocol)
    expect(graph.states).toHaveLength(states)
    expect(graph.steps.reduce((sum, { texts }) => sum + texts.length, 0)).toBe(transitions)
  })

  test('where nodes choose what they begin with, every initial state is there', async () => {
    const protocol = await variant('./test/fixtures/ewd840.ts', { nodes: 3 })
    const { states, initials } = graphAt(protocol)
    expect(states).toHaveLength((await explore(protocol, { reduce: [] })).states)
    // Each node is active or not, and black or white; the token is at any of the three.
    expect(initials).toBe(4 ** 3 * 3)
  })

  test.each(['impatient', 'changesItsMind', 'preparesAgain', 'forgetsDecision', 'changesDecision', 'keepsQuiet'])(
    '%s: what is violated is marked as far from the first state as a search says',
    async mutant => {
      const protocol = await variant('two-phase-commit', small, mutant)
      const graph = graphAt(protocol)
      let violated = 0
      for (const [property, { type }] of Object.entries(protocol.properties)) {
        // What is asked of whole executions is violated in no state.
        if (type === 'reachable' || livenessIn(protocol.properties).includes(property)) continue
        const { counterexample } = await explore(protocol, { property, reduce: [] })
        expect([property, nearest(graph, property)]).toEqual([property, counterexample?.steps.length])
        if (counterexample !== null) violated++
      }
      expect(violated).toBeGreaterThan(0)
    },
  )
})

class Counter extends Record({ at: 0 }) {}

/** Counts to three and rests. Its names mean something to whatever reads them. */
const counter = {
  name: 'a "counter"\\l',
  source: 'the test',
  network: 'reliable',
  mayRest: false,
  roles: {
    node: {
      count: 1,
      init: () => new Counter(),
      on: {},
      actions: { '<b>"up"\\n&amp;;': { when: ({ at }) => at < 3, do: c => c.set('at', c.at + 1) } },
    },
  },
  properties: {
    'not "two"': each(
      'node',
      c => c.at,
      at => at !== 2,
    ),
    three: reachable(
      some(
        'node',
        c => c.at,
        at => at === 3,
      ),
    ),
    never: reachable(
      some(
        'node',
        c => c.at,
        at => at >= 0,
      ),
    ),
    small: step('node', (before, after) => after.at - before.at === 1 && after.at < 3),
  },
} satisfies Protocol<{ node: { state: Counter; inbox: never } }> as unknown as AnyProtocol

test('a view may be a plain object, or an array', () => {
  const properties = {
    both: each(
      'node',
      of => ({ at: (of as unknown as Counter).at, seen: [(of as unknown as Counter).at] }),
      ({ at }) => at >= 0,
    ),
  }
  const { states } = graphAt({ ...counter, properties } as never, 'views')
  expect(states.map(({ lines }) => lines[0])).toEqual([0, 1, 2, 3].map(at => `both: node {at: ${at}, seen: [${at}]}`))
})

test('what is marked of states and steps', () => {
  const { states, steps } = graphAt(counter, 'views')
  expect(states.map(({ lines, violates, satisfies }) => [lines[0], violates, satisfies])).toEqual([
    ['not "two": node 0', [], []],
    ['not "two": node 1', [], []],
    ['not "two": node 2', ['not "two"'], []],
    ['not "two": node 3', ['deadlock'], ['three']],
  ])
  expect(steps.map(({ from, to, violates }) => [from, to, violates])).toEqual([
    [0, 1, []],
    [1, 2, []],
    [2, 3, ['small']],
  ])
})

test('Graphviz reads each text as it is', async () => {
  const viz = await instance()
  for (const protocol of [counter, await variant('two-phase-commit', small, 'forgetsDecision')]) {
    const graph = graphAt(protocol)
    const { objects, edges } = viz.renderJSON(renderDot(graph)) as { objects: { label: string; peripheries?: string }[]; edges: { label: string }[] }
    const shown = (label: string): string => label.replaceAll('\\l', '\n').replaceAll('\\\\', '\\')
    expect(objects.map(({ label }) => shown(label).split('\n').slice(0, 1))).toEqual(graph.states.map(({ lines }) => lines.slice(0, 1)))
    expect(objects.filter(({ peripheries }) => peripheries === '2')).toHaveLength(1)
    expect(edges.map(({ label }) => label.includes('✗')).sort()).toEqual(graph.steps.map(({ violates }) => violates.length > 0).sort())
    expect(edges).toHaveLength(graph.steps.length)
  }
})

test('for Mermaid nothing that it takes for syntax is left in a text', () => {
  const [first, ...lines] = renderMermaidGraph(graphAt(counter)).trimEnd().split('\n')
  expect(first).toBe('flowchart TD')
  const text = '"(?:[^#;<>&"]|#\\d+;|<br/>)*"'
  const line = new RegExp(
    `^  (?:s\\d+(?:\\[${text}\\]|\\[\\[${text}\\]\\])|s\\d+ -->\\|${text}\\| s\\d+|classDef .*|class [s\\d,]+ \\w+|linkStyle [\\d,]+ stroke:#c62828)$`,
  )
  expect(lines.filter(one => !line.test(one))).toEqual([])
})

test.each([
  ['graph raft', 2, 'TOO MANY STATES'],
  ['graph', 2, 'No protocol is named'],
  ['graph raft --format png', 2, 'WRONG USE'],
  ['graph nonsense', 2, 'NO SUCH PROTOCOL'],
  ['graph transaction-commit --resources 2 --states 3', 2, 'more than 3 states'],
  ['graph --help', 0, ''],
])('check %s', async (line, code, text) => {
  const ended = await run(line)
  expect(ended.code).toBe(code)
  expect(ended.err).toContain(text)
})
