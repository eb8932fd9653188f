import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import type { Options } from '../../checker/check/options.ts'
import { always, canAlways, crashRecovery, each, eachPair, explore, observed, type Protocol, reachable, some, step } from '../../checker/index.ts'

class N extends Record({ x: 0 }) {}
type Roles = { n: { state: N; inbox: { readonly type: 'Inc' } } }
type Event = { readonly type: 'e'; readonly x: number }

/** Throws at one place, where some node has come to `limit`. */
const throwsAt = (at: string, limit = 2): Protocol<Roles, Event> => {
  const boom = <T>(here: string, x: number, value: T): T => {
    if (here === at && x >= limit) throw new TypeError('boom')
    return value
  }
  const most = (w: { all(role: 'n'): readonly N[] }): number => Math.max(...w.all('n').map(n => n.x))
  return {
    name: 'throws',
    source: 'test',
    network: 'reliable',
    faults: [crashRecovery('n', { atMost: 1 })],
    roles: {
      n: {
        count: 2,
        init: () => boom('init', limit, new N()),
        recover: n => boom('recover', n.x, n),
        within: n => boom('within', n.x, n.x <= 4),
        on: {
          Inc: n =>
            boom(
              'on',
              n.x,
              n.update('x', x => x + 1),
            ),
        },
        actions: {
          go: {
            when: n => boom('when', n.x, n.x < 4),
            do(n, { broadcast, emit }) {
              broadcast({ type: 'Inc' })
              emit({ type: 'e', x: n.x })
              return boom(
                'do',
                n.x,
                n.update('x', x => x + 1),
              )
            },
          },
        },
      },
    },
    steps: { global: { when: w => boom('gwhen', most(w as never), true), do: w => boom('gdo', most(w as never), undefined) } },
    observers: { o: { init: 0, on: (s: number, e) => boom('observer', e.x, s) } },
    mayRest: w => boom('mayRest', most(w as never), true),
    properties: {
      inv: each(
        'n',
        n => boom('view', n.x, n.x),
        x => boom('ok', x, true),
      ),
      pair: eachPair(
        'n',
        n => n.x,
        (a, b) => boom('pair', Math.max(a, b), true),
      ),
      world: always<Roles>(w => boom('always', most(w as never), true)),
      st: step('n', (_, b) => boom('step', b.x, true)),
      ob: observed('o', (s: number) => boom('observed', limit, s < 100)),
      re: reachable(
        some(
          'n',
          n => n.x,
          x => boom('reachable', x, x === 4),
        ),
      ),
      ca: canAlways(
        some(
          'n',
          n => n.x,
          x => boom('canAlways', x, x >= 0),
        ),
      ),
    },
  }
}

const errorOf = (spec: Protocol<Roles, Event>, options: Options = {}) =>
  explore(spec, options).then(
    () => ({ parts: { title: 'no error', what: '', place: '', execution: '' }, message: '' }),
    error => error,
  )

/** The place, and the steps that lead there; `null` where no execution is shown. */
const places: { readonly [at: string]: readonly [place: string, steps: readonly string[] | null] } = {
  init: ['init at n1', null],
  recover: ['recover at n1', ['n1 go', 'n1 go', 'crash-recovery of n']],
  within: ['within at n1', ['n1 go', 'n1 go']],
  on: ['handler Inc at n1', ['n1 go', 'n1 go', 'n2 go', 'n1 receives Inc from n2']],
  when: ['action go at n1', ['n1 go', 'n1 go', 'n1 go']],
  do: ['action go at n1', ['n1 go', 'n1 go', 'n1 go']],
  gwhen: ['step global', ['n1 go', 'n1 go', 'global']],
  gdo: ['step global', ['n1 go', 'n1 go', 'global']],
  observer: ['observer o', ['n1 go', 'n1 go', 'n1 go']],
  view: ['property inv', ['n1 go', 'n1 go']],
  ok: ['property inv', ['n1 go', 'n1 go']],
  pair: ['property pair', ['n1 go', 'n1 go']],
  always: ['property world', ['n1 go', 'n1 go']],
  step: ['property st', ['n1 go', 'n1 go']],
  observed: ['property ob', []],
  reachable: ['property re', ['n1 go', 'n1 go']],
  canAlways: ['property ca', ['n1 go', 'n1 go']],
}

const stepsOf = (execution: string): string[] => [...execution.matchAll(/^ {2}\d+\. (.*)$/gm)].map(([, text]) => text as string)

describe('what code of a spec throws is shown with the shortest execution that leads there', () => {
  it.each(Object.keys(places))('%s', async at => {
    const [place, steps] = places[at] as (typeof places)[string]
    for (const options of [{}, { reduce: [] }]) {
      const { parts, message } = await errorOf(throwsAt(at), options)
      expect(parts).toMatchObject({
        title: 'THE SPEC THROWS',
        place: `throws, ${place}`,
        what: expect.stringMatching(/^TypeError: boom \(leads-to\.test\.ts:\d+\)$/),
      })
      if (steps === null) continue
      expect(stepsOf(parts.execution)).toEqual(steps)
      expect(parts.execution).toContain(steps.length === 0 ? 'It is so in the first state:' : 'The shortest execution that leads there:')
      expect(parts.execution).toMatch(/\n {2}n1 +x: \d\n {2}n2 +x: \d\n {2}o +0$/)
      expect(message).toContain(parts.execution)
    }
  })

  it('mayRest: in a state where nothing can happen', async () => {
    const { steps: _, ...spec } = throwsAt('mayRest')
    const { parts } = await errorOf(spec)
    expect(parts.place).toBe('throws, mayRest')
    // Four times `go`, each received by the other, and the one crash that may be.
    expect(stepsOf(parts.execution)).toHaveLength(9)
    expect(parts.execution).toContain('Then the state is:\n  n1  x: 4\n  n2  x: 4')
  })

  it('also by a search in another order, and by random executions', async () => {
    for (const options of [{ order: 'depth' as const }, { simulate: { runs: 100, seed: 1 } }]) {
      const { parts } = await errorOf(throwsAt('pair'), options)
      expect(parts.execution).toContain('xecution that leads there:')
      expect(parts.execution).toMatch(/Then the state is:\n {2}n1 +x: \d/)
    }
  })

  it('and other errors of code: what is impure, what is no value, what there is no handler for', async () => {
    let count = 0
    const broken: { readonly [title: string]: (n: N, here: { broadcast(m: unknown): void }) => unknown } = {
      IMPURE: n => n.set('x', count++),
      'NOT A VALUE': n => n.set('x', {} as never),
      'NO HANDLER': (n, { broadcast }) => [broadcast({ type: 'Dec' }), n][1],
      'NO STATE RETURNED': () => undefined,
      'NO SUCH FIELD': n => n.set('y' as never, 1 as never),
    }
    for (const [title, change] of Object.entries(broken)) {
      const spec = throwsAt('nowhere')
      const go = spec.roles.n.actions?.['go'] as NonNullable<typeof spec.roles.n.actions>[string]
      const late = { ...go, do: (n: N, here: never) => (n.x < 2 ? go.do(n, here) : change(n, here)) as N }
      const { parts } = await errorOf({ ...spec, roles: { n: { ...spec.roles.n, actions: { go: late } } } })
      expect(parts).toMatchObject({ title, place: 'throws, action go at n1' })
      expect(stepsOf(parts.execution)).toEqual(['n1 go', 'n1 go', 'n1 go'])
    }
  })
})
