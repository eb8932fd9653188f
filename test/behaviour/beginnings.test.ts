/** `choose` in `init` and in `recover`: several initial states, and recoveries with several outcomes; what errors and traces say of them. */
import { Record, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { always, type Choosing, canAlways, crashRecovery, each, eachPair, type Id, reachable } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { formats } from '../../checker/trace/formats/formats.ts'
import { renderSteps, renderText } from '../../checker/trace/render-text.ts'
import { replay } from '../../checker/trace/replay.ts'
import { parseTrace } from '../../checker/trace/schema.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { oracle } from '../support/oracle.ts'

class Node extends Record({ n: 0, friend: null as Id | null, disk: 0, members: Set<Id>() }) {}

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Here = Choosing<any, string>

const protocol = (init: (here: Here) => Node, more: Partial<AnyProtocol> = {}, role: object = {}, count = 2): AnyProtocol =>
  ({
    name: 'some',
    source: 'this test',
    network: 'reliable',
    roles: { node: { count, names: ['A', 'B', 'C'].slice(0, count), init, on: {}, ...role } },
    properties: {},
    ...more,
  }) as unknown as AnyProtocol

const nodes = (ok: (node: Node) => boolean) => each('node', node => node as unknown as Node, ok)

const trueOf = async (spec: AnyProtocol, options: Parameters<typeof explore>[1] = {}) => {
  const report = await explore(spec, options)
  const expected = oracle(spec)
  return { report, expected }
}

describe('several initial states', () => {
  const numbers = ({ choose }: Here): Node => new Node({ n: choose([0, 1, 2]) })

  it('each state of a node goes with each of the others: 3 × 3, and 6 up to their names', async () => {
    const spec = protocol(numbers)
    expect(oracle(spec).states).toHaveLength(9)
    expect(await explore(spec, { reduce: [] })).toMatchObject({ states: 9, transitions: 0, depth: 0, complete: true })
    expect(await explore(spec, { reduce: ['symmetry'] })).toMatchObject({ states: 6 })
    expect(await explore(spec, { reduce: [], order: 'depth' })).toMatchObject({ states: 9 })
  })

  it('states that two sequences of choices lead to are one', async () => {
    const spec = protocol(({ choose }) => new Node({ n: choose([0, 1]) * choose([0, 1]) }))
    expect(await explore(spec, { reduce: [] })).toMatchObject({ states: 4 })
  })

  it('a property that only one of them violates is violated after no step', async () => {
    const spec = protocol(numbers, { properties: { small: nodes(node => node.n < 2) } })
    const { counterexample, property } = await explore(spec)
    expect({ property, steps: counterexample?.steps.length, choices: counterexample?.initial.choices }).toEqual({
      property: 'small',
      steps: 0,
      choices: { A: [0], B: [2] },
    })
    expect(renderText(counterexample as Trace)).toContain('Initially A chooses 0, B 2\n')
  })

  it('a property that only two nodes together violate', async () => {
    const pair = eachPair(
      'node',
      node => (node as unknown as Node).n,
      (a, b) => a + b < 4,
    )
    const { report, expected } = await trueOf(protocol(numbers, { properties: { pair } }))
    expect([report.verdict, report.counterexample?.steps.length]).toEqual(['violated', expected.properties['pair']?.length])
  })

  it('`reachable`, random executions and depth 0 begin in any of them', async () => {
    const spec = protocol(numbers, { properties: { twos: reachable(nodes(node => node.n === 2)) } })
    expect(await explore(spec, { depth: 0 })).toMatchObject({ verdict: 'holds', unreached: [] })
    const small = protocol(numbers, { properties: { small: nodes(node => node.n < 2) } })
    expect(await explore(small, { simulate: { runs: 100, seed: 1 } })).toMatchObject({ verdict: 'violated' })
  })

  it('an other node that is chosen is renamed with the rest: 2 × 2 × 2 states of 3 nodes, and 2 up to their names', async () => {
    const spec = protocol(({ choose, others }) => new Node({ friend: choose(others) }), {}, {}, 3)
    expect(await explore(spec, { reduce: [] })).toMatchObject({ states: 8 })
    // Three that like one another in a circle, or two that like each other and one that likes one of them.
    expect(await explore(spec, { reduce: ['symmetry'] })).toMatchObject({ states: 2, reductions: ['symmetry'] })
  })

  it('nodes that may begin otherwise are not swapped, though they begin alike at first', async () => {
    const first = ({ self, choose }: Here): Node => new Node({ n: choose(self.rank === 0 ? [0, 1] : [0]) })
    const spec = protocol(first, {}, {}, 3)
    // The second and the third are alike; the first is not.
    const acts = { actions: { count: { when: (node: Node) => node.n < 2, do: (node: Node) => node.set('n', node.n + 1) } } }
    const counting = protocol(first, {}, acts, 3)
    expect(await explore(spec, { reduce: ['symmetry'] })).toMatchObject({ states: 2, reductions: ['symmetry'] })
    expect(await explore(counting, { reduce: ['symmetry'] })).toMatchObject({ states: 3 * 6 })
    expect(await explore(counting, { reduce: [] })).toMatchObject({ states: oracle(counting).states.length })
  })

  it('90,000 of them, begun with in pieces', async () => {
    const many = protocol(({ choose }) => new Node({ n: choose(Array.from({ length: 300 }, (_, i) => i)) }))
    expect(await explore(many, { states: 5_000, reduce: [] })).toMatchObject({ verdict: 'inconclusive', stoppedBy: 'states' })
  })
})

describe('initial states of which a later one makes the tables grow', () => {
  // What the second node state sends at once has no place in a record yet, when the first state is there already.
  const calls = protocol(
    ({ choose }) => new Node({ n: choose([2, 1]) }),
    { network: 'fair-loss', properties: { uncalled: nodes(({ n }) => n !== 3) } },
    {
      actions: {
        call: {
          when: ({ n }: Node) => n === 1,
          do(node: Node, { self, send }: { self: Id; send(to: Id, message: object): void }) {
            send(self, { type: 'Call' })
            return node
          },
        },
      },
      on: {
        Call(node: Node, _: object, from: Id, { send }: { send(to: Id, message: object): void }) {
          send(from, { type: 'Answer' })
          return node
        },
        Answer: (node: Node) => node.set('n', 3),
      },
    },
    1,
  )

  it.each([[undefined], [['dead-messages', 'subsumption']], [['subsumption']], [[]]] as const)('are each kept once, as they are: %j', async reduce => {
    const tuning = { firstStates: 0, firstStatesToDepth: 0, firstEnds: 1, proveStatesToDepth: 0, shortenStates: 0, shortenStatesToDepth: 0 }
    const { verdict, counterexample } = await explore(calls, { tuning, ...(reduce !== undefined && { reduce }) })
    expect([verdict, counterexample?.steps.length]).toEqual(['violated', 3])
  })
})

describe('recoveries with several outcomes', () => {
  /** A write that is on its way to the disk when the node crashes is there, or is not. */
  const torn = (recover: object, properties: AnyProtocol['properties'], atMost = 1): AnyProtocol =>
    protocol(
      () => new Node(),
      { faults: [crashRecovery('node', { atMost })], properties },
      {
        ...recover,
        actions: {
          write: { when: (node: Node) => node.n === 0, do: (node: Node) => node.set('n', 1) },
          flush: { when: (node: Node) => node.n === 1 && node.disk === 0, do: (node: Node) => node.set('disk', 1) },
        },
      },
      1,
    )
  const recover = (node: Node, { choose }: Here): Node => {
    const torn = choose([0, node.n])
    return new Node({ disk: Math.max(node.disk, torn) })
  }

  it('all are explored', async () => {
    const spec = torn({ recover }, { clean: nodes(node => node.disk === 0 || node.n === 1) })
    const { report, expected } = await trueOf(spec)
    expect([report.counterexample?.steps.length, expected.properties['clean']?.length]).toEqual([2, 2])
    expect(report.counterexample?.steps.map(({ name, choices }) => [name, choices])).toEqual([
      ['write', []],
      ['restart', [1]],
    ])
    expect(renderText(report.counterexample as Trace)).toContain('2. A crashes and recovers, choosing 1\n')
    const whole = torn({ recover }, {})
    expect(await explore(whole, { reduce: [] })).toMatchObject({ states: oracle(whole).states.length, complete: true })
  })

  it('one that leads out of the bound of the model cuts off none of the others', async () => {
    const bounded = torn({ recover, within: ({ disk }: Node) => disk === 0 }, {}, Infinity)
    expect(await explore(bounded, { reduce: [] })).toMatchObject({ states: oracle(bounded).states.length })
    expect(oracle(bounded).states).toHaveLength(2)
    const rests = { ...torn({ recover, within: ({ disk }: Node) => disk === 0 }, {}, 1), mayRest: false }
    const { verdict, counterexample } = await explore(rests)
    expect({ verdict, length: counterexample?.steps.length ?? null }).toEqual(oracle(rests).properties['deadlock'])
  })

  it('one that leaves the node as it is takes its budget: what only a recovery makes possible is not always possible', async () => {
    // A recovery that changes nothing is a waste; the other is the only way to n = 2.
    const lost = (atMost: number): AnyProtocol =>
      protocol(
        () => new Node(),
        { faults: [crashRecovery('node', { atMost })], properties: { two: canAlways(nodes(node => node.n === 2)) } },
        { recover: (node: Node, { choose }: Here) => node.set('n', choose([node.n, 2])) },
        1,
      )
    for (const [atMost, verdict] of [
      [1, 'violated'],
      [Infinity, 'holds'],
    ] as const) {
      const { report, expected } = await trueOf(lost(atMost))
      expect([report.verdict, expected.properties['two']?.verdict]).toEqual([verdict, verdict])
    }
  })
})

describe('states that are alike but for what a recovery may waste', () => {
  // Marked or not, a node does the same, but that a recovery leaves the marked ones as they are, perhaps: so they may waste it, and never come to n = 2.
  const wastes = (marked: number): AnyProtocol =>
    protocol(
      ({ choose }) => new Node({ disk: choose([0, 1]) }),
      {
        network: 'fair-loss',
        faults: [crashRecovery('node', { atMost: 1 })],
        properties: { two: canAlways(nodes(node => node.n === 2)) },
      },
      {
        recover: (node: Node, { choose }: Here) => new Node({ n: choose(node.disk === marked ? [node.n, 2] : [2]), disk: node.disk }),
        actions: { look: { do: (node: Node) => node } },
      },
      1,
    )

  it.each([0, 1])('where those with %i may', async marked => {
    const spec = wastes(marked)
    expect(oracle(spec).properties['two']).toEqual({ verdict: 'violated', length: 1 })
    expect(await explore(spec)).toMatchObject({ verdict: 'violated', property: 'two' })
    expect(await explore(spec, { reduce: ['dead-messages', 'bisimulation'], tuning: { lookStates: 1_000, lookVisits: 10 } })).toMatchObject({
      verdict: 'violated',
    })
  })
})

describe('errors', () => {
  const failing = (init: (here: Here) => Node, recover?: (node: Node, here: Here) => Node): Promise<string> =>
    explore(protocol(init, { faults: [crashRecovery('node', { atMost: 1 })] }, recover === undefined ? {} : { recover })).then(
      () => 'none',
      error => (error as Error).message,
    )

  it('nothing to choose from in `init`', async () => {
    expect(await failing(({ choose }) => new Node({ n: choose([]) }))).toMatchInlineSnapshot(`
      "── NOTHING TO CHOOSE FROM ────────────────────────────────────────────────────────── some, init at A
      It calls \`choose\` with no options.
      A node has to begin, and to go on after a crash, in some state. An action may be not enabled; this may not.
      Give it an option for that case, too: what the node does where there is nothing else."
    `)
  })

  it('nothing to choose from in `recover`, be it caught', async () => {
    const recover = (node: Node, { choose }: Here): Node => {
      try {
        return node.set('n', choose([]))
      } catch {
        return node
      }
    }
    expect(await failing(() => new Node(), recover)).toMatch(/NOTHING TO CHOOSE FROM .* some, recover at A/)
  })

  it('`send` and `emit` in `init` and `recover`', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: its type has no such method.
    const send = (here: any): Node => {
      here.send(here.others, { type: 'Hello' })
      return new Node()
    }
    expect(await failing(send)).toMatch(/ONLY A STEP MAY DO THIS .* some, init at A\nIt calls `send` where no step is taken: in `when`, `init` or `recover`\./)
    expect(
      await failing(
        () => new Node(),
        (_, here) => send(here),
      ),
    ).toMatch(/ONLY A STEP MAY DO THIS .* some, recover at A/)
  })

  it('`choose` after `init` has returned', async () => {
    let kept: Here['choose'] | undefined
    const init = ({ choose }: Here): Node => {
      kept ??= choose
      return new Node()
    }
    const later = { actions: { late: { do: (node: Node) => node.set('n', kept?.([1]) ?? 0) } } }
    await expect(explore(protocol(init, {}, later))).rejects.toThrow(/TOO LATE .* some, init at A\n`choose` is called after it has returned/)
  })

  it('an `init` that does not always choose from the same', async () => {
    let calls = 0
    expect(await failing(({ choose }) => new Node({ n: choose(calls++ === 0 ? [0] : [0, 1]) }))).toMatch(/IMPURE .* some, init at A\n.*the first state/)
    calls = 0
    expect(await failing(({ choose }) => new Node({ n: choose(calls++ === 0 ? [0, 1] : [0]) }))).toMatch(/IMPURE .* some, init at A\n.*fewer options/)
  })

  it('a `recover` that does not', async () => {
    let calls = 0
    const recover = (node: Node, { choose }: Here): Node => node.set('n', choose(calls++ % 2 === 0 ? [1, 2] : [1]))
    expect(await failing(() => new Node(), recover)).toMatch(/IMPURE .* some, recover at A\nRun again with the same answers, it gives `choose` fewer options/)
  })

  it('what is no value among the options', async () => {
    expect(await failing(({ choose }) => new Node({ n: choose([() => 0])() }))).toMatch(/some, init at A/)
  })
})

