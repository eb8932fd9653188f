import fc from 'fast-check'
import { is, List } from 'immutable'
import { describe, expect, test } from 'vitest'
import { casRegister, causalOrder, deliveries, fifoOrder, happensBefore, type Id, linearization, operations, totalOrder } from '../../checker/index.ts'
import type { Observer } from '../../checker/protocol/protocol.ts'
import type { Tagged } from '../../checker/protocol/roles.ts'
import { idsOf, renamed, type Told } from '../support/judges-support.ts'

const nodes = idsOf('node', 3)
const node = fc.constantFrom(...nodes)
const permutation = fc.shuffledSubarray([...nodes], { minLength: 3 }).map(images => (id: Id) => images[nodes.indexOf(id)] as Id)

const delivery = fc.record({
  type: fc.constantFrom('broadcast', 'deliver'),
  message: fc.tuple(node, fc.nat(1)).map(([sender, n]) => List<Id | number>([sender, n])),
})
const operation = fc.oneof(
  fc.constant({ type: 'invoke', op: 'read' }),
  fc.record({ type: fc.constant('invoke'), op: fc.constant('write'), value: node }),
  fc.record({ type: fc.constant('return'), result: fc.option(node, { nil: undefined }) }),
)
const causal = fc.oneof(
  fc.record({ type: fc.constantFrom('local', 'send'), timestamp: fc.nat(2) }),
  fc.record({ type: fc.constant('receive'), timestamp: fc.nat(2), sender: node, message: fc.nat(2) }),
)

/** The last state that the observer reaches without a complaint: random events are not always a history. */
const toldAsFarAs = (observer: Observer<never>, events: readonly Told<Tagged>[]): unknown => {
  let state = observer.init
  for (const [from, event] of events) {
    try {
      state = observer.on(state, event as never, from)
    } catch {
      // Not an event that can come now.
    }
  }
  return state
}

const observers: readonly (readonly [string, () => Observer<never>, fc.Arbitrary<Tagged>])[] = [
  ['deliveries', deliveries, delivery],
  ['fifoOrder', fifoOrder, delivery],
  ['causalOrder', causalOrder, delivery],
  ['totalOrder', totalOrder, delivery],
  ['happensBefore', happensBefore, causal],
  ['operations', operations, operation],
  ['linearization', () => linearization(casRegister<Id | undefined>(undefined)), operation],
]

describe('an observer hears its own events only', () => {
  test.each(observers)('%s', (_, make) => {
    const observer = make() as Observer<Tagged>
    expect(observer.on(observer.init, { type: 'tick' }, nodes[0] as Id)).toBe(observer.init)
  })
})

describe('an observer treats all nodes alike: renaming them before or after makes no difference', () => {
  test.each(observers)('%s', (_, make, event) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(node, event), { maxLength: 12, size: 'max' }), permutation, (events, rename) => {
        const images = events.map(([from, one]): Told<Tagged> => [rename(from), renamed(one, rename) as Tagged])
        expect(is(toldAsFarAs(make(), images), renamed(toldAsFarAs(make(), events), rename))).toBe(true)
      }),
    )
  })
})
