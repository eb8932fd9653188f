/** Equal messages in flight at the same time: a counterexample is walked with all of them, though the search dropped some as dead. */
import { Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { each, family, type Protocol, step } from '../../checker/index.ts'
import { replay } from '../../checker/trace/replay.ts'
import { stepText } from '../../checker/trace/step-text.ts'

class Caller extends Record({ calls: 0 }) {}
class Idler extends Record({ awake: false }) {}

type Roles = { caller: { state: Caller; inbox: never }; idler: { state: Idler; inbox: { readonly type: 'Call' } } }

const calls = family(
  { copies: 1 },
  ({ copies }) =>
    ({
      name: 'calls',
      source: 'made up',
      network: 'reliable',
      roles: {
        caller: {
          count: 1,
          init: () => new Caller(),
          on: {},
          actions: {
            call: {
              do(c, { nodes, send }) {
                for (let i = 0; i < copies; i++) send(nodes.idler, { type: 'Call' })
                return c.set('calls', c.calls + 1)
              },
            },
          },
          within: c => c.calls <= 3,
        },
        idler: { count: 1, init: () => new Idler(), on: { Call: i => i } },
      },
      properties: {
        fewCalls: each(
          'caller',
          c => c.calls,
          n => n < 3,
        ),
        wakesUp: step('idler', (before, after) => before !== after),
      },
    }) satisfies Protocol<Roles>,
)

describe.each([1, 2, 3])('%i equal messages at a time', copies => {
  test.each([
    ['fewCalls', ['caller call', 'caller call', 'caller call']],
    ['wakesUp', ['caller call', 'idler receives Call from caller']],
  ])('that break %s', async (property, steps) => {
    const { counterexample } = await explore(calls({ copies }), { property })
    expect(counterexample?.steps.map(stepText)).toEqual(steps)
    expect(counterexample && replay(counterexample, calls({ copies })).kind).toBe('violates')
  })
})