describe('traces', () => {
  const spec = protocol(
    ({ choose, others }) => new Node({ n: choose([0, 1]), friend: choose([null, ...others]) }),
    { properties: { never: always(world => !world.all('node').every(node => (node as unknown as Node).n === 2)) } },
    { actions: { count: { when: (node: Node) => node.n === 1 && node.friend !== null, do: (node: Node) => node.set('n', 2) } } },
  )
  const traceOf = async (): Promise<Trace> => (await explore(spec)).counterexample as Trace

  it('say what was chosen, in text and in every format', async () => {
    const trace = await traceOf()
    expect(trace.initial.choices).toEqual({ A: [1, { $id: 'B' }], B: [1, { $id: 'A' }] })
    expect(renderText(trace)).toMatchInlineSnapshot(`
      "some: never is violated after step 2.

      A           B
      │           │                Initially A chooses 1 and B, B 1 and A
      ●           │             1. A count
      │           ●             2. B count

        A  n: 2, friend: B, disk: 0, members: {}
        B  n: 2, friend: A, disk: 0, members: {}
      Step 2:
        B  n: 1 → 2
      "
    `)
    expect(renderSteps(trace)).toContain('Initially A chooses 1 and B, B 1 and A\n  A  n: 1, friend: B')
    for (const format of ['text', 'svg', 'mermaid', 'markdown', 'itf'] as const)
      expect(formats[format].render(trace)).toContain('Initially A chooses 1 and B, B 1 and A')
    expect(formats.shiviz.render(trace)).toContain('A {"A":1}\nInitially A chooses 1 and B\nB {"B":1}\nInitially B chooses 1 and A\nA {"A":2}\n1. A count')
  })

  it('are replayed, from their file, too', async () => {
    const trace = await traceOf()
    expect(replay(trace, spec)).toEqual({ kind: 'violates' })
    expect(replay(parseTrace(formats.json.render(trace), 'a file'), spec)).toEqual({ kind: 'violates' })
  })

  it('of before there were choices are replayed: by the states that nodes begin in', async () => {
    const { initial, ...rest } = await traceOf()
    const { choices: _, ...states } = initial
    expect(replay({ ...rest, initial: states }, spec)).toEqual({ kind: 'violates' })
  })

  it('that begin otherwise, or choose otherwise, are impossible from the start', async () => {
    const trace = await traceOf()
    const chose = { ...trace, initial: { ...trace.initial, choices: { ...trace.initial.choices, A: [3] } } }
    expect(replay(chose, spec)).toMatchObject({
      kind: 'impossible',
      step: 0,
      why: expect.stringContaining('A  chooses 3 → 0, null or 0, B or 1, null or 1, B'),
    })
    const other = { ...trace, initial: { ...trace.initial, choices: { ...trace.initial.choices, A: [0, { $id: 'B' }] } } }
    expect(replay(other, spec)).toMatchObject({ kind: 'impossible', step: 0, why: expect.stringContaining('A  n: 1 → 0') })
  })

  it('are gone on from, from where they begin', async () => {
    const { initial, steps } = await traceOf()
    const after = { initial, steps: steps.slice(0, 1) }
    const { counterexample } = await explore(spec, { after })
    expect(counterexample?.steps.map(({ node, name }) => [node, name])).toEqual([['B', 'count']])
    expect(counterexample?.initial.choices).toBe(undefined)
    // Without it: of all initial states the first in which A may count.
    expect(await explore(spec, { after: after.steps })).toMatchObject({ verdict: 'holds' })
    await expect(explore(spec, { after: { ...after, initial: { ...initial, choices: { A: [3] } } } })).rejects.toThrow('IT CANNOT BEGIN SO')
  })

  it('that let a stranger choose are refused', async () => {
    const trace = await traceOf()
    const text = JSON.stringify({ ...trace, initial: { ...trace.initial, choices: { C: [1] } } })
    expect(() => parseTrace(text, 'a file')).toThrow('initial.choices.C: is no node of this trace')
  })
})
