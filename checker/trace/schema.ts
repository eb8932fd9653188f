import * as z from 'zod'
import { SpecError } from '../protocol/errors.ts'
import type { Json } from '../protocol/json.ts'
import type { Trace, TraceStep } from './trace.ts'

/** Limits on what is read, so that a hostile file costs an error and nothing more. */
export const limits = {
  /** Characters of a trace file. */
  lengthMax: 64 * 1024 * 1024,
  stepsMax: 100_000,
  /** Brackets within brackets. */
  depthMax: 200,
  nodesMax: 1000,
  observersMax: 1000,
  /** Messages that a step sends, or events that it emits. */
  sentMax: 10_000,
  /** Letters of a name. */
  nameMax: 1000,
} as const

/**
 * A trace, from the text of its file. Nothing of the file is trusted: what this returns has the shape that `Trace` says, names only nodes that
 * there are, and has no keys but those that are known.
 * @param place the file's name, for errors
 * @throws SpecError that names the place in the file and says what to do
 */
export const parseTrace = (text: string, place: string): Trace => {
  const json = parseJson(text, place)
  checkVersion(json, place)
  checkLengths(json as Unchecked, place)
  const parsed = traceSchema.safeParse(json)
  if (!parsed.success) throw notATrace(parsed.error, place)
  return parsed.data as Trace
}

const MAKE_ANOTHER = 'Make it anew: check <protocol> --mutant NAME --save'

const parseJson = (text: string, place: string): unknown => {
  if (text.length > limits.lengthMax) throw tooLarge(place, `It has ${text.length} characters; at most ${limits.lengthMax} are read.`)
  if (text.trim() === '') throw new SpecError({ title: 'EMPTY FILE', place, what: 'There is nothing in it.', hint: MAKE_ANOTHER })
  const { open, depth, line } = scan(text)
  if (depth > limits.depthMax) throw tooLarge(place, `Its values are nested more than ${limits.depthMax} deep.`)
  try {
    return JSON.parse(text, refuseHostileKeys(place))
  } catch (error) {
    if (error instanceof SpecError) throw error
    const truncated = open !== null
    throw new SpecError({
      title: truncated ? 'TRUNCATED FILE' : 'NOT JSON',
      place: truncated ? `${place}, line ${line}` : place,
      what: truncated ? `The file ends inside of ${open}.` : `${(error as Error).message}.`,
      hint: truncated ? `It was not written, or not copied, to its end. ${MAKE_ANOTHER}` : `A trace is a JSON file, as --save writes it. ${MAKE_ANOTHER}`,
    })
  }
}

/** `__proto__` as a key is data to JSON.parse, and a trap for whatever copies it. */
const refuseHostileKeys = (place: string) => (key: string, value: unknown) => {
  if (key !== '__proto__') return value
  throw new SpecError({
    title: 'NOT A TRACE',
    place,
    what: 'It has a field called __proto__.',
    hint: 'No field of a node or a message may be called so: rename it.',
  })
}

const names: { readonly [bracket: string]: string } = { '{': 'an object', '[': 'an array' }

/** How deep the brackets go, and what is still open at the end, with the line at which that began. Linear, without recursion. */
const scan = (text: string): { readonly open: string | null; readonly depth: number; readonly line: number } => {
  const stack: { readonly what: string; readonly line: number }[] = []
  let depth = 0
  let line = 1
  let quotedAt = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\n') line++
    if (quotedAt > 0) {
      if (c === '\\') i++
      else if (c === '"') quotedAt = 0
    } else if (c === '"') quotedAt = line
    else if (c === '{' || c === '[') {
      depth = Math.max(depth, stack.length + 1)
      if (depth > limits.depthMax) break
      stack.push({ what: names[c] as string, line })
    } else if (c === '}' || c === ']') stack.pop()
  }
  const last = stack.at(-1)
  if (quotedAt > 0) return { open: 'a string', depth, line }
  return { open: last === undefined ? null : `${last.what} that begins in line ${last.line}`, depth, line }
}

const checkVersion = (json: unknown, place: string): void => {
  const isObject = typeof json === 'object' && json !== null
  const { format, version } = isObject ? (json as { format?: unknown; version?: unknown }) : {}
  if (format !== 'protocheck-trace')
    throw new SpecError({
      title: 'NOT A TRACE',
      place,
      what: format === undefined ? 'It has no field "format".' : `Its format is ${clip(format)}, not "protocheck-trace".`,
      hint: 'check replay reads what check … --save writes.',
    })
  if (version !== 1)
    throw new SpecError({
      title: 'WRONG VERSION',
      place,
      what: `It is a trace of version ${clip(version)}; this checker reads version 1.`,
      hint: typeof version === 'number' && version > 1 ? 'A newer protocheck wrote it: update this one.' : MAKE_ANOTHER,
    })
}

/** What may be there, of a shape that nobody has checked. */
type Unchecked = { readonly [field: string]: Unchecked | undefined }

const lengthOf = (value: unknown): number => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0)

