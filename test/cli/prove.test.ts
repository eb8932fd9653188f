import { expect, test } from 'vitest'
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
  seconds: 1,
}

test('a proof as recorded is no drift, however long it took', () => {
  expect(drift(proof, { ...proof, seconds: 99 })).toEqual([])
})

test.each<[string, Partial<Proof>, RegExp]>([
  ['another answer', { verdict: 'violated', property: 'sameOrder' }, /another one/],
  ['other reductions', { reductions: [], states: 60 }, /Other reductions/],
  ['a search that was cut off', { complete: false }, /ends elsewhere/],
  ['other states', { states: 11 }, /the protocol changed/],
  ['another depth', { depth: 6 }, /the protocol changed/],
])('%s is explained', (_, change, why) => {
  expect(drift(proof, { ...proof, ...change }).join('\n')).toMatch(why)
})

const lock = { format: 'protocheck-proofs', version: 1, proofs: [proof] }

test('a lock file is read as it was written', () => {
  expect(parseLock(JSON.stringify(lock), 'lock')).toEqual(lock)
})

test.each([
  ['a truncated file', JSON.stringify(lock).slice(0, 40), /NOT JSON/],
  ['too many proofs', JSON.stringify({ ...lock, proofs: Array.from({ length: 1_000_000 }, () => ({})) }), /at most 10000 are read/],
  ['a file that is too long', ' '.repeat(5_000_000), /FILE IS TOO LARGE/],
  ['another version', JSON.stringify({ ...lock, version: 2 }), /version/],
  ['a field that is missing', JSON.stringify({ ...lock, proofs: [{ protocol: 'raft' }] }), /proofs\.0/],
  ['a field that is not known', JSON.stringify({ ...lock, more: 1 }), /more/],
])('%s is refused, by place', (_, text, why) => {
  expect(() => parseLock(text, 'proofs.lock.json')).toThrow(why)
})
