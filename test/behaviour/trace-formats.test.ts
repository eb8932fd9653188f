import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Json } from '../../checker/protocol/json.ts'
import { jsonParameters } from '../../checker/protocol/json-parameters.ts'
import { diagramOf } from '../../checker/trace/formats/diagram.ts'
import { formats } from '../../checker/trace/formats/formats.ts'
import { renderItf } from '../../checker/trace/formats/itf.ts'
import { renderMarkdown } from '../../checker/trace/formats/markdown.ts'
import { renderMermaid } from '../../checker/trace/formats/mermaid.ts'
import { renderShiviz, shivizExpression } from '../../checker/trace/formats/shiviz.ts'
import { renderSvg } from '../../checker/trace/formats/svg.ts'
import { livesOf } from '../../checker/trace/message-lives.ts'
import { renderText } from '../../checker/trace/render-text.ts'
import { parseTrace } from '../../checker/trace/schema.ts'
import { statesAfter } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { widest } from '../../checker/trace/visible.ts'
import { unfairLock } from '../fixtures/unfair-lock.ts'
import { folder, run } from '../support/cli-support.ts'
import { everything, walks } from '../support/trace-support.ts'

const root = fileURLToPath(new URL('../../counterexamples', import.meta.url))

const saved = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.json'))
  .map(name => ({ name, trace: parseTrace(readFileSync(join(root, name), 'utf8'), name) }))

/** The same trace with names and values that mean something to whatever reads them. */
const hostile = (text: string): Trace => {
  const [first = ''] = everything.nodes
  const renamed = JSON.stringify(everything)
    .replaceAll(`"${first}"`, () => JSON.stringify(text))
    .replaceAll('"Item"', () => JSON.stringify(`Item${text}`))
  return parseTrace(renamed, 'hostile')
}

const hostileTexts = [
  '</script><img src=x onerror=alert(1)>',
  ']]>&amp;"\'',
  '```\n# heading',
  'a;b#c:d%%{init: {}}%%',
  '\u001b[2J\u202e\ufffe',
  'two words\nand a line',
  '@everyone | <!-- -->',
  ' ',
]

/** It goes on for ever. */
const lasso = (await explore(unfairLock)).counterexample as Trace

const all = [
  { name: 'everything', trace: everything },
  { name: 'a lasso', trace: lasso },
  { name: 'a lasso of one step', trace: { ...lasso, repeatsFrom: lasso.steps.length - 1 } },
  { name: 'one that stays so', trace: { ...lasso, repeatsFrom: lasso.steps.length } },
  ...walks.map((trace, i) => ({ name: `walk ${i}`, trace })),
  ...hostileTexts.map(text => ({ name: JSON.stringify(text), trace: hostile(text) })),
  ...saved,
]

test('there are enough of them', () => {
  expect(saved.length).toBeGreaterThan(80)
})

describe('what becomes of a message', () => {
  test('of two equal ones the first is received first; a copy beside its original', () => {
    const lives = livesOf(everything).map(
      ({ from, to, sent, events }) => `${from} ${to} ${sent}: ${events.map(({ kind, step }) => `${kind} ${step}`).join(', ')}`,
    )
    expect(lives).toMatchInlineSnapshot(`
      [
        "c1 c1 1: receive 5",
        "c1 c2 1: duplicate 3, receive 10",
        "c1 depot 1: lose 8",
        "c2 c1 2: ",
        "c2 c2 2: ",
        "c2 depot 2: receive 6",
        "c1 c2 1: ",
      ]
    `)
  })

  test('a message that is received once more is the same; one that nobody sent begins nowhere', () => {
    const packet = { from: 'a', to: 'b', message: { type: 'M' } }
    const step = (more: Partial<Trace['steps'][number]>) => ({
      ...(everything.steps[0] as Trace['steps'][number]),
      nodes: {},
      observers: {},
      sent: [],
      emitted: [],
      choices: [],
      ...more,
    })
    const receive = step({ kind: 'receive', node: 'b', name: 'M', from: 'a', message: { type: 'M' } })
    const trace: Trace = {
      ...everything,
      nodes: ['a', 'b'],
      steps: [
        receive,
        step({ kind: 'action', node: 'a', name: 'send', sent: [packet] }),
        receive,
        receive,
        step({ kind: 'lose-all', node: null, name: 'lose-all' }),
      ],
    }
    expect(livesOf(trace).map(({ sent, events }) => [sent, ...events.map(({ kind, step }) => `${kind} ${step}`)])).toEqual([
      [null, 'receive 1'],
      [2, 'receive 3', 'receive 4'],
    ])
  })
})

