import { describe, expect, test } from 'vitest'
import { limits, parseTrace } from '../../checker/trace/schema.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { writeTrace } from '../../checker/trace/write.ts'
import { post, traceBy } from '../support/trace-support.ts'

const trace: Trace = {
  ...traceBy(post(), 'hearsLittle', ['c1 send, choosing 7', 'c2 receives Item(number: 7) from c1', 'tick']),
  parameters: { couriers: 2, rest: 'Infinity' },
}
const text = JSON.stringify(trace, null, 2)

const errorOf = (broken: string): string => {
  try {
    parseTrace(broken, 'x.json')
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

/** A file in which something was replaced; the test fails if there was nothing to replace. */
const edited = (from: string, to: string): string => {
  expect(text).toContain(from)
  return text.replace(from, to)
}

test('what was written is read', () => {
  expect(parseTrace(text, 'x.json')).toEqual(trace)
  expect(parseTrace(writeTrace(trace), 'x.json')).toEqual(trace)
  expect(parseTrace(writeTrace({ ...trace, steps: [] }), 'x.json')).toEqual({ ...trace, steps: [] })
})

test('a trace is written with a line for each step', () => {
  const lines = writeTrace(trace).split('\n')
  expect(lines.filter(line => line.startsWith('    {"kind":'))).toHaveLength(trace.steps.length)
  expect(lines.every(line => line.split('"kind":').length <= 2)).toBe(true)
})

describe('errors', () => {
  test('a truncated file', () => {
    expect(errorOf(text.slice(0, text.indexOf('"property"') + 4))).toMatchInlineSnapshot(`
      "── TRUNCATED FILE ────────────────────────────────────────────────────────────────── x.json, line 10
      The file ends inside of a string.
      It was not written, or not copied, to its end. Make it anew: check <protocol> --mutant NAME --save"
    `)
    expect(errorOf(text.slice(0, -1))).toContain('The file ends inside of an object that begins in line 1.')
  })

  test('every proper beginning of a file is refused as truncated', () => {
    for (let length = 1; length < text.length; length += 7) expect(errorOf(text.slice(0, length))).toContain('TRUNCATED FILE')
  })

  test('another version', () => {
    expect(errorOf(edited('"version": 1', '"version": 2'))).toMatchInlineSnapshot(`
      "── WRONG VERSION ──────────────────────────────────────────────────────────────────────────── x.json
      It is a trace of version 2; this checker reads version 1.
      A newer protocheck wrote it: update this one."
    `)
  })

  test('a missing field', () => {
    expect(errorOf(edited('"property": "hearsLittle",', ''))).toMatchInlineSnapshot(`
      "── NOT A TRACE ────────────────────────────────────────────────────────────────────────────── x.json
      property: is missing
      Was it edited by hand? Make it anew: check <protocol> --mutant NAME --save"
    `)
  })

  const wrong: readonly (readonly [string, () => string, string])[] = [
    ['nothing', () => ' \n', 'EMPTY FILE'],
    ['no JSON', () => '{ "format": tru }', 'NOT JSON'],
    ['another JSON', () => '[1, 2]', 'It has no field "format".'],
    ['null', () => 'null', 'It has no field "format".'],
    ['another format', () => edited('protocheck-trace', 'itf'), 'Its format is "itf"'],
    ['a field too many', () => edited('"mutant": null', '"mutant": null, "more": 1'), 'Unrecognized key: "more"'],
    ['a kind that there is not', () => edited('"kind": "receive"', '"kind": "recieve"'), 'steps[1].kind: '],
    ['a node that there is not', () => edited('"node": "c2"', '"node": "c9"'), 'steps[1].node: "c9" is no node of this trace'],
    ['a sender that there is not', () => edited('"from": "c1"', '"from": "toString"'), 'is no node of this trace'],
    ['a receiver that there is not', () => edited('"to": "depot"', '"to": "c9"'), 'steps[0].sent[2].to: "c9" is no node of this trace'],
    [
      'a state of a node that there is not',
      () => edited('"nodes": {\n        "c1"', '"nodes": {\n        "c9"'),
      'steps[0].nodes.c9: is no node of this trace',
    ],
    ['a state of an observer that there is not', () => edited('"heard"', '"herd"'), 'is no observer of this trace'],
    ['a node without a state', () => edited('"nodes": [', '"nodes": ["c3",'), 'initial.nodes.c3: is missing'],
    ['two nodes of one name', () => edited('"nodes": [', '"nodes": ["c1",'), 'nodes: two nodes have the same name'],
    [
      'a delivery without a message',
      () => JSON.stringify({ ...trace, steps: trace.steps.map(step => ({ ...step, message: null })) }),
      'steps[1].message: is missing: a step of kind receive',
    ],
    ['a global step of one node', () => edited('"kind": "action"', '"kind": "step"'), 'steps[0].node: must be null'],
    ['a value that is none', () => edited('"items": []', '"items": { "$list": [] }'), 'items.$list: expected $id, $map'],
    ['a map that is none', () => edited('"items": []', '"items": { "$map": [[1, 2, 3]] }'), 'items.$map[0]: expected a pair'],
    ['a number that is none', () => edited('"items": []', '"items": { "$number": "NaN" }'), 'expected "Infinity" or "-Infinity"'],
    ['a parameter that is none', () => edited('"couriers": 2', '"couriers": [2]'), 'parameters.couriers: expected a number, true or false, or a text'],
    ['a trap as key', () => edited('"couriers": 2', '"__proto__": { "couriers": 2 }'), 'It has a field called __proto__.'],
    ['a trap as node', () => edited('"nodes": [', '"nodes": ["__proto__",'), 'initial.nodes.__proto__: is missing'],
    ['brackets without end', () => '['.repeat(1_000_000), 'nested more than 200 deep'],
    ['deep values', () => edited('"items": []', `"items": ${'['.repeat(300)}${']'.repeat(300)}`), 'nested more than 200 deep'],
    ['too many steps', () => JSON.stringify({ ...trace, steps: Array.from({ length: limits.stepsMax + 1 }, () => 0) }), 'It has 100001 steps'],
    [
      'too many messages in a step',
      () => JSON.stringify({ ...trace, steps: trace.steps.map(step => ({ ...step, sent: Array.from({ length: 30_000 }, () => ({})) })) }),
      'It has 30000 messages sent in step 1; at most 10000 are read.',
    ],
    [
      'too many observers',
      () => JSON.stringify({ ...trace, initial: { ...trace.initial, observers: Object.fromEntries(Array.from({ length: 130_000 }, (_, i) => [`o${i}`, 1])) } }),
      'It has 130000 states of observers in the initial state',
    ],
    ['too much of everything', () => ' '.repeat(limits.lengthMax + 1), 'FILE IS TOO LARGE'],
  ]
  test.each(wrong)('%s', (_, broken, message) => {
    expect(errorOf(broken())).toContain(message)
    expect(Object.prototype).not.toHaveProperty('couriers')
  })
})
