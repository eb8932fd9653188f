/** A bound on the messages in flight: the alternating bit protocol, whose sender sends again without end, and what is refused. */
import { List, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { canAlways, crashStop, each, eachPairOf, type From, family, loss, type Protocol, reachable, some } from '../../checker/index.ts'
import type { AnyProtocol, FlightBound, Network } from '../../checker/protocol/protocol.ts'
import { oracle } from '../support/oracle.ts'

class Sender extends Record({ bit: 0, sent: 0 }) {}
class Receiver extends Record({ bit: 0, got: List<number>() }) {}
type Roles = {
  sender: { state: Sender; inbox: From<'receiver', { readonly type: 'Ack'; readonly bit: number }> }
  receiver: { state: Receiver; inbox: From<'sender', { readonly type: 'Data'; readonly bit: number; readonly item: number }> }
}

/** Bartlett, Scantlebury & Wilkinson 1969, CACM 12(5). */
const alternatingBit = family(
  { items: 2, channel: 2 },
  ({ items, channel }) =>
    ({
      name: 'abp',
      source: 'Bartlett, Scantlebury & Wilkinson 1969, CACM 12(5)',
      network: 'fifo',
      faults: [loss()],
      withinFlight: { channel },
      roles: {
        sender: {
          count: 1,
          init: () => new Sender(),
          actions: {
            send: {
              when: s => s.sent < items,
              do(s, { nodes, send }) {
                send(nodes.receiver, { type: 'Data', bit: s.bit, item: s.sent })
                return s
              },
            },
          },
          on: { Ack: (s, { bit }) => (bit === s.bit && s.sent < items ? s.merge({ bit: 1 - bit, sent: s.sent + 1 }) : s) },
        },
        receiver: {
          count: 1,
          init: () => new Receiver(),
          on: {
            Data(r, { bit, item }, from, { send }) {
              send(from, { type: 'Ack', bit })
              return bit === r.bit ? r.merge({ bit: 1 - bit, got: r.got.push(item) }) : r
            },
          },
        },
      },
      properties: {
        inOrder: each(
          'receiver',
          r => r.got,
          got => got.every((item, i) => item === i),
        ),
        ahead: eachPairOf(
          'sender',
          s => s.sent,
          'receiver',
          r => r.got.size,
          (sent, got) => got === sent || got === sent + 1,
        ),
        all: reachable(
          some(
            'sender',
            s => s.sent,
            sent => sent === items,
          ),
        ),
        delivers: canAlways(
          some(
            'sender',
            s => s.sent,
            sent => sent === items,
          ),
        ),
      },
      mayRest: world => world.all('sender').every(({ sent }) => sent === items),
    }) satisfies Protocol<Roles>,
)

const erased = (spec: object): AnyProtocol => spec as AnyProtocol

describe('the alternating bit protocol, sending again without end', () => {
  it.each([1, 2])('holds, complete, with %i messages in a channel', async channel => {
    const protocol = alternatingBit({ channel })
    const { states, complete, properties } = oracle(erased(protocol))
    expect(complete).toBe(true)
    const report = await explore(protocol, { reduce: [] })
    expect([report.verdict, report.complete, report.states]).toEqual(['holds', true, states.length])
    for (const [property, { verdict }] of Object.entries(properties))
      expect([property, (await explore(protocol, { property })).verdict]).toEqual([property, verdict])
  })

  it('breaks where the network does not keep the order, as the oracle says', async () => {
    const protocol = { ...alternatingBit({ items: 3 }), network: 'reliable' as const }
    const { inOrder } = oracle(erased({ ...protocol, properties: { inOrder: protocol.properties.inOrder } }), { depth: 12 }).properties
    const report = await explore(protocol, { property: 'inOrder' })
    expect([report.verdict, report.counterexample?.steps.length]).toEqual([inOrder?.verdict, inOrder?.length])
    expect(report.verdict).toBe('violated')
  })

  it('without the bound does not end', async () => {
    const { verdict, notes } = await explore({ ...alternatingBit(), withinFlight: undefined }, { states: 5_000 })
    expect(verdict).toBe('inconclusive')
    expect(notes.join('\n')).toContain('withinFlight: { channel: 2 }')
  })

  it('without room for an answer, warns of what is never part of the model', async () => {
    class Node extends Record({ n: 0 }) {}
    const protocol = erased({
      name: 'two at a time',
      source: 'test',
      network: 'reliable',
      withinFlight: { total: 1 },
      faults: [crashStop('a', { atMost: 1 })],
      roles: {
        a: {
          count: 1,
          init: () => new Node(),
          actions: {
            say: {
              do: (s: Node, { send, nodes }: { send(to: unknown, m: object): void; nodes: { a: unknown } }) => {
                send(nodes.a, { type: 'M' })
                send(nodes.a, { type: 'M' })
                return s
              },
            },
          },
          on: { M: (s: Node) => s },
        },
      },
      properties: {},
    })
    const { verdict, states, notes } = await explore(protocol)
    expect([verdict, states]).toEqual(['holds', 2])
    expect(notes.join('\n')).toContain('the action say of a is cut off by `within` or `withinFlight` each time')
  })
})

describe('what is no bound is refused', () => {
  it.each<[string, unknown, Network, string]>([
    ['a number', 3, 'fifo', 'a bound { channel?, total? }'],
    ['nothing bounded', {}, 'fifo', 'a bound { channel?, total? }'],
    ['a misspelt key', { chanel: 2 }, 'fifo', 'Did you mean channel?'],
    ['none at all', { total: 0 }, 'reliable', 'a whole number from 1'],
    ['a fraction', { channel: 1.5 }, 'reliable', 'a whole number from 1'],
    ['over fair-loss', { total: 3 }, 'fair-loss', 'over fair-loss what was sent stays in flight'],
  ])('%s', async (_, withinFlight, network, said) => {
    await expect(explore({ ...alternatingBit(), network, withinFlight: withinFlight as FlightBound })).rejects.toThrow(said)
  })
})
