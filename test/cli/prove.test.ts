import { expect, test } from 'vitest'
import type { Behaviour } from '../../checker/prove/behaved.ts'
import { drift, type Proof, parseLock } from '../../checker/prove/lock.ts'

const proof: Proof = {
  protocol: 'raft',
  parameters: { nodes: 3 },
  verdict: 'holds',
  property: null,
  complete: true,
  states: 10,
  depth: 5,
  reductions: ['symmetry'],
  behaviour: { covers: 'everything', states: '0123456789abcdef', handlers: { 'node.Vote': '00000000000000aa', 'node.init': '00000000000000bb' } },
  checker: '1.2.3',
  seconds: 1,
}

/** The same with other behaviour. */
const behaves = (change: Partial<Behaviour>): Partial<Proof> => ({ behaviour: { ...(proof.behaviour as Behaviour), ...change } })

test('a proof as recorded is no drift, however long it took', () => {
  expect(drift(proof, { ...proof, seconds: 99 })).toEqual([])
})

test.each<[string, Partial<Proof>, RegExp]>([
  ['another answer', { verdict: 'violated', property: 'sameOrder' }, /another one/],
  ['other reductions', { reductions: [], states: 60 }, /Other reductions/],
  ['a search that was cut off', { complete: false }, /ends elsewhere/],
  ['other states', { states: 11 }, /the protocol changed/],
  ['another depth', { depth: 6 }, /the protocol changed/],
  ['another handler', behaves({ handlers: { 'node.Vote': '00000000000000ab', 'node.init': '00000000000000bb' } }), /node\.Vote does something else/],
  ['a handler that is new', behaves({ handlers: { ...proof.behaviour?.handlers, 'node.Stop': '00000000000000cc' } }), /node\.Stop runs now/],
  ['a handler that is gone', behaves({ handlers: { 'node.init': '00000000000000bb' } }), /node\.Vote ran, and does no more/],
  ['other states by the same handlers', behaves({ states: '1123456789abcdef' }), /set of reachable states changed/],
  ['a protocol that has grown', behaves({ covers: 9, states: null }), /in every node state that is reached → in executions of 9 steps/],
])('%s is explained', (_, change, why) => {
  expect(drift(proof, { ...proof, ...change }).join('\n')).toMatch(why)
})

test.each<[string, Partial<Proof>]>([
  ['fewer states', { states: 3, depth: 4 }],
  ['other reductions', { reductions: ['symmetry', 'dead-messages'], states: 3 }],
])('another version of the checker may count otherwise: %s', (_, change) => {
  expect(drift(proof, { ...proof, ...change })).not.toEqual([])
  expect(drift(proof, { ...proof, ...change, checker: '1.2.4' })).toEqual([])
})

test.each<[string, Partial<Proof>]>([
  ['the answer', { verdict: 'inconclusive' }],
  ['whether it is complete', { complete: false }],
  ['what a handler does', behaves({ handlers: { 'node.Vote': '00000000000000ab', 'node.init': '00000000000000bb' } })],
  ['the states without reductions', behaves({ states: '1123456789abcdef' })],
])('but not say otherwise: %s', (_, change) => {
  expect(drift(proof, { ...proof, ...change, checker: '1.2.4' })).not.toEqual([])
})

const lock = { format: 'protocheck-proofs', version: 2, proofs: [proof], broken: [] }

test('a lock file is read as it was written', () => {
  expect(parseLock(JSON.stringify(lock), 'lock')).toEqual(lock)
})

test.each([
  ['a truncated file', JSON.stringify(lock).slice(0, 40), /NOT JSON/],
  ['too many proofs', JSON.stringify({ ...lock, proofs: Array.from({ length: 1_000_000 }, () => ({})) }), /at most 10000 are read/],
  ['a file that is too long', ' '.repeat(5_000_000), /FILE IS TOO LARGE/],
  ['a newer version', JSON.stringify({ ...lock, version: 3 }), /It is of version 3.*\n.*a newer one/],
  ['an older version', JSON.stringify({ format: 'protocheck-proofs', version: 1, proofs: [] }), /Its format is older/],
  ['a hash that is none', JSON.stringify({ ...lock, proofs: [{ ...proof, ...behaves({ states: '' }) }] }), /proofs\.0\.behaviour/],
  ['a field that is missing', JSON.stringify({ ...lock, proofs: [{ protocol: 'raft' }] }), /proofs\.0/],
  ['a field that is not known', JSON.stringify({ ...lock, more: 1 }), /more/],
])('%s is refused, by place', (_, text, why) => {
  expect(() => parseLock(text, 'proofs.lock.json')).toThrow(why)
})
