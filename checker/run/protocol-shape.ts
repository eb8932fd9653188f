import * as z from 'zod/mini'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import { isLiveness } from '../protocol/properties.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { describe } from '../values/encode.ts'
import { PARTITION } from './partitions.ts'
import { hearsNothing, TIME } from './time.ts'

/** Nodes of a role, and abstract values of a kind. */
const COUNT_MAX = 64

// Each part says in its `error` what it should be, in words that end the sentence "It should be …".

const code = (what: string) => z.custom<object>(value => typeof value === 'function', { error: `a function ${what}` })

const words = (what: string) => z.string({ error: what }).check(z.minLength(1, { error: what }))

const whole = (from: number, to: number) => {
  const error = `a whole number from ${from} to ${to}`
  return z.int({ error }).check(z.gte(from, { error }), z.lte(to, { error }))
}

const oneOf = (...names: readonly string[]) => z.enum(names as [string, ...string[]], { error: `one of: ${names.join(', ')}` })

/** An object of these keys and no others. Of a key that is not among them the error is what to do about it. */
const keys = <T extends z.core.$ZodLooseShape>(shape: T, what: string) =>
  z.strictObject(shape, { error: issue => (issue.code === 'unrecognized_keys' ? suggest(issue.keys[0] as string, Object.keys(shape)) : what) })

const named = <T extends z.ZodMiniType>(part: T, what: string) => z.record(z.string(), part, { error: `a plain object { name: ${what}, … }` })

const list = <T extends z.ZodMiniType>(part: T, what: string) => z.array(part, { error: `a list of ${what}` })

const view = code('of the state of a node')
const ok = code('that returns true or false')

/** Types without a value, by which a property knows its roles. */
const phantom = z.optional(z.unknown())

const each = keys({ type: oneOf('each', 'some'), role: words('the name of a role'), view, ok, roles: phantom }, 'what `each` or `some` makes')
const pair = keys(
  {
    type: oneOf('eachPair', 'somePair'),
    roles: z.tuple([words('the name of a role'), words('the name of a role')]),
    views: z.tuple([view, view]),
    ok,
    of: phantom,
  },
  'what `eachPair` or `somePair` makes',
)
const world = keys({ type: z.literal('world'), ok }, 'what `always` makes')
const observed = keys({ type: z.literal('observed'), observer: words('the name of an observer'), ok, of: phantom }, 'what `observed` makes')
const step = keys({ type: z.literal('step'), role: words('the name of a role'), ok, of: phantom }, 'what `step` makes')

/** Of one node each, or of the whole. */
const liveness = (type: string, predicate: z.ZodMiniType) =>
  keys(
    { type: z.literal(type), from: type === 'leadsTo' ? predicate : z.optional(z.undefined()), to: predicate, ofEachNode: z.optional(z.literal(true)) },
    `what \`${type}\` makes`,
  )

const PREDICATE = 'what `each`, `some`, `eachPair`, `somePair`, `eachPairOf`, `somePairOf`, `always` or `observed` makes'
const PROPERTY = `a property: ${PREDICATE}, or \`step\`, \`reachable\`, \`canAlways\`, \`eventually\`, \`leadsTo\`, \`alwaysEventually\` or \`eventuallyAlways\``

const predicate = z.discriminatedUnion('type', [each, pair, world, observed], { error: PREDICATE })
const property = z.discriminatedUnion(
  'type',
  [
    each,
    pair,
    world,
    observed,
    step,
    keys({ type: z.literal('reachable'), predicate }, 'what `reachable` makes'),
    keys({ type: z.literal('canAlways'), predicate }, 'what `canAlways` makes'),
    liveness('eventually', predicate),
    liveness('leadsTo', predicate),
    liveness('alwaysEventually', predicate),
    liveness('eventuallyAlways', predicate),
  ],
  { error: PROPERTY },
)

const action = keys({ when: z.optional(code('(node, here) => boolean')), do: code('(node, here) => the next state') }, 'an action { when?, do }')

