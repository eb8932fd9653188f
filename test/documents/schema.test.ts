/** `schema/trace.schema.json`: what a validator that is not ours makes of it, beside what `parseTrace` says. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parseTrace, traceJsonSchema } from '../../checker/trace/schema.ts'
import { writeTrace } from '../../checker/trace/write.ts'
import { everything, walks } from '../support/trace-support.ts'

const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(traceJsonSchema())

const isRead = (text: string): boolean => {
  try {
    parseTrace(text, 'here')
    return true
  } catch {
    return false
  }
}

const text = writeTrace(everything)
const root = fileURLToPath(new URL('../../counterexamples', import.meta.url))

test('it is what checks traces: npm run readme writes it', async () => {
  await expect(`${JSON.stringify(traceJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../schema/trace.schema.json')
})

test('every trace that is written is valid', () => {
  const saved = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'))
  const texts = [text, ...walks.map(writeTrace), ...saved.map(name => readFileSync(join(root, name), 'utf8'))]
  expect(texts.flatMap(one => (isValid(JSON.parse(one)) ? [] : [isValid.errors]))).toEqual([])
  expect(saved.length).toBeGreaterThan(80)
})

describe('what is no trace is valid for neither', () => {
  const without = (key: string) => (one: { [key: string]: unknown }) => {
    delete one[key]
  }
  const set = (key: string, value: unknown) => (one: { [key: string]: unknown }) => {
    one[key] = value
  }
  const ofStep = (change: (step: { [key: string]: unknown }) => void) => (one: { [key: string]: unknown }) =>
    change((one['steps'] as { [key: string]: unknown }[])[0]!)
  const states = (value: unknown) => ofStep(set('nodes', { c1: value }))
  const changes: { readonly [name: string]: (trace: { [key: string]: unknown }) => void } = {
    'no version': without('version'),
    'another version': set('version', 2),
    'a field too many': set('more', 1),
    'an empty name': set('property', ''),
    'no nodes': set('nodes', []),
    'an object as a parameter': set('parameters', { n: {} }),
    'steps that are no list': set('steps', {}),
    'another kind of step': ofStep(set('kind', 'jump')),
    'a step without choices': ofStep(without('choices')),
    'a number as a sender': ofStep(set('from', 1)),
    'an unknown tag': states({ $list: [] }),
    'a number that is none': states({ $number: 'many' }),
    'a map of no pairs': states({ $map: [[1]] }),
    'a set within, of no list': states({ a: [{ $set: 1 }] }),
  }
  test.each(Object.keys(changes))('%s', name => {
    const trace = JSON.parse(text)
    changes[name]?.(trace)
    expect([isValid(trace), isRead(JSON.stringify(trace))]).toEqual([false, false])
  })

  test.each([
    ['two tags', { $set: [], $map: [] }],
    ['no field', {}],
    ['values within values', { a: [{ $map: [[{ $id: 'c1' }, { $undefined: true }]] }, null, -0.5], $: 1 }],
  ])('and what is one, for both: %s', (_, value) => {
    const trace = JSON.parse(text)
    states(value)(trace)
    expect([isValid(trace), isRead(JSON.stringify(trace))]).toEqual([true, true])
  })
})
