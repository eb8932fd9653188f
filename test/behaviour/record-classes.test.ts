/** Records whose classes have constructors of their own: they are never called with what they do not expect. */
import { List, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { proofAfter } from '../support/tunings.ts'

const defaults = { n: 0, list: List<unknown>(), left: 'nobody' as unknown }

/** It cannot be made without an argument. */
class Demanding extends Record(defaults) {
  constructor({ n }: { readonly n: number }) {
    super({ n: n.valueOf() })
  }
}

/** Its argument is no record of fields. */
class Counted extends Record(defaults) {
  constructor(n: number) {
    super({ n })
  }
}

/** It makes something else of its argument. */
class Doubling extends Record(defaults) {
  constructor(fields: Partial<typeof defaults> = {}) {
    super({ ...fields, n: (fields.n ?? 0) * 2 })
  }
}

/** It counts how often it was made. */
class Singular extends Record(defaults) {
  static made = 0
  constructor(n: number) {
    if (Singular.made++ > 100) throw new Error('Too many.')
    super({ n })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Erased = any

/** Nodes that count to three, note it, and send it; what they have left nobody reads. */
const counting = (first: () => Erased, nested: () => Erased): AnyProtocol =>
  ({
    name: 'records',
    source: 'test',
    network: 'fair-loss',
    roles: {
      b: {
        count: 2,
        init: first,
        on: { M: (s: Erased, m: Erased) => s.set('left', m.load) },
        actions: {
          go: {
            when: (s: Erased) => s.list.size < 3,
            do: (s: Erased, h: Erased) => {
              h.broadcast({ type: 'M', load: nested() })
              return s.update('list', (list: Erased) => list.push(s.n)).update('n', (n: number) => n + 1)
            },
          },
        },
      },
    },
    properties: {
      counts: { type: 'each', role: 'b', view: (s: Erased) => s, ok: (s: Erased) => s.n === s.list.size && s.list.every((n: number, i: number) => n === i) },
      pairs: { type: 'eachPair', roles: ['b', 'b'], views: [(s: Erased) => s, (s: Erased) => s], ok: (a: Erased, b: Erased) => a.n + b.n < 7 },
    },
  }) as unknown as AnyProtocol

class Plain extends Record(defaults) {}

describe('the constructor of a Record class', () => {
  it.each([
    ['needs an argument', () => new Demanding({ n: 0 })],
    ['takes a number', () => new Counted(0)],
    ['changes what it is given', () => new Doubling()],
    ['may not be called often', () => new Singular(0)],
  ])('%s', async (_, make) => {
    for (const options of [{ reduce: [] }, {}, { tuning: proofAfter(0) }, { reduce: ['symmetry', 'dead-fields'] }] as const) {
      const expected = await explore(
        counting(
          () => new Plain(),
          () => new Plain({ n: 2 }),
        ),
        options,
      )
      for (const [first, nested] of [
        [make, () => new Plain({ n: 2 })],
        [() => new Plain(), () => make().set('n', 2)],
        [make, () => make().set('n', 2)],
      ] as const) {
        Singular.made = 0
        const { verdict, states, complete } = await explore(counting(first, nested), options)
        expect([verdict, states, complete]).toEqual(['holds', expected.states, true])
      }
    }
  })
})