describe.each(all)('$name', ({ trace }) => {
  test('as SVG: XML without scripts, its texts beside all lines, an arrow for each receipt', () => {
    const svg = renderSvg(trace)
    expect(XMLValidator.validate(svg)).toBe(true)
    expect(svg.replaceAll(/>[^<]*</g, '><')).not.toMatch(/<(script|image|foreignObject|a)\b|\son\w+=|href=/i)
    const numbers = (pattern: RegExp): number[] => [...svg.matchAll(pattern)].map(([, x]) => Number(x))
    const texts = [...svg.matchAll(/<text class="(?:step|minor|step bad)" x="([\d.]+)" y="([\d.]+)"/g)]
    const drawn = Math.max(...numbers(/ x[12]="([\d.]+)"/g), ...numbers(/ cx="([\d.]+)"/g))
    const steps = texts.filter(([, x]) => Number(x) > drawn)
    expect(steps.length).toBeGreaterThanOrEqual(trace.steps.length)
    const rows = steps.map(([, , y]) => Number(y))
    expect(rows.every((y, i) => i === 0 || y >= (rows[i - 1] as number) + 12)).toBe(true)
    const receipts = trace.steps.filter(({ kind }) => kind === 'receive').length
    expect(svg.match(/marker-end/g)?.length ?? 0).toBe(receipts)
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) as unknown as [string, string, string]
    expect(Math.max(...numbers(/ x2?="([\d.]+)"/g))).toBeLessThan(Number(width))
    expect(Math.max(...numbers(/ y[12]?="([\d.]+)"/g))).toBeLessThan(Number(height))
  })

  test('as Mermaid: each line is one of a sequence diagram, each step stands there once', () => {
    const [first, ...lines] = renderMermaid(trace).trimEnd().split('\n')
    expect(first).toBe('sequenceDiagram')
    const text = '(?:[^#;<>&]|#\\d+;)*'
    const line = new RegExp(
      `^  (?:loop again and again|end|participant N\\d+ as ${text}|Note over N\\d+(?:,N\\d+)?: ${text}|N\\d+(?:->>|-x|--\\))N\\d+: ${text})$`,
    )
    expect(lines.filter(one => !line.test(one))).toEqual([])
    const numbers = lines.flatMap(one => /: (\d+)\. /.exec(one)?.[1] ?? [])
    expect(numbers).toEqual(trace.steps.map((_, i) => String(i + 1)))
    const still = lines.findIndex(one => one.endsWith(', still in flight'))
    expect(still === -1 || lines.slice(still).every(one => one.endsWith(', still in flight'))).toBe(true)
  })

  test('as ITF: a reader written from ADR 15 finds the same states', () => {
    const { vars, states } = JSON.parse(renderItf(trace)) as { vars: string[]; states: { [name: string]: unknown }[] }
    expect(states.every((state, i) => vars.every(name => name in state) && (state['#meta'] as { index: number }).index === i)).toBe(true)
    const found = states.map(({ nodes, observers }) => [readItf(nodes), readItf(observers)])
    expect(found).toEqual(statesAfter(trace).map(({ nodes, observers }) => [asMap(nodes), asMap(observers)]))
  })

  test('as a log for ShiViz: by its own expression, with clocks that agree', () => {
    const log = renderShiviz(trace)
    const events = [...log.matchAll(new RegExp(shivizExpression, 'g'))].map(({ groups }) => groups as { host: string; clock: string; event: string })
    expect(events.map(({ host, clock, event }) => `${host} ${clock}\n${event}\n`).join('')).toBe(log)
    const seen = new Map<string, { [host: string]: number }>()
    for (const { host, clock } of events) {
      const now = JSON.parse(clock) as { [host: string]: number }
      const before = seen.get(host) ?? {}
      expect(now[host]).toBe((before[host] ?? 0) + 1)
      for (const [other, count] of Object.entries(now)) {
        expect(count).toBeGreaterThanOrEqual(before[other] ?? 0)
        if (other !== host) expect(count).toBeLessThanOrEqual(seen.get(other)?.[other] ?? 0)
      }
      seen.set(host, now)
    }
    const clockOf = (step: number): { [host: string]: number } => {
      const last = events.filter(({ event }) => event.startsWith(`${step}. `)).at(-1)
      return JSON.parse(last?.clock ?? '{}') as { [host: string]: number }
    }
    for (const number of trace.steps.keys()) expect(Object.keys(clockOf(number + 1))).not.toEqual([])
    for (const { sent, events: later } of livesOf(trace))
      for (const { step } of sent === null ? [] : later.filter(({ kind }) => kind === 'receive'))
        for (const [host, count] of Object.entries(clockOf(sent as number))) expect(clockOf(step)[host]).toBeGreaterThanOrEqual(count)
  })

  test('as Markdown: each fence ends, and no markup outside of them', () => {
    const lines = renderMarkdown(trace).split('\n')
    let fence: string | undefined
    const outside: string[] = []
    for (const line of lines) {
      const [, run] = /^(`{3,})(?:text)?$/.exec(line) ?? []
      if (fence === undefined && run !== undefined) fence = run
      else if (fence !== undefined && line === fence) fence = undefined
      else if (fence === undefined) outside.push(line)
    }
    expect(fence).toBe(undefined)
    const markup = /<(?!\/?(?:details|summary)>)|(?<!\\)[`#|~$]|@/
    expect(outside.map(line => line.replaceAll(/&#\d+;/g, '')).filter(line => markup.test(line))).toEqual([])
  })

  test('as JSON: the trace', () => {
    const named = { ...trace, parameters: jsonParameters(trace.parameters) }
    expect(parseTrace(formats.json.render(trace), 'again')).toEqual(named)
  })
})

test('ITF has each form of ADR 15 where it is meant, and none where a field only looks like one', () => {
  const value: Json = {
    whole: 2 ** 60,
    none: { $undefined: true },
    half: 0.5,
    endless: { $number: 'Infinity' },
    text: '7',
    flag: true,
    id: { $id: 'c1' },
    list: [[], -1],
    set: { $set: [1, { $set: [] }] },
    map: { $map: [[{ $id: 'c1' }, { $map: [] }]] },
    tagged: { '#set': [1], '#bigint': 'x' },
    lone: { '#map': 1 },
  }
  const trace: Trace = { ...everything, initial: { nodes: { c1: value, c2: 1, depot: 2 }, observers: {} }, steps: [] }
  const { states } = JSON.parse(renderItf(trace)) as {
    readonly states: readonly { readonly nodes: { readonly '#map': readonly (readonly [string, unknown])[] } }[]
  }
  expect(states[0]?.nodes['#map'][0]?.[1]).toEqual({
    whole: { '#bigint': '1152921504606846976' },
    none: { '#unserializable': 'undefined' },
    half: { '#unserializable': '0.5' },
    endless: { '#unserializable': 'Infinity' },
    text: '7',
    flag: true,
    id: 'c1',
    list: [[], { '#bigint': '-1' }],
    set: { '#set': [{ '#bigint': '1' }, { '#set': [] }] },
    map: { '#map': [['c1', { '#map': [] }]] },
    tagged: {
      '#map': [
        ['#set', [{ '#bigint': '1' }]],
        ['#bigint', 'x'],
      ],
    },
    lone: { '#map': [['#map', { '#bigint': '1' }]] },
  })
})

/** A value of a trace with its tags, so that a set is none of a list. */
const asRead = (value: Json): unknown => {
  if (typeof value === 'number') return Number.isInteger(value) ? ['int', String(value === 0 ? 0 : value)] : ['other', String(value)]
  if (value === null) return ['other', 'null']
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return ['list', ...value.map(asRead)]
  const object = value as { readonly [name: string]: Json }
  const names = Object.keys(object)
  const [name = ''] = names
  if (names.length === 1 && name === '$id') return object[name]
  if (names.length === 1 && name === '$number') return ['other', String(object[name])]
  if (names.length === 1 && name === '$undefined') return ['other', 'undefined']
  if (names.length === 1 && name === '$set') return ['set', ...(object[name] as Json[]).map(asRead)]
  if (names.length === 1 && name === '$map') return ['map', ...(object[name] as [Json, Json][]).map(([k, v]) => [asRead(k), asRead(v)])]
  return ['record', ...names.map(field => [field, asRead(object[field] as Json)])]
}

const asMap = (states: { readonly [name: string]: Json }): unknown => ['map', ...Object.entries(states).map(([name, state]) => [name, asRead(state)])]

const readItf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return ['list', ...value.map(readItf)]
  const object = value as { readonly [name: string]: unknown }
  if ('#bigint' in object) return ['int', object['#bigint']]
  if ('#set' in object) return ['set', ...(object['#set'] as unknown[]).map(readItf)]
  if ('#tup' in object) return ['list', ...(object['#tup'] as unknown[]).map(readItf)]
  if ('#map' in object) return ['map', ...(object['#map'] as [unknown, unknown][]).map(([k, v]) => [readItf(k), readItf(v)])]
  if ('#unserializable' in object) return ['other', object['#unserializable']]
  return ['record', ...Object.entries(object).map(([name, field]) => [name, readItf(field)])]
}

describe('an execution that goes on for ever', () => {
  const { steps, repeatsFrom = 0 } = lasso

  test('has steps before those that are taken again and again', () => {
    expect([repeatsFrom > 0, repeatsFrom < steps.length - 1]).toEqual([true, true])
  })

  test('as SVG: a line from its last step back to the first of these, and the words', () => {
    const { rows, shapes } = diagramOf(lasso)
    const [back] = shapes.filter(({ attributes }) => attributes['class'] === 'back')
    const [, from, to] = /^M16 (\S+)H5V(\S+)H12$/.exec(String(back?.attributes['d'])) ?? []
    expect([Number(from), Number(to)]).toEqual([rows.at(-1)?.y, rows[repeatsFrom]?.y].map(y => (y ?? 0) - 4))
    expect(renderSvg(lasso)).toContain(`↺ Steps ${repeatsFrom + 1} to ${steps.length} may be taken again and again, for ever.`)
    expect(renderSvg(everything)).not.toMatch(/class="back"|↺/)
    expect(renderSvg({ ...lasso, repeatsFrom: steps.length })).toContain(`↺ After step ${steps.length}, it may stay so for ever.`)
  })

  test('as Mermaid: a loop around these steps', () => {
    const lines = renderMermaid(lasso).split('\n')
    const [begin, end] = [lines.indexOf('  loop again and again'), lines.indexOf('  end')]
    expect(lines.slice(begin + 1, end).map(line => / (\d+)\. /.exec(line)?.[1])).toEqual(steps.slice(repeatsFrom).map((_, i) => String(repeatsFrom + 1 + i)))
  })

  test('as ITF: the state to which the last one leads back, which is the same', () => {
    const { loop, states } = JSON.parse(renderItf(lasso)) as { readonly loop: number; readonly states: readonly { readonly nodes: Json }[] }
    expect(states[loop]?.nodes).toEqual(states.at(-1)?.nodes)
    expect(JSON.parse(renderItf(everything))).not.toHaveProperty('loop')
  })
})

describe('check show', () => {
  const file = join(root, 'lamport-mutex/reordered.json')

  test.each(Object.keys(formats))('--format %s writes it, to stdout or a file', async format => {
    const { code, out } = await run(`show ${file} --format ${format}`)
    expect(code).toBe(0)
    const directory = folder({})
    const written = await run(`show ${file} --format ${format} -o out`, {}, { directory })
    expect([written.code, written.out]).toEqual([0, ''])
    expect(readFileSync(join(directory, 'out'), 'utf8')).toBe(out)
  })

  test.each([
    ['show', 2, 'missing required argument'],
    ['show nobody.json', 2, 'NO SUCH FILE'],
    [`show ${file} --format svgg`, 2, 'Did you mean svg?'],
    [`show ${file} -o /nowhere/at/all/out`, 2, 'FILE CANNOT BE WRITTEN'],
    ['show broken.json --format svg', 2, 'TRUNCATED FILE'],
    [`show ${file} --html page.html --format svg`, 2, '--format means nothing with it'],
    [`show ${file} --html page.html -o out`, 2, '--output means nothing with it'],
    ['show trace.json --format svg -o ./trace.json', 2, 'It is the trace itself.'],
  ])('%s: exit code %i', async (args, expected, error) => {
    const directory = folder({ 'broken.json': '{', 'trace.json': readFileSync(file, 'utf8') })
    const { code, err } = await run(args, {}, { directory })
    expect([code, err.includes(error)]).toEqual([expected, true])
    expect(readFileSync(join(directory, 'trace.json'), 'utf8')).toBe(readFileSync(file, 'utf8'))
  })
})

test('more lines, and more backticks, than a call takes arguments', () => {
  const [first] = everything.steps as [Trace['steps'][number]]
  const long: Trace = { ...everything, steps: Array.from({ length: 1300 }, () => ({ ...first, name: '` '.repeat(100) })) }
  expect(widest(Array.from({ length: 200_000 }, () => 'ab'))).toBe(2)
  expect(renderMarkdown(long).length).toBeGreaterThan(260_000)
  // A line of a diagram, of one word.
  expect(renderSvg({ ...long, steps: [{ ...first, name: 'x'.repeat(300_000) }] })).toContain('letters)')
})

test('who lies, and which groups the network is in until it heals, is drawn each in a form of its own', () => {
  const [a = '', b = '', c = ''] = everything.nodes
  const blank = { node: null, from: null, message: null, choices: [], sent: [], emitted: [], nodes: {}, observers: {} } as const
  const ids = (...of: string[]): Json => ({ $set: of.map(id => ({ $id: id })) })
  const trace: Trace = {
    ...everything,
    initial: { ...everything.initial, choices: { [c]: ['to lie'] } },
    steps: [
      { ...blank, kind: 'partition', name: 'partition', choices: [{ $set: [ids(a, c), ids(b)] }] },
      { ...blank, kind: 'action', node: a, name: 'note' },
      { ...blank, kind: 'heal', name: 'heal' },
      { ...blank, kind: 'action', node: b, name: 'note' },
    ],
  }
  const { shapes, names, rows } = diagramOf(trace)
  const [apart, , healed] = rows.map(({ y }) => y - 4)
  const of = (name: RegExp) => shapes.filter(({ attributes }) => name.test(String(attributes['class']))).map(({ attributes }) => attributes)
  expect(of(/^group/).map(({ class: name, y1, y2 }) => [name, y1, y2])).toEqual([
    ['group group-0', apart, healed],
    ['group group-0', apart, healed],
    ['group group-1', apart, healed],
  ])
  expect([of(/^cut/).length, of(/^healed/).length, of(/liar/).length]).toEqual([1, 1, 1])
  expect([...names.values()]).toEqual([a, b, `${c} lies`])
  expect(renderText(trace)).toMatch(/^1 +⊘ +2 +⊘ +1 +1\. .*\n● .*\n┼─+┼─+┼ +3\. the network heals$/m)
})