const role = keys(
  {
    count: whole(1, COUNT_MAX),
    names: z.optional(list(words('a name'), 'names')),
    init: code('() => the first state of a node, an Immutable Record'),
    on: named(code('(node, message, from, here) => the next state'), 'handler'),
    actions: z.optional(named(action, 'action')),
    recover: z.optional(code('(node, here) => the state after a crash')),
    tick: z.optional(code('(node, here) => the state after a tick')),
    due: z.optional(code('(node, here) => boolean')),
    within: z.optional(code('node => boolean')),
  },
  'a role { count, init, on, actions, … }',
)

const AT_MOST = 'a whole number from 0, or Infinity'
const atMost = z.custom<number>(value => value === Infinity || (Number.isInteger(value) && (value as number) >= 0), { error: AT_MOST })
const fault = z.discriminatedUnion(
  'type',
  [
    keys({ type: oneOf('crash-stop', 'crash-recovery'), role: words('the name of a role'), atMost }, 'what `crashStop` or `crashRecovery` makes'),
    keys({ type: oneOf('loss', 'duplication'), atMost }, 'what `loss` or `duplication` makes'),
    keys(
      {
        type: z.literal('byzantine'),
        roles: list(words('the name of a role'), 'names of roles'),
        atMost,
        says: code('here => the messages that it may say'),
        passesOn: z.optional(code('(message, here) => the messages that it may say as well')),
      },
      'what `byzantine` makes',
    ),
    keys({ type: z.literal('forgery'), says: code('here => the messages that it may say') }, 'what `forgery` makes'),
    keys(
      { type: z.literal('partition'), groups: list(named(whole(1, COUNT_MAX), 'how many'), 'groups'), heals: z.boolean({ error: 'true or false' }), atMost },
      'what `partition` makes',
    ),
  ],
  { error: 'a fault: what `crashStop`, `crashRecovery`, `loss`, `duplication`, `partition`, `byzantine` or `forgery` makes' },
)

const fairness = z.discriminatedUnion(
  'type',
  [
    keys({ type: oneOf('delivery', 'strong-delivery') }, 'what `fairDelivery` or `stronglyFairDelivery` makes'),
    keys(
      { type: oneOf('weak', 'strong'), role: words('the name of a role'), actions: list(words('the name of an action'), 'names') },
      'what `weaklyFair` or `stronglyFair` makes',
    ),
    keys(
      { type: oneOf('weak-steps', 'strong-steps'), steps: list(words('the name of a global step'), 'names') },
      'what `weaklyFairSteps` or `stronglyFairSteps` makes',
    ),
  ],
  { error: 'fairness: what `fairDelivery`, `stronglyFairDelivery`, `weaklyFair`, `stronglyFair`, `weaklyFairSteps` or `stronglyFairSteps` makes' },
)

const TICKS = 'a whole number of ticks from 0'
const ticks = z.int({ error: TICKS }).check(z.gte(0, { error: TICKS }))
const ticksOrMore = z.custom<number>(value => value === Infinity || (Number.isInteger(value) && (value as number) >= 0), { error: `${TICKS}, or Infinity` })
const DELAY = 'a delay { min, max }, and min is not more than max'
const delay = keys({ min: ticks, max: ticksOrMore }, DELAY).check(z.refine(({ min, max }) => min <= max, { error: DELAY }))
const timing = keys(
  {
    type: oneOf('asynchronous', 'partially synchronous', 'synchronous'),
    delay,
    delays: named(delay, 'delay'),
    drift: ticks,
    settlesWithin: ticksOrMore,
    horizon: z.custom<number>(value => value === Infinity || (Number.isInteger(value) && (value as number) >= 1), {
      error: 'a whole number of ticks from 1, or Infinity',
    }),
  },
  'what `synchronous`, `partiallySynchronous` or `asynchronous` makes',
)

const MESSAGES = 'how many messages: a whole number from 1'
const messages = z.optional(z.int({ error: MESSAGES }).check(z.gte(1, { error: MESSAGES })))
const FLIGHT = 'a bound { channel?, total? } with at least one of them'
const withinFlight = keys({ channel: messages, total: messages }, FLIGHT).check(
  z.refine(({ channel, total }) => (channel ?? total) !== undefined, { error: FLIGHT }),
)

