import { Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import { canAlways, family, type Protocol, reachable, some } from '../../checker/index.ts'
import type { Spec } from '../../checker/protocol/protocol.ts'
import { type Replay, replay, replayText } from '../../checker/trace/replay.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { post, traceBy } from '../support/trace-support.ts'

const both = ['c1 send, choosing 7', 'depot receives Item(number: 7) from c1', 'c2 send, choosing 8', 'depot receives Item(number: 8) from c2']

const whyOf = (trace: Trace, protocol: Spec = post()): string => {
  const result = replay(trace, protocol)
  expect(result.kind).toBe('impossible')
  return replayText(result, trace)
}

describe('a property is judged at the end', () => {
  const ends: readonly (readonly [string, readonly string[], Replay['kind']])[] = [
    ['fewItems', both, 'violates'],
    ['fewItems', both.slice(0, 3), 'harmless'],
    ['fewItems', [], 'harmless'],
    // A pair of nodes, each of another courier's.
    ['sameItems', [...both, 'c1 receives Item(number: 7) from itself', 'c2 receives Item(number: 8) from itself'], 'violates'],
    ['sameItems', [...both, 'c1 receives Item(number: 7) from itself', 'c2 receives Item(number: 7) from c1'], 'harmless'],
    // A step: of the last one only.
    ['itemsStay', ['c1 send, choosing 7', 'c1 receives Item(number: 7) from itself', 'c1 crashes and recovers'], 'violates'],
    ['itemsStay', ['c1 send, choosing 7', 'c1 receives Item(number: 7) from itself', 'c1 crashes and recovers', 'tick'], 'harmless'],
    // An observer.
    ['hearsLittle', ['c1 send, choosing 7', 'c1 receives Item(number: 7) from itself', 'c2 receives Item(number: 7) from c1'], 'violates'],
  ]
  test.each(ends)('%s after %j: %s', (property, steps, kind) => {
    expect(replay(traceBy(post(), property, steps), post()).kind).toBe(kind)
  })

  test('a property that there is not', () => {
    expect(() => replay(traceBy(post(), 'fewItem', both), post())).toThrow(/NO SUCH PROPERTY[\s\S]*There is: fewItems, sameItems/)
  })
})

class Lamp extends Record({ on: false, broken: false, presses: 0 }) {}

const lamp = family(
  { pressesMax: Infinity, mayRest: false },
  ({ pressesMax, mayRest }) =>
    ({
      name: 'lamp',
      source: 'made up',
      network: 'reliable',
      roles: {
        lamp: {
          count: 1,
          init: () => new Lamp(),
          on: {},
          actions: {
            press: { when: (l: Lamp) => !l.broken, do: (l: Lamp) => l.merge({ on: !l.on, presses: l.presses + 1 }) },
            break: { when: (l: Lamp) => !l.broken, do: (l: Lamp) => l.merge({ broken: true, on: false }) },
          },
          within: (l: Lamp) => l.presses <= pressesMax,
        },
      },
      properties: {
        canShine: canAlways(some('lamp', (l: Lamp) => l.on, Boolean)),
        canBeTired: canAlways(
          some(
            'lamp',
            (l: Lamp) => l.presses,
            presses => presses > 20_000,
          ),
        ),
        shines: reachable(some('lamp', (l: Lamp) => l.on, Boolean)),
      },
      mayRest,
    }) satisfies Protocol<{ lamp: { state: Lamp; inbox: never } }>,
)

describe('where a look at the end is not enough', () => {
  test('a deadlock: nothing is possible, and the bound is not why', () => {
    expect(replay(traceBy(lamp(), 'deadlock', ['lamp break']), lamp()).kind).toBe('violates')
    expect(replay(traceBy(lamp(), 'deadlock', ['lamp press']), lamp()).kind).toBe('harmless')
    expect(replay(traceBy(lamp(), 'deadlock', ['lamp break']), lamp({ mayRest: true })).kind).toBe('harmless')
  })

  test('canAlways is searched for, as far as that is small', () => {
    expect(replay(traceBy(lamp(), 'canShine', ['lamp break']), lamp()).kind).toBe('violates')
    expect(replay(traceBy(lamp(), 'canShine', ['lamp press']), lamp()).kind).toBe('harmless')
    expect(replay(traceBy(lamp(), 'canBeTired', ['lamp press']), lamp()).kind).toBe('undecided')
    expect(replay(traceBy(lamp({ pressesMax: 9 }), 'canBeTired', []), lamp({ pressesMax: 9 })).kind).toBe('violates')
  })

  test('reachable is not for one execution to show', () => {
    const trace = traceBy(lamp(), 'shines', ['lamp press'])
    expect(replayText(replay(trace, lamp()), trace)).toContain('not decided: that no reachable state satisfies shines is not for one execution to show')
  })
})

describe('why a step is impossible', () => {
  const protocol = post()
  const { courier } = protocol.roles
  const changed = (change: object): Spec => ({ ...protocol, ...change })
  const sent = ['c1 send, choosing 7', 'c1 note', 'depot receives Item(number: 7) from c1']

  test('other nodes, another start', () => {
    const trace = traceBy(post(), 'fewItems', sent)
    expect(whyOf(trace, post({ couriers: 3 }))).toBe('Impossible from the start. The nodes are c1, c2, c3, depot here, and c1, c2, depot in the trace.')
    const late = { ...protocol, roles: { ...protocol.roles, courier: { ...courier, init: () => courier.init().set('clock', 5) } } }
    expect(whyOf(trace, late)).toBe('Impossible from the start. The initial state is another (trace → here):\n  c1  clock: 0 → 5\n  c2  clock: 0 → 5')
  })

  test('an action that is not enabled, or that there is not', () => {
    const trace = traceBy(post(), 'fewItems', ['c1 send, choosing 7', 'c1 send, choosing 7'])
    expect(whyOf(trace, post({ itemsMax: 1 }))).toBe(
      'Step 2 is impossible: c1 send, choosing 7. send is not enabled: c1 is {sent: 1, items: [], from: {}, clock: 0}.',
    )
    const renamed = { ...trace, steps: trace.steps.map(step => ({ ...step, name: 'constructor' })) }
    expect(whyOf(renamed)).toContain('c1 has no action constructor.')
  })

  test('another choice', () => {
    const trace = traceBy(post(), 'fewItems', sent)
    expect(whyOf({ ...trace, steps: trace.steps.map(step => ({ ...step, choices: step.choices.map(() => 9) })) })).toContain(
      'It chooses 9 in the trace; here it may choose 7 or 8.',
    )
  })

  test('a message that is not in flight, or not the first', () => {
    const trace = traceBy(post(), 'fewItems', sent)
    const [, , receipt] = trace.steps
    expect(whyOf({ ...trace, steps: [receipt!] })).toContain('Item(number: 7) from c1 to depot is not in flight.')
    expect(whyOf({ ...trace, steps: [...trace.steps, receipt!] })).toMatch(/^Step 4 is impossible: .* is not in flight\.$/)
    const overtaking = traceBy(changed({ network: 'reliable' }), 'fewItems', ['c1 send, choosing 7', 'c1 note', 'c2 receives Note from c1'])
    expect(whyOf(overtaking)).toContain('The network keeps the order of messages: Item(number: 7) from c1 to c2 comes first.')
  })

  test('a node that has crashed, a fault that there is not', () => {
    const trace = traceBy(post(), 'fewItems', ['c1 crashes'])
    const [crash] = trace.steps
    const [note] = traceBy(post(), 'fewItems', ['c1 note']).steps
    expect(whyOf({ ...trace, steps: [crash!, note!] })).toBe('Step 2 is impossible: c1 note. c1 has crashed.')
    expect(whyOf(trace, changed({ faults: [] }))).toContain('c1 cannot crash for good here: the protocol has no such fault, or no more of it.')
    expect(whyOf(traceBy(post(), 'fewItems', ['tick']), changed({ steps: {} }))).toContain('The protocol has no global step tick.')
  })

  test('the bound of the model', () => {
    const receipts = ['c1 send, choosing 7', 'c1 receives Item(number: 7) from itself']
    const tight = { ...protocol, roles: { ...protocol.roles, courier: { ...courier, within: (c: ReturnType<typeof courier.init>) => c.items.isEmpty() } } }
    expect(whyOf(traceBy(post(), 'fewItems', receipts), tight)).toContain('It would lead outside the bounds of the model.')
  })

  test('it does something else: what', () => {
    const trace = traceBy(post(), 'fewItems', ['c1 send, choosing 7', 'c2 receives Item(number: 7) from c1'])
    const forgetful = {
      ...protocol,
      roles: { ...protocol.roles, courier: { ...courier, on: { ...courier.on, Item: (c: ReturnType<typeof courier.init>) => c.set('clock', 1) } } },
    }
    expect(whyOf(trace, forgetful)).toMatchInlineSnapshot(`
      "Step 2 is impossible: c2 receives Item(number: 7) from c1. It does something else here (trace → here):
        c2  items: − 7
        c2  from: − c1
        c2  clock: 0 → 1
        emits  emits Got(number: 7) → nothing
        heard  changes in the trace, and stays here"
    `)
  })
})
