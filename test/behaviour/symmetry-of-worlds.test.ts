/** Code over the whole state that prefers a node by its position: refused, or its verdict is that without symmetry. Each of these held, or had a longer counterexample. */
import { List, Record, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { always, crashStop, each, observed, reachable } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'

class B extends Record({ n: 0 }) {}

const named = (protocol: Partial<AnyProtocol> & Pick<AnyProtocol, 'roles'>): AnyProtocol =>
  ({ name: 'positions', source: 'test', network: 'fair-loss', properties: {}, ...protocol }) as AnyProtocol

const counters = (count = 3, nMax = 2) => ({
  b: { count, init: () => new B(), on: {}, actions: { go: { when: (s: Erased) => s.n < nMax, do: (s: Erased) => s.set('n', s.n + 1) } } },
})

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Erased = any

/** With symmetry it is refused, or said to be violated after as many steps as without. */
const isRefusedOrFound = async (protocol: AnyProtocol): Promise<void> => {
  const plain = await explore(protocol, { reduce: [] })
  expect(plain.verdict).toBe('violated')
  const found = await explore(protocol).catch((error: Error) => error)
  if (found instanceof Error) expect(found.message).toContain('NODES ARE NOT SYMMETRIC')
  else expect([found.verdict, found.counterexample?.steps.length]).toEqual(['violated', plain.counterexample?.steps.length])
}

/** Its nodes are symmetric: with symmetry the same verdict, and symmetry is in force. */
const isSymmetric = async (protocol: AnyProtocol, states: readonly [number, number]): Promise<void> => {
  const [plain, reduced] = [await explore(protocol, { reduce: [] }), await explore(protocol, { reduce: ['symmetry'] })]
  expect([reduced.verdict, reduced.reductions]).toEqual([plain.verdict, ['symmetry']])
  expect([plain.states, reduced.states]).toEqual(states)
}

describe('code over the whole that prefers a node by position', () => {
  it('always', () =>
    isRefusedOrFound(
      named({
        roles: counters(),
        properties: { p: always((w: Erased) => w.all('b')[0].n < 2 || w.all('b').some((s: Erased, i: number) => i > 0 && s.n > 0)) },
      }),
    ))

  it('always, where only one order of three nodes shows', () =>
    isRefusedOrFound(
      named({
        roles: counters(),
        properties: {
          p: always((w: Erased) => {
            const [x, y, z] = w.all('b')
            return !(x.n === 1 && y.n === 2 && z.n === 0)
          }),
        },
      }),
    ))

  it('always, where four nodes do, and the group is listed or not', async () => {
    const protocol = named({
      roles: counters(4, 3),
      properties: {
        p: always(
          (w: Erased) =>
            w
              .all('b')
              .map((s: Erased) => s.n)
              .join() !== '2,0,3,1',
        ),
      },
    })
    await isRefusedOrFound(protocol)
    await expect(explore(protocol, { tuning: { listedMax: Number.POSITIVE_INFINITY } })).rejects.toThrow('NODES ARE NOT SYMMETRIC')
  })

  it('reachable and crashed', async () => {
    const protocol = named({
      roles: counters(3, 1),
      faults: [crashStop('b', { atMost: 1 })],
      properties: {
        p: reachable(always((w: Erased) => w.crashed(w.nodes.b[1]) && w.all('b')[2].n === 1 && w.all('b')[0].n === 0)),
        q: always((w: Erased) => !(w.crashed(w.nodes.b[1]) && w.all('b')[2].n === 1 && w.all('b')[0].n === 0)),
      },
    })
    await isRefusedOrFound(protocol)
    await expect(explore(protocol, { property: 'p' })).rejects.toThrow('NODES ARE NOT SYMMETRIC')
  })

  it('always, of what is in flight', () =>
    isRefusedOrFound(
      named({
        roles: {
          b: {
            count: 3,
            init: () => new B(),
            on: { M: (s: Erased) => s },
            actions: {
              go: {
                when: (s: Erased) => s.n === 0,
                do: (s: Erased, h: Erased) => {
                  h.send(h.others, { type: 'M' })
                  return s.set('n', h.choose([1, 2]))
                },
              },
            },
          },
        },
        properties: {
          p: always((w: Erased) => !(w.inFlight.length === 6 && w.all('b')[0].n === 2 && w.all('b')[1].n === 1 && w.all('b')[2].n === 1)),
        },
      } as never),
    ))

  it('a global step', () =>
    isRefusedOrFound(
      named({
        roles: counters(),
        properties: {
          p: each(
            'b',
            (s: Erased) => s.n,
            n => n < 9,
          ),
        },
        steps: {
          g: {
            do(w: Erased) {
              const [first, ...others] = w.all('b')
              if (first.n === 2 && others.every((s: Erased) => s.n === 0)) w.set(w.nodes.b[0], first.set('n', 9))
            },
          },
        },
      }),
    ))

  it('the condition of a global step', () =>
    isRefusedOrFound(
      named({
        roles: counters(),
        properties: {
          p: each(
            'b',
            (s: Erased) => s.n,
            n => n < 9,
          ),
        },
        steps: {
          g: {
            when: (w: Erased) => w.all('b')[2].n === 1 && w.all('b')[1].n === 2 && w.all('b')[0].n === 0,
            do(w: Erased) {
              for (const id of w.nodes.b) w.set(id, w.get(id).set('n', 9))
            },
          },
        },
      }),
    ))

  it('mayRest', () =>
    isRefusedOrFound(
      named({
        roles: {
          b: {
            count: 3,
            init: () => new B(),
            on: {},
            actions: { go: { when: (s: Erased) => s.n === 0, do: (s: Erased, h: Erased) => s.set('n', h.choose([1, 2])) } },
          },
        },
        mayRest: (w: Erased) => {
          const l = w.all('b').map((s: Erased) => s.n)
          return !(l[0] === 2 && l[1] === 1 && l[2] === 1)
        },
      }),
    ))

  it('an observer that is looked at beside nodes', () =>
    isRefusedOrFound(
      named({
        roles: {
          b: {
            count: 3,
            init: () => new B(),
            on: {},
            actions: {
              go: {
                when: (s: Erased) => s.n < 1,
                do: (s: Erased, h: Erased) => {
                  h.emit({ type: 'e' })
                  return s.set('n', 1)
                },
              },
            },
          },
        },
        observers: { o: { init: List(), on: (list: List<unknown>, _: unknown, from: unknown) => list.push(from) } },
        properties: { p: always((w: Erased) => !(w.observer('o').size === 2 && w.observer('o').get(0) === w.nodes.b[1] && w.all('b')[0].n === 0)) },
      } as never),
    ))
})

describe('code that prefers a node by its label', () => {
  class D extends Record({ n: 0, id: null as unknown }) {}
  const labelled = {
    b: {
      count: 4,
      init: (h: Erased) => new D({ id: h.self }),
      on: {},
      actions: { go: { when: (s: Erased) => s.n < 2, do: (s: Erased) => s.set('n', s.n + 1) } },
    },
  }
  const view = (s: Erased) => ({ n: s.n, id: s.id })
  const pairs = (views: Erased, ok: Erased): AnyProtocol => named({ roles: labelled, properties: { p: { type: 'eachPair', roles: ['b', 'b'], views, ok } } })

  it('pairs', () => isRefusedOrFound(pairs([view, view], (x: Erased, y: Erased) => !(`${x.id}${y.id}` === 'b3b1' && x.n === 2 && y.n === 1))))

  it('the view of pairs', () => {
    const prefers = (s: Erased) => (`${s.id}` === 'b4' ? s.n + 10 : s.n)
    return isRefusedOrFound(pairs([prefers, prefers], (x: number, y: number) => !(x === 12 && y === 1)))
  })

  it('the view of pairs, which says the same of other states', () => {
    const prefers = (s: Erased) => `${s.id}` === 'b4' && s.n === 2
    return isRefusedOrFound(pairs([prefers, (s: Erased) => s.n], (x: boolean, y: number) => !(x && y === 1)))
  })
})

describe('what observers make of events, and what is asked of it, that prefers a node by its label', () => {
  const emitting = {
    b: {
      count: 4,
      init: () => new B(),
      on: {},
      actions: {
        go: {
          when: (s: Erased) => s.n < 1,
          do: (s: Erased, h: Erased) => {
            h.emit({ type: 'e', who: h.self })
            return s.set('n', 1)
          },
        },
      },
    },
  }
  const observing = (init: unknown, on: Erased, ok: Erased): AnyProtocol =>
    named({ roles: emitting, observers: { o: { init, on } }, properties: { p: observed('o', ok) } } as never)
  const whole = (list: List<unknown>, e: Erased) => list.push(e.who)

  it.each(['b1', 'b2', 'b3', 'b4'])('a property of the first, %s', label =>
    isRefusedOrFound(observing(List(), whole, (list: List<unknown>) => list.size !== 1 || String(list.get(0)) !== label)),
  )

  it.each(['b1,b2', 'b3,b1', 'b4,b1', 'b2,b4'])('a property of two, %s', labels =>
    isRefusedOrFound(observing(List(), whole, (list: List<unknown>) => list.map(String).join() !== labels)),
  )

  it.each(['b1', 'b2', 'b3', 'b4'])('an observer that counts %s', label =>
    isRefusedOrFound(
      observing(
        0,
        (n: number, e: Erased) => (String(e.who) === label ? 7 : n),
        (n: number) => n !== 7,
      ),
    ),
  )

  it.each(['b3,b1', 'b4,b1', 'b1,b4', 'b2,b4'])('an observer that counts %s, one after the other', labels =>
    isRefusedOrFound(
      observing(
        List(),
        (list: List<unknown>, e: Erased) => (list.push(e.who).map(String).join() === labels ? List(['both']) : list.push(e.who)),
        (list: List<unknown>) => !list.includes('both'),
      ),
    ),
  )

  it('and what does not is symmetric', async () => {
    const protocol = observing(List(), whole, (list: List<unknown>) => list.size <= 4)
    await isSymmetric(protocol, [65, 5])
  })
})

describe('code over the whole that prefers none', () => {
  it('is told from the other', async () => {
    await isSymmetric(named({ roles: counters(), properties: { p: always((w: Erased) => w.all('b').filter((s: Erased) => s.n === 1).length <= 3) } }), [27, 10])
    const swap = {
      do(w: Erased) {
        const a = w.choose(w.nodes.b)
        const b = w.choose(w.nodes.b.filter((id: unknown) => id !== a))
        const before = w.get(a)
        w.set(a, w.get(b))
        w.set(b, before)
      },
    }
    await isSymmetric(named({ roles: counters(), steps: { swap } }), [27, 10])
    await isSymmetric(named({ roles: counters(), mayRest: (w: Erased) => Set(w.all('b').map((s: Erased) => s.n)).size === 1 }), [27, 10])
  })
})