const observer = keys({ init: z.unknown(), on: code('(state, event, from) => the next state') }, 'an observer { init, on }')

const protocol = keys(
  {
    name: words('the name of the protocol'),
    source: z.optional(words('a text: author, title, venue, year')),
    network: oneOf('fifo', 'reliable', 'fair-loss'),
    roles: named(role, 'role'),
    values: z.optional(named(whole(0, COUNT_MAX), 'how many')),
    steps: z.optional(named(keys({ when: z.optional(code('world => boolean')), do: code('of the world') }, 'a global step { when?, do }'), 'global step')),
    timing: z.optional(timing),
    faults: z.optional(list(fault, 'faults')),
    fairness: z.optional(list(fairness, 'what is fair')),
    withinFlight: z.optional(withinFlight),
    observers: z.optional(named(observer, 'observer')),
    properties: named(property, 'property'),
    mayRest: z.optional(z.union([z.boolean(), code('')], { error: 'true, false or a function world => boolean' })),
  },
  'an object { name, network, roles, properties }',
)

/** Of any size: a bound may be Infinity, which zod's number is not. */
const parameter = z.custom<number | boolean | string>(
  value => (typeof value === 'number' ? !Number.isNaN(value) : typeof value === 'boolean' || typeof value === 'string'),
  {
    error: 'a number, a truth value or a text',
  },
)
const parameters = z.optional(named(parameter, 'value'))
const length = z.optional(z.int({ error: 'how many steps' }).check(z.gte(0, { error: 'how many steps' })))
const because = words('a sentence')

const slow = z.optional(z.literal(true, { error: 'true' }))

const mutants = named(
  keys(
    {
      because,
      breaks: words('the name of a property'),
      parameters,
      length,
      slow,
      change: code('of the protocol'),
    },
    'a mutant { because, breaks, change }',
  ),
  'mutant',
)

const claims = named(
  keys({ because, refutes: property, parameters, length, slow, assuming: z.optional(code('of the protocol')) }, 'a claim { because, refutes }'),
  'claim',
)

const survivors = list(
  keys({ from: words('lines of the source'), to: words('the same with the change'), because }, 'a survivor { from, to, because }'),
  'survivors',
)

/** Refuses what is no protocol, as far as it shows without running it: every key and what stands there, and names of roles and observers that there are not. @throws SpecError */
export const checkShape = (spec: AnyProtocol): void => {
  const { name } = (spec ?? {}) as { readonly name?: unknown }
  const place = typeof name === 'string' ? name : 'the spec'
  check(protocol, spec, 'NOT A PROTOCOL', place, 'The protocol')
  const { roles, faults = [], network, withinFlight: bound } = spec
  const refuse = (what: string, hint: string): never => {
    throw new SpecError({ title: 'NOT A PROTOCOL', place, what, hint })
  }
  if (bound !== undefined && network === 'fair-loss')
    refuse(
      'withinFlight bounds the messages in flight, and over fair-loss what was sent stays in flight.',
      'Bound how often a node sends, by a count in its state; or leave out withinFlight.',
    )
  const [anyRole] = Object.keys(roles)
  if (anyRole === undefined) refuse('It has no roles.', 'A protocol has nodes of at least one role.')
  for (const [role, { count, names = [] }] of Object.entries(roles)) {
    if (names.length !== 0 && names.length !== count)
      refuse(`roles.${role}.names has ${names.length} names, for ${count} nodes.`, 'Give one name a node, or none.')
    const twice = names.find((label, i) => names.indexOf(label) !== i)
    if (twice !== undefined) refuse(`roles.${role}.names has ${describe(twice)} twice.`, 'Give each node a name of its own.')
  }
  for (const kind of Object.keys(spec.values ?? {}))
    if (Object.hasOwn(roles, kind)) refuse(`values.${kind} has the name of a role.`, 'Ids are told apart by kind: give the values another name.')
  for (const fault of faults)
    if ('role' in fault && !Object.hasOwn(roles, fault.role))
      refuse(`The fault ${fault.type} names role ${describe(fault.role)}, which there is not.`, suggest(fault.role, Object.keys(roles)))
  const lying = faults.flatMap(fault => (fault.type === 'byzantine' ? fault.roles : []))
  for (const [i, role] of lying.entries()) {
    if (!Object.hasOwn(roles, role)) refuse(`The fault byzantine names role ${describe(role)}, which there is not.`, suggest(role, Object.keys(roles)))
    if (lying.indexOf(role) !== i) refuse(`The fault byzantine names role ${describe(role)} twice.`, 'Say in one place what liars of a role may say.')
  }
  if (lying.length > 0 && network !== 'fair-loss')
    refuse(
      `It has Byzantine nodes, and its network is ${network}.`,
      "Use 'fair-loss': what a liar may say, it may say at any time and again and again. What honest nodes send may then be late, lost or doubled, too.",
    )
  if (faults.some(({ type }) => type === 'forgery') && network !== 'fair-loss')
    refuse(
      `Its network makes up messages, and is ${network}.`,
      "Use 'fair-loss': what is made up may come at any time and again and again. What nodes send may then be late, lost or doubled, too.",
    )
  checkPartitions(spec, refuse)
  checkTiming(spec, refuse)
  for (const fair of spec.fairness ?? []) {
    if ('role' in fair) {
      const { actions = {} } =
        roles[fair.role] ?? refuse(`Its fairness names role ${describe(fair.role)}, which there is not.`, suggest(fair.role, Object.keys(roles)))
      for (const name of fair.actions)
        if (!Object.hasOwn(actions, name))
          refuse(`Its fairness names action ${describe(name)} of role ${fair.role}, which there is not.`, suggest(name, Object.keys(actions)))
    }
    if ('steps' in fair)
      for (const name of fair.steps)
        if (!Object.hasOwn(spec.steps ?? {}, name))
          refuse(`Its fairness names global step ${describe(name)}, which there is not.`, suggest(name, Object.keys(spec.steps ?? {})))
  }
}