/** Before the schema, which takes its time for each element and gathers all that is wrong. */
const checkLengths = ({ nodes, initial, steps }: Unchecked, place: string): void => {
  const refuse = (what: string, value: unknown, most: number): void => {
    if (lengthOf(value) > most) throw tooLarge(place, `It has ${lengthOf(value)} ${what}; at most ${most} are read.`)
  }
  refuse('steps', steps, limits.stepsMax)
  refuse('nodes', nodes, limits.nodesMax)
  for (const [at, states] of [
    ['the initial state', initial],
    ...(Array.isArray(steps) ? steps.map((step, i) => [`step ${i + 1}`, step] as const) : []),
  ] as const) {
    if (typeof states !== 'object' || states === null) continue
    const { nodes, observers, sent, emitted, choices } = states as Unchecked
    refuse(`states of nodes in ${at}`, nodes, limits.nodesMax)
    refuse(`states of observers in ${at}`, observers, limits.observersMax)
    for (const [what, list] of Object.entries({ 'messages sent': sent, 'events emitted': emitted, choices })) refuse(`${what} in ${at}`, list, limits.sentMax)
    if (!Array.isArray(choices)) for (const list of Object.values(choices ?? {})) refuse(`choices of a node in ${at}`, list, limits.sentMax)
  }
}

const notATrace = (error: z.ZodError, place: string): SpecError => {
  const shown = error.issues.slice(0, 3).map(({ path, message }) => `${pathText(path)}: ${message.endsWith('received undefined') ? 'is missing' : message}`)
  const more = error.issues.length - shown.length
  return new SpecError({
    title: 'NOT A TRACE',
    place,
    what: [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
    hint: `Was it edited by hand? ${MAKE_ANOTHER}`,
  })
}

/** `steps[3].nodes.p1` */
const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('') || 'the file'

const tooLarge = (place: string, what: string): SpecError =>
  new SpecError({ title: 'FILE IS TOO LARGE', place, what, hint: 'No trace of the checker is as large as that.' })

const clip = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

type Problem = readonly [path: readonly (string | number)[], message: string]

/** What is wrong with a value of a protocol as JSON: see `Json`. The depth is bounded by `limits`. */
const problemsOf = (value: unknown): Problem[] => {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return []
  if (Array.isArray(value)) return value.flatMap((element, i) => within([i], problemsOf(element)))
  if (typeof value !== 'object') return [[[], 'expected a JSON value']]
  const keys = Object.keys(value)
  const [tag] = keys
  const inside = (value as { readonly [key: string]: unknown })[tag ?? '']
  if (keys.length !== 1 || !tag?.startsWith('$')) return keys.flatMap(key => within([key], problemsOf((value as { readonly [key: string]: unknown })[key])))
  switch (tag) {
    case '$id':
      return typeof inside === 'string' ? [] : [[[tag], 'expected the name of a node or value']]
    case '$number':
      return inside === 'Infinity' || inside === '-Infinity' ? [] : [[[tag], 'expected "Infinity" or "-Infinity"']]
    case '$undefined':
      return inside === true ? [] : [[[tag], 'expected true']]
    case '$set':
      return Array.isArray(inside) ? within([tag], problemsOf(inside)) : [[[tag], 'expected an array']]
    case '$map': {
      if (!Array.isArray(inside)) return [[[tag], 'expected an array']]
      return inside.flatMap((pair, i) =>
        within([tag, i], Array.isArray(pair) && pair.length === 2 ? problemsOf(pair) : [[[], 'expected a pair of key and value']]),
      )
    }
    default:
      return [[[tag], 'expected $id, $map, $number, $set or $undefined']]
  }
}

const within = (path: readonly (string | number)[], problems: readonly Problem[]): Problem[] => problems.map(([rest, message]) => [[...path, ...rest], message])

const report = (context: { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void }, problems: readonly Problem[]): void => {
  for (const [path, message] of problems) context.addIssue({ code: 'custom', path: [...path], message })
}

const jsonSchema = z.unknown().superRefine((value, context) => {
  report(context, value === undefined ? [[[], 'is missing']] : problemsOf(value))
})

const nameSchema = z.string().min(1).max(limits.nameMax)

const reference = { $ref: '#/$defs/value' }

const tagged = (tag: string, inside: object): object => ({ type: 'object', properties: { [tag]: inside }, required: [tag], additionalProperties: false })

/** What `problemsOf` lets pass, as JSON Schema. */
const valueDefinition = {
  description:
    'A value of a protocol. An object with a single key that begins with $ is an id, a Set, a Map, an infinite number, or undefined; every other one is a Record.',
  anyOf: [
    { type: ['null', 'boolean', 'number', 'string'] },
    { type: 'array', items: reference },
    tagged('$id', { type: 'string' }),
    tagged('$number', { enum: ['Infinity', '-Infinity'] }),
    tagged('$undefined', { const: true }),
    tagged('$set', { type: 'array', items: reference }),
    tagged('$map', { type: 'array', items: { type: 'array', minItems: 2, maxItems: 2, items: reference } }),
    { type: 'object', not: { minProperties: 1, maxProperties: 1, propertyNames: { pattern: '^\\$' } }, additionalProperties: reference },
  ],
}

/**
 * The shape of a trace file as JSON Schema (draft 2020-12), made from what checks it. `parseTrace` asks for more: the names in steps are of nodes that there are, and each kind of step has
 * what it needs.
 */
export const traceJsonSchema = (): object => ({
  $id: 'urn:protocheck:trace:1',
  title: 'A counterexample of protocheck, as check … --save writes it',
  ...z.toJSONSchema(traceSchema, {
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema === (jsonSchema as unknown)) Object.assign(made, reference)
    },
  }),
  $defs: { value: valueDefinition },
})

