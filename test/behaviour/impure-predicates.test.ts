/** Global steps and what is asked of states are run twice, the second time on copies, as handlers are: what does not answer twice the same is refused, by its place. */
import { type List, Record, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { always, canAlways, crashRecovery, each, eachPair, type Id, observed, reachable, step } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'

class B extends Record({ n: 0, seen: Set<Id>() }) {}

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Erased = any

/** Counts what it is called for, so that it never answers the same. */
const alternating = (): (() => boolean) => {
  let calls = 0
  return () => ++calls % 2 === 0
}

const counters = {
  b: {
    count: 2,
    init: (h: Erased) => new B({ seen: Set(h.nodes.b) }),
    on: {},
    actions: {
      go: {
        when: (s: Erased) => s.n < 1,
        do: (s: Erased, h: Erased) => {
          h.emit({ type: 'e' })
          return s.set('n', s.n + 1)
        },
      },
    },
  },
}
const named = (protocol: Erased): AnyProtocol => ({
  name: 'impure',
  source: 'test',
  network: 'fair-loss',
  roles: counters,
  observers: { o: { init: new B(), on: (s: Erased) => s.set('n', s.n + 1) } },
  properties: {},
  ...protocol,
})

const view = (s: Erased) => s.n
const properties: { readonly [what: string]: (answer: (value: Erased) => boolean) => Erased } = {
  'each, ok': answer => each('b', (s: Erased) => s, answer),
  'each, view': answer => each('b', answer, (x: boolean) => x),
  'eachPair, ok': answer =>
    eachPair(
      'b',
      (s: Erased) => s,
      (a: Erased) => answer(a),
    ),
  'eachPair, view': answer => eachPair('b', answer, (x: boolean) => x),
  always: answer => always((w: Erased) => answer(w.all('b')[0])),
  'always, of an observer': answer => always((w: Erased) => answer(w.observer('o'))),
  reachable: answer => reachable(always((w: Erased) => answer(w.all('b')[1]))),
  canAlways: answer => canAlways(each('b', (s: Erased) => s, answer)),
  observed: answer => observed('o', answer),
  step: answer => step('b', (before: Erased) => answer(before)),
}

const others: { readonly [place: string]: (answer: (value: Erased) => boolean) => Erased } = {
  mayRest: answer => ({ mayRest: (w: Erased) => answer(w.all('b')[0]) }),
  'within at b1': answer => ({ roles: { b: { ...counters.b, within: answer } } }),
  'recover at b1': answer => ({
    roles: { b: { ...counters.b, recover: (s: Erased) => (answer(s) ? s : s.set('n', 5)) } },
    faults: [crashRecovery('b', { atMost: 1 })],
  }),
  'init at b1': answer => ({ roles: { b: { ...counters.b, init: () => new B({ n: answer({}) ? 1 : 0 }) } } }),
  'step g': answer => ({ steps: { g: { do: (w: Erased) => w.set(w.nodes.b[0], w.get(w.nodes.b[0]).set('n', answer(w.get(w.nodes.b[0])) ? 1 : 0)) } } }),
  'step h': answer => ({ steps: { h: { when: (w: Erased) => answer(w.get(w.nodes.b[1])), do: (w: Erased) => w.emit(w.nodes.b[0], { type: 'e' }) } } }),
}

const errorOf = async (protocol: AnyProtocol): Promise<string | undefined> => {
  const error = await explore(protocol, { reduce: ['symmetry'] }).then(
    () => undefined,
    error => error,
  )
  expect(error?.parts?.title).toBe('IMPURE')
  return error?.parts?.place
}

describe('what does not answer twice the same', () => {
  it.each(Object.entries(properties))('a property: %s', async (_, property) => {
    expect(await errorOf(named({ properties: { p: property(alternating()) } }))).toBe('impure, property p')
  })

  it.each(Object.entries(others))('%s', async (place, protocol) => {
    expect(await errorOf(named(protocol(alternating())))).toBe(`impure, ${place}`)
  })

  it('reads the order in which a set was filled', async () => {
    const first = (s: Erased) => s.seen.first().toString() === 'b1'
    expect(await errorOf(named({ properties: { p: always((w: Erased) => first(w.all('b')[0])) } }))).toBe('impure, property p')
    expect(await errorOf(named({ properties: { p: each('b', view, () => true), q: each('b', first, (x: boolean) => x) } }))).toBe('impure, property q')
  })
})

describe('what a global step never read', () => {
  class C extends Record({ n: 0, list: undefined as List<number> | undefined }) {}
  const c = { c: { count: 2, init: () => new C(), on: {}, actions: { go: { when: (s: Erased) => s.n < 2, do: (s: Erased) => s.set('n', s.n + 1) } } } }
  const reset = { do: (w: Erased) => w.nodes.c.forEach((id: Id) => void w.set(id, new C({ n: 1 }))) }

  it('counts where a property looks at its step', async () => {
    for (const reduce of [[], ['symmetry']] as const) {
      const report = await explore(
        named({ roles: c, observers: {}, steps: { reset }, properties: { grows: step('c', (before: Erased, after: Erased) => before.n <= after.n) } }),
        { reduce },
      )
      expect([report.verdict, report.counterexample?.steps.length]).toEqual(['violated', 3])
    }
  })

  it('counts where a node may have stopped', async () => {
    const stops = { type: 'crash-stop', role: 'c', atMost: 1 }
    const both = always((w: Erased) => !(w.nodes.c.some((id: Id) => w.crashed(id)) && w.all('c').every((s: Erased) => s.n === 1)))
    for (const reduce of [[], ['symmetry']] as const) {
      const report = await explore(named({ roles: c, observers: {}, steps: { reset }, faults: [stops], properties: { both } }), { reduce })
      expect([report.verdict, report.counterexample?.steps.length]).toEqual(['violated', 2])
    }
  })
})