/** More ways to part the nodes than this, and the search would hardly come to anything else. */
const SPLITS_MAX = 1_000

const checkPartitions = ({ roles, faults = [], observers = {}, properties }: AnyProtocol, refuse: (what: string, hint: string) => never): void => {
  const partitions = faults.filter(fault => fault.type === 'partition')
  if (partitions.length === 0) return
  if (Object.hasOwn(observers, PARTITION)) refuse(`observers.${PARTITION} has the name of what the fault partition tells.`, 'Give the observer another name.')
  for (const [name, property] of Object.entries(properties))
    if (isLiveness(property))
      refuse(
        `properties.${name} is a liveness property, and there is the fault partition.`,
        'Nobody is owed that the network heals. Ask what stays possible, by `canAlways`, or leave out the fault.',
      )
  for (const { groups } of partitions) {
    const rest = new Map(Object.entries(roles).map(([role, { count }]) => [role, count]))
    let ways = 1
    for (const group of groups)
      for (const [role, count] of Object.entries(group)) {
        const left = rest.get(role) ?? refuse(`The fault partition names role ${describe(role)}, which there is not.`, suggest(role, Object.keys(roles)))
        if (count === undefined || count > left)
          refuse(`The groups of the fault partition have more nodes of role ${role} than there are.`, `There are ${roles[role]?.count}.`)
        for (let i = 0; i < (count as number); i++) ways = (ways * (left - i)) / (i + 1)
        rest.set(role, left - (count as number))
      }
    const apart = groups.filter(group => Object.keys(group).length > 0).length + ([...rest.values()].some(left => left > 0) ? 1 : 0)
    if (apart < 2)
      refuse('The fault partition leaves all nodes in one group.', 'Name at least one group, and leave nodes that are in no group, or name another group.')
    if (ways > SPLITS_MAX) refuse(`The fault partition can part the nodes in more than ${SPLITS_MAX} ways.`, 'Take smaller groups, or fewer nodes.')
  }
}

/** More states of what there is to know about time than this, and the search would hardly come to anything else. */
const TIMES_MAX = 20_000