const statesSchema = z.record(nameSchema, jsonSchema)

const stepSchema = z.strictObject({
  kind: z.enum(['action', 'receive', 'step', 'crash', 'restart', 'lose', 'duplicate', 'lose-all', 'partition', 'heal', 'tick', 'settle']),
  node: nameSchema.nullable(),
  name: nameSchema,
  from: nameSchema.nullable(),
  message: jsonSchema,
  choices: z.array(jsonSchema),
  sent: z.array(z.strictObject({ from: nameSchema, to: nameSchema, message: jsonSchema })),
  emitted: z.array(z.strictObject({ from: nameSchema, event: jsonSchema })),
  nodes: statesSchema,
  observers: statesSchema,
})

const traceSchema = z
  .strictObject({
    format: z.literal('protocheck-trace'),
    version: z.literal(1),
    protocol: nameSchema,
    parameters: z.record(nameSchema, z.union([z.number(), z.boolean(), z.string()], 'expected a number, true or false, or a text')),
    mutant: nameSchema.nullable(),
    property: nameSchema,
    because: z.string().nullable(),
    nodes: z.array(nameSchema).min(1).max(limits.nodesMax),
    initial: z.strictObject({ nodes: statesSchema, observers: statesSchema, choices: z.record(nameSchema, z.array(jsonSchema)).optional() }),
    steps: z.array(stepSchema).max(limits.stepsMax),
    repeatsFrom: z.int().min(0).optional(),
    fair: z.array(z.string()).max(limits.sentMax).optional(),
  })
  .superRefine((trace, context) => report(context, inconsistencies(trace as Trace)))

/** Names that the trace does not introduce, and steps that lack what their kind needs. */
const inconsistencies = ({ nodes, initial, steps, repeatsFrom }: Trace): Problem[] => {
  const isNode = new Set(nodes)
  const isObserver = new Set(Object.keys(initial.observers))
  const states = (found: Pick<TraceStep, 'nodes' | 'observers'>): Problem[] => [
    ...Object.keys(found.nodes).flatMap((name): Problem[] => (isNode.has(name) ? [] : [[['nodes', name], 'is no node of this trace']])),
    ...Object.keys(found.observers).flatMap((name): Problem[] => (isObserver.has(name) ? [] : [[['observers', name], 'is no observer of this trace']])),
  ]
  return [
    ...(repeatsFrom === undefined || repeatsFrom <= steps.length ? [] : [[['repeatsFrom'], 'is more than there are steps'] as const]),
    ...(isNode.size === nodes.length ? [] : [[['nodes'], 'two nodes have the same name'] as const]),
    ...nodes.flatMap((name): Problem[] => (Object.hasOwn(initial.nodes, name) ? [] : [[['initial', 'nodes', name], 'is missing']])),
    ...within(
      ['initial'],
      [
        ...states(initial),
        ...Object.keys(initial.choices ?? {}).flatMap((name): Problem[] => (isNode.has(name) ? [] : [[['choices', name], 'is no node of this trace']])),
      ],
    ),
    ...steps.flatMap((step, i) => within(['steps', i], [...stepProblems(step, isNode), ...states(step)])),
  ]
}

/** Steps that are not one node's own, nor about one message. */
const ofWhole: ReadonlySet<TraceStep['kind']> = new Set(['step', 'lose-all', 'partition', 'heal', 'tick', 'settle'])

const stepProblems = ({ kind, node, from, message, sent, emitted }: TraceStep, isNode: ReadonlySet<string>): Problem[] => {
  const named = (path: readonly (string | number)[], name: string | null): Problem[] =>
    name === null || isNode.has(name) ? [] : [[path, `${clip(name)} is no node of this trace`]]
  const needs = (path: string, value: Json, wanted: boolean): Problem[] =>
    (value !== null) === wanted ? [] : [[[path], wanted ? `is missing: a step of kind ${kind} has one` : `must be null: a step of kind ${kind} has none`]]
  const carries = kind === 'receive' || kind === 'lose' || kind === 'duplicate'
  return [
    ...needs('node', node, !ofWhole.has(kind)),
    ...needs('from', from, carries),
    ...needs('message', message, carries),
    ...named(['node'], node),
    ...named(['from'], from),
    ...sent.flatMap(({ from, to }, k) => [...named(['sent', k, 'from'], from), ...named(['sent', k, 'to'], to)]),
    ...emitted.flatMap(({ from }, k) => named(['emitted', k, 'from'], from)),
  ]
}
