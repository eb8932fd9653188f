import { List, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import {
  always,
  canAlways,
  crashRecovery,
  crashStop,
  duplication,
  each,
  eachPair,
  type Fault,
  loss,
  type Network,
  observed,
  type Protocol,
  reachable,
  some,
  somePair,
  step,
} from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { mutants } from '../../specs/lamport-mutex/mutants.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { oracle } from '../support/oracle.ts'

/** The oracle, as every engine, takes protocols with their types erased. */
const explored = (protocol: unknown, bounds = {}) => {
  const { states, transitions, depth, complete, properties } = oracle(protocol as AnyProtocol, bounds)
  return { states: states.length, transitions, depth, complete, properties }
}

const size = (states: number, transitions: number, depth: number) => ({ states, transitions, depth, complete: true })

class Source extends Record({ sent: false }) {}
class Sink extends Record({ heard: List<string>() }) {}

/** A source that sends `messages` once, and a sink that remembers what it heard; `forgetful` sinks remember a set of it, in order of name. */
const delivery = (
  network: Network,
  messages: readonly ('A' | 'B')[],
  { faults = [], forgetful = false }: { faults?: readonly Fault<never>[]; forgetful?: boolean } = {},
) => {
  const hear = (sink: Sink, name: string) => {
    const heard = sink.heard.push(name)
    return sink.set('heard', forgetful ? heard.toSet().toList().sort() : heard)
  }
  return {
    name: 'delivery',
    source: 'by hand',
    network,
    faults,
    roles: {
      source: {
        count: 1,
        init: () => new Source(),
        on: {},
        actions: {
          go: {
            when: node => !node.sent,
            do(node, { send, nodes }) {
              for (const type of messages) send(nodes.sink, { type })
              return node.set('sent', true)
            },
          },
        },
      },
      sink: { count: 1, init: () => new Sink(), on: { A: sink => hear(sink, 'A'), B: sink => hear(sink, 'B') } },
    },
    properties: {},
  } satisfies Protocol<{ source: { state: Source; inbox: never }; sink: { state: Sink; inbox: { readonly type: 'A' } | { readonly type: 'B' } } }>
}

describe('networks', () => {
  it('fifo keeps the order of a channel: nothing sent, AB in flight, A heard, AB heard', () => {
    expect(explored(delivery('fifo', ['A', 'B']))).toMatchObject(size(4, 3, 3))
  })
  it('reliable delivers in either order: AB or BA heard', () => {
    expect(explored(delivery('reliable', ['A', 'B']))).toMatchObject(size(6, 5, 3))
  })
  it('reliable keeps equal messages apart by number, not by name', () => {
    expect(explored(delivery('reliable', ['A', 'A']))).toMatchObject(size(4, 3, 3))
  })
  it('fair-loss delivers again and again, to no effect on a set: {}, {A}, {B}, {A, B} heard', () => {
    expect(explored(delivery('fair-loss', ['A', 'B', 'A'], { forgetful: true }))).toMatchObject(size(5, 5, 3))
  })
  it('fair-loss never ends where every delivery counts', () => {
    expect(explored(delivery('fair-loss', ['A']), { statesMax: 10 })).toMatchObject({ complete: false })
    expect(explored(delivery('fair-loss', ['A']), { depth: 4 })).toMatchObject({ states: 5, transitions: 4, depth: 4, complete: false })
  })
})

describe('faults of the network', () => {
  it('loss under fifo takes the head only: A, B, or nothing is missing', () => {
    expect(explored(delivery('fifo', ['A', 'B'], { faults: [loss({ atMost: 1 })] }))).toMatchObject(size(7, 6, 3))
  })
  it('loss under reliable takes any message: the ends are AB, BA, A and B', () => {
    // AB in flight, budget 1: hear A, hear B, lose A, lose B. After hearing A: hear B or lose B. After hearing B: likewise. After losing one: hear the other.
    expect(explored(delivery('reliable', ['A', 'B'], { faults: [loss({ atMost: 1 })] }))).toMatchObject(size(10, 1 + 4 + 4 + 2, 3))
  })
  it('duplication under fifo appends a copy', () => {
    expect(explored(delivery('fifo', ['A'], { faults: [duplication({ atMost: 1 })] }))).toMatchObject(size(6, 5, 4))
  })
  it('neither is a step under fair-loss', () => {
    const faults = [loss({ atMost: 1 }), duplication({ atMost: 1 })]
    expect(explored(delivery('fair-loss', ['A'], { forgetful: true, faults }))).toMatchObject(size(3, 2, 2))
  })
})

class Counter extends Record({ n: 0 }) {}

type Counting = { counter: { state: Counter; inbox: never } }

/** Nodes that count by themselves from 0, as long as they are below `below`. */
const counting = (count: number, below: number, more: Partial<Protocol<Counting>> & { readonly within?: (node: Counter) => boolean } = {}) => {
  const { within, ...rest } = more
  const protocol: Protocol<Counting> = {
    name: 'counting',
    source: 'by hand',
    network: 'reliable',
    roles: {
      counter: {
        count,
        init: () => new Counter(),
        on: {},
        actions: { tick: { when: node => node.n < below, do: node => node.set('n', node.n + 1) } },
        recover: node => node.set('n', 0),
        ...(within === undefined ? {} : { within }),
      },
    },
    properties: {},
    ...rest,
  }
  return protocol
}

describe('faults of nodes', () => {
  it('a stopped node ticks no more: 4 states with both up, 8 with one stopped', () => {
    expect(explored(counting(2, 1, { faults: [crashStop('counter', { atMost: 1 })] }))).toMatchObject(size(12, 4 + 8 + 4, 3))
  })
  it('two faults are two budgets: the same crash, paid from either', () => {
    const faults = [crashStop<'counter'>('counter', { atMost: 1 }), crashStop<'counter'>('counter', { atMost: 1 })]
    expect(explored(counting(1, 0, { faults }))).toMatchObject(size(3, 2, 1))
  })
  it('recovery goes back to 0, any number of times', () => {
    expect(explored(counting(1, 2, { faults: [crashRecovery('counter')] }))).toMatchObject(size(3, 4, 2))
  })
  it('a budget is part of the state, even where the crash changes nothing else', () => {
    expect(explored(counting(1, 2, { faults: [crashRecovery('counter', { atMost: 1 })] }))).toMatchObject(size(6, 7, 3))
  })
  it('messages to a stopped node wait for ever', () => {
    const protocol = delivery('reliable', ['A'], { faults: [{ type: 'crash-stop', role: 'sink', atMost: 1 } as unknown as Fault<never>] })
    // Up: nothing sent, in flight, heard. Stopped: the same three, with no delivery between the last two.
    expect(explored(protocol)).toMatchObject(size(6, 2 + 3 + 1, 3))
  })
})

describe('the bound of the model', () => {
  it('a step beyond it is no step, but it is something to do', () => {
    const { properties, ...found } = explored(counting(1, Infinity, { within: node => node.n <= 3, mayRest: false }))
    expect(found).toEqual(size(4, 3, 3))
    expect(properties).toEqual({ deadlock: { verdict: 'holds', length: null } })
  })
})

const violated = (length: number | null) => ({ verdict: 'violated', length })
const holds = { verdict: 'holds', length: null }

describe('properties', () => {
  it('finds the shortest counterexample of each kind', () => {
    const n = (node: Counter) => node.n
    const { properties } = explored(
      counting(2, 2, {
        mayRest: false,
        observers: {},
        properties: {
          each: each('counter', n, count => count < 2),
          eachHolds: each('counter', n, count => count <= 2),
          some: some('counter', n, count => count < 2),
          eachPair: eachPair('counter', n, (a, b) => a + b < 3),
          ordered: eachPair('counter', n, (a, b) => a <= b),
          somePair: somePair('counter', n, (a, b) => a === b || a + 1 === b),
          always: always(world => world.all('counter').some(node => (node as Counter).n === 0)),
          step: step('counter', (before, after) => after.n < 2 || before.n !== 1),
          reachable: reachable(eachPair('counter', n, (a, b) => a + b === 4)),
          unreachable: reachable(some('counter', n, count => count === 3)),
          canAlways: canAlways(some('counter', n, count => count === 1)),
          canAlwaysEnd: canAlways(each('counter', n, count => count === 2)),
        },
      }),
    )
    expect(properties).toEqual({
      each: violated(2),
      eachHolds: holds,
      some: violated(4),
      eachPair: violated(3),
      ordered: violated(1),
      somePair: violated(2),
      always: violated(2),
      step: violated(2),
      reachable: holds,
      unreachable: violated(null),
      canAlways: violated(4),
      canAlwaysEnd: holds,
      deadlock: violated(4),
    })
  })
  it('one node alone satisfies every property of pairs', () => {
    const { properties } = explored(
      counting(1, 1, {
        properties: {
          all: eachPair(
            'counter',
            () => 0,
            () => false,
          ),
          one: somePair(
            'counter',
            () => 0,
            () => true,
          ),
        },
      }),
    )
    expect(properties).toEqual({ all: holds, one: violated(0) })
  })
  it('judges steps that change nothing', () => {
    const same = {
      steps: { look: { do() {} }, write: { do: world => world.set(world.nodes.counter[0] as never, world.all('counter')[0] as never) } },
    } satisfies Partial<Protocol<Counting>>
    const properties = { moves: step<Counting, 'counter'>('counter', (before, after) => !before.equals(after)) }
    expect(explored(counting(1, 1, { ...same, properties }))).toMatchObject({ ...size(2, 1, 1), properties: { moves: violated(1) } })
    expect(explored(counting(1, 1, { properties }))).toMatchObject({ properties: { moves: holds } })
  })
  it('is at rest where only steps without effect are left, and where mayRest says so', () => {
    const idle = { steps: { look: { do() {} } } }
    expect(explored(counting(1, 3, { ...idle, mayRest: false })).properties).toEqual({ deadlock: violated(3) })
    expect(explored(counting(1, 3, { ...idle, mayRest: world => (world.all('counter')[0] as Counter).n === 3 })).properties).toEqual({ deadlock: holds })
    expect(explored(counting(1, 3, { mayRest: true })).properties).toEqual({})
  })
})

describe('choose, global steps and observers', () => {
  const chooser = (act: (choose: <T>(options: Iterable<T>) => T) => number) =>
    counting(1, 0, {
      steps: {
        pick: {
          when: world => world.all('counter').every(node => node.n === 0),
          do: world => world.set(world.nodes.counter[0] as never, new Counter({ n: act(world.choose) })),
        },
      },
    })
  it('explores every answer, and every answer after it', () => {
    expect(explored(chooser(choose => choose([1, 2, 3])))).toMatchObject(size(4, 3, 1))
    expect(explored(chooser(choose => (choose([true, false]) ? choose([1, 2, 3]) : 4 + choose([0, 1]))))).toMatchObject(size(6, 5, 1))
  })
  it('a choice among nothing is no step', () => {
    expect(explored(chooser(choose => (choose([true, false]) ? choose([]) : choose([1]))))).toMatchObject(size(2, 1, 1))
  })
  it('a global step moves several nodes at once, and sees what it wrote', () => {
    const steps: NonNullable<Protocol<Counting>['steps']> = {
      together: {
        when: world => world.all('counter').every(node => node.n < 2),
        do(world) {
          for (const id of world.nodes.counter) world.set(id, world.get(id).set('n', world.get(id).n + 1))
          for (const id of world.nodes.counter) world.set(id, world.get(id).set('n', world.get(id).n))
        },
      },
    }
    expect(
      explored(
        counting(2, 0, {
          steps,
          properties: {
            equal: eachPair(
              'counter',
              node => node.n,
              (a, b) => a === b,
            ),
          },
        }),
      ),
    ).toEqual({
      ...size(3, 2, 2),
      properties: { equal: holds },
    })
  })
  it('an observer hears what is emitted, in order, and from whom', () => {
    const protocol: Protocol<Counting, { readonly type: 'tick'; readonly n: number }> = {
      name: 'heard',
      source: 'by hand',
      network: 'fifo',
      roles: {
        counter: {
          count: 2,
          init: () => new Counter(),
          on: {},
          actions: {
            tick: {
              when: node => node.n === 0,
              do(node, { emit }) {
                emit({ type: 'tick', n: 1 })
                emit({ type: 'tick', n: 2 })
                return node.set('n', 1)
              },
            },
          },
        },
      },
      observers: { log: { init: List<string>(), on: (log: List<string>, event, from) => log.push(`${from}:${event.n}`) } },
      properties: {
        pairs: observed('log', (log: List<string>) => log.every((entry, i) => entry.endsWith(i % 2 === 0 ? '1' : '2'))),
        short: observed('log', (log: List<string>) => log.size < 4),
      },
    }
    // Whose tick came first is history: the two interleavings end in different states.
    expect(explored(protocol)).toEqual({ ...size(5, 4, 2), properties: { pairs: holds, short: violated(2) } })
  })
})

describe("Lamport's mutual exclusion, two processes", () => {
  const small = lamportMutex({ processes: 2, maxClock: 4 })
  it('excludes', () => {
    expect(explored(small)).toMatchObject({ complete: true, properties: { mutualExclusion: holds, somebodyEnters: holds } })
  })
  it('does not when messages overtake each other: both ask, each hears what suits it, both enter', () => {
    // p1 request, p2 request, p1 receives, p2 receives the Ack that overtook p1's Request, p2 enters, p2 receives, p1 receives its Ack, p1 enters.
    const reordered = mutants.reordered.change(small)
    expect(explored(reordered, { depth: 7 }).properties['mutualExclusion']).toEqual(holds)
    expect(explored(reordered, { depth: 8 }).properties['mutualExclusion']).toEqual(violated(8))
  })
})

describe('two-phase commit', () => {
  it('with three resource managers has the 288 states that Gray & Lamport publish', () => {
    const { states, complete, properties } = explored(twoPhaseCommit({ resources: 3 }))
    expect({ states, complete }).toEqual({ states: 288, complete: true })
    expect(properties).toMatchObject({ consistency: holds, canCommit: holds, canAbort: holds })
  })
})