const checkTiming = ({ timing, roles, network, faults = [], observers = {} }: AnyProtocol, refuse: (what: string, hint: string) => never): void => {
  if (timing === undefined) {
    for (const [role, { tick, due }] of Object.entries(roles))
      if ((tick ?? due) !== undefined)
        refuse(
          `roles.${role} has \`${tick === undefined ? 'due' : 'tick'}\`, and the protocol says nothing about time.`,
          'Say what is assumed about time: `timing: synchronous({ delay: { max: 1 } })`, `partiallySynchronous` or `asynchronous`.',
        )
    return
  }
  const { type, delay, delays, drift, settlesWithin, horizon } = timing
  const all = Object.entries({ ...delays, 'any type': delay })
  if (Object.hasOwn(observers, TIME) && observers[TIME]?.on !== hearsNothing)
    refuse(`observers.${TIME} has the name of what the timing tells.`, 'Give the observer another name.')
  if (type !== 'asynchronous' && all.every(([, { max }]) => max === Infinity))
    refuse(`The timing is ${type}, and no delay has a bound.`, 'Give `delay` a `max`, or use `asynchronous`.')
  if (type !== 'partially synchronous' && settlesWithin < Infinity)
    refuse(`The timing is ${type}, and \`settlesWithin\` says when messages begin to arrive in time.`, 'Use `partiallySynchronous`, or leave it out.')
  if (network === 'fair-loss' && all.some(([, { min, max }]) => min > 0 || max < Infinity))
    refuse(
      'Its timing has delays, and over fair-loss a message arrives never, once or again and again, whenever it likes.',
      "Use 'reliable' or 'fifo', with the fault `loss` where messages may be lost; or the timing `asynchronous` without a delay.",
    )
  for (const name of Object.keys(delays))
    if (!Object.values(roles).some(({ on }) => Object.hasOwn(on, name)))
      refuse(
        `timing.delays names messages of type ${describe(name)}, for which no role has a handler.`,
        suggest(
          name,
          Object.values(roles).flatMap(({ on }) => Object.keys(on)),
        ),
      )
  if (faults.some(fault => fault.type === 'partition'))
    refuse('It has a timing, and there is the fault partition.', 'What is apart cannot arrive in time. Lose messages by the fault `loss` instead.')
  const nodes = Object.values(roles).reduce((sum, { count, tick }) => sum + (tick === undefined ? 0 : count), 0)
  const counts = (ticks: number): number => (ticks === Infinity ? 1 : ticks + 1)
  if ((2 * drift + 1) ** nodes * counts(horizon) * counts(settlesWithin) > TIMES_MAX)
    refuse(
      `With ${nodes} clocks that drift by up to ${drift} ticks, and the horizon and \`settlesWithin\`, there are more than ${TIMES_MAX} states of the clocks.`,
      'Take fewer nodes, less drift, a nearer horizon, or a lower `settlesWithin`.',
    )
}

/** The same of an export `mutants`. @throws SpecError */
export const checkMutants = (value: unknown, place: string): void => check(mutants, value, 'NOT MUTANTS', place, '`mutants`')

/** The same of an export `survivors`. @throws SpecError */
export const checkSurvivors = (value: unknown, place: string): void => check(survivors, value, 'NOT SURVIVORS', place, '`survivors`')

/** The same of an export `claims`. @throws SpecError */
export const checkClaims = (value: unknown, place: string): void => check(claims, value, 'NOT CLAIMS', place, '`claims`')

const check = (schema: z.ZodMiniType, value: unknown, title: string, place: string, root: string): void => {
  const { error } = schema.safeParse(value)
  const issue = error?.issues[0]
  if (issue === undefined) return
  const at = pathText(issue.path, root)
  if (issue.code === 'unrecognized_keys')
    throw new SpecError({ title, place, what: `${at} has the key ${describe(issue.keys[0])}, which means nothing there.`, hint: issue.message })
  const found = issue.path.reduce<unknown>((of, key) => (of as { readonly [key: PropertyKey]: unknown } | undefined)?.[key], value)
  const isMissing = found === undefined && issue.path.length > 0
  throw new SpecError({
    title,
    place,
    what: isMissing ? `${at} is missing.` : `${at} is ${describe(found)}.`,
    hint: `It should be ${issue.message}.`,
  })
}

const pathText = (path: readonly PropertyKey[], root: string): string =>
  path.length === 0 ? root : path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('')
