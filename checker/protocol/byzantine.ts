import { Record } from 'immutable'
import { SpecError } from './errors.ts'
import type { ByzantineFault, ForgeryFault, LiarHere } from './faults.ts'
import type { Id } from './id.ts'
import { isLiveness, type Property, type StatePredicate, type Status } from './properties.ts'
import type { Action, AnyProtocol, GlobalHere, GlobalStep, Here, Role } from './protocol.ts'
import type { RoleTypes, Tagged } from './roles.ts'
import { withOwn } from './rules.ts'
import { signaturesIn } from './signed.ts'
import type { World } from './world.ts'

/*
 * A protocol with Byzantine nodes is an ordinary protocol, of which `honestly` says what liars do: nothing. What they say is in flight from the start (`liesOf`): over `fair-loss` it may then arrive at any time, and
 * any number of times. So no reduction needs to know of liars. See docs/byzantine.md.
 */

/** The state of a node that lies. */
export class Liar extends Record({ isHonest: false }) {}

/** What a node chooses to begin with that lies. */
export const TO_LIE = 'to lie'

export const isLiar = (state: unknown): boolean => state instanceof Liar

type ErasedRole = Role<RoleTypes, string, Tagged, string>
type ErasedAction = Action<RoleTypes, string, Tagged, string>
type ErasedPlace = Here<RoleTypes, string, Tagged, string>
type ErasedWorld = World<RoleTypes, string>
type Roles = AnyProtocol['roles']

/** The faults that make liars. */
export const liarsIn = ({ faults = [] }: Pick<AnyProtocol, 'faults'>): readonly ByzantineFault[] =>
  faults.flatMap(fault => (fault.type === 'byzantine' && fault.atMost > 0 ? [fault] : []))

/** The protocol in which a node of a role that may lie does as it is told only if it does not, and which judges only those. Where nobody lies it is the protocol itself. */
export const honestly = (protocol: AnyProtocol): AnyProtocol => {
  const liars = liarsIn(protocol)
  if (liars.length === 0) return protocol
  const { roles, steps, properties, mayRest } = protocol
  const roleOf = (role: ErasedRole, name: string): ErasedRole => {
    const fault = liars.find(fault => fault.roles.includes(name))
    return fault === undefined ? role : roleWith(role, roles, fault)
  }
  return {
    ...protocol,
    roles: mapped(roles, roleOf),
    properties: mapped(properties, propertyOfHonest),
    ...(steps === undefined ? {} : { steps: mapped(steps, stepOfHonest) }),
    ...(typeof mayRest === 'function' ? { mayRest: world => mayRest(onlyHonest(world)) } : {}),
  }
}

/** A message that a liar says, and to whom. */
export interface Lie {
  readonly to: Id
  readonly message: Tagged
}

/** What a liar may say at any time. @throws SpecError where it forges a signature */
export const liesOf = (roles: Roles, { says }: ByzantineFault, here: LiarHere): readonly Lie[] => told(roles, says(here), here)

/** What the network may make up at any time in the name of a node. @throws SpecError where it forges a signature */
export const forgeriesOf = (roles: Roles, faults: readonly ForgeryFault[], here: LiarHere): readonly Lie[] =>
  faults.flatMap(({ says }) => {
    const messages = [...says(here)]
    for (const signature of messages.flatMap(signaturesIn))
      throw new SpecError({
        title: 'FORGED SIGNATURE',
        what: `The network makes up ${String(signature)}, which only ${String(signature.by)} can have made.`,
        hint: 'In `says` of `forgery` nothing is signed. Of a node that lies, `byzantine` says what it signs and passes on.',
      })
    return hearing(roles, messages, here)
  })

/** To each node that has a handler for it. `heard`: what others have signed in it may be said. */
const told = (roles: Roles, messages: Iterable<Tagged>, here: LiarHere, heard?: Tagged): readonly Lie[] => {
  const all = [...messages]
  for (const message of all) refuseForged(message, here.self, heard)
  return hearing(roles, all, here)
}

/** Each to all others that have a handler for it. */
const hearing = (roles: Roles, messages: readonly Tagged[], { self, nodes }: LiarHere): readonly Lie[] =>
  messages.flatMap(message => {
    const hearers = Object.keys(roles).filter(name => Object.hasOwn(roles[name]?.on ?? {}, message.type))
    if (hearers.length === 0)
      throw new SpecError({
        title: 'NO HANDLER',
        what: `What is made up has a message of type ${String(message?.type)}, for which no role has a handler.`,
        hint: 'What it says has the type of a message that the protocol sends.',
      })
    return hearers.flatMap(name => (nodes[name] ?? []).flatMap(to => (to === self ? [] : [{ to, message }])))
  })

const refuseForged = (message: Tagged, self: Id, heard: Tagged | undefined): void => {
  const known = heard === undefined ? [] : signaturesIn(heard)
  for (const signature of signaturesIn(message))
    if (signature.by !== self && !known.some(other => other.equals(signature)))
      throw new SpecError({
        title: 'FORGED SIGNATURE',
        what: `${String(self)}, a Byzantine node, says ${String(signature)}, which it cannot have made.`,
        hint: 'In `says` a liar signs as itself. What another has signed, and it has heard, it says in `passesOn`.',
      })
}

const roleWith = (role: ErasedRole, roles: Roles, { passesOn }: ByzantineFault): ErasedRole => {
  const { on, actions, recover, tick, due, within } = role
  const honest =
    (handler: ErasedRole['on'][string]): ErasedRole['on'][string] =>
    (state, message, from, here) => {
      if (!isLiar(state)) return handler(state, message, from, here)
      const lies = passesOn === undefined ? [] : told(roles, passesOn(message, liarHere(here)), here, message)
      for (const { to, message } of lies) here.send(to, message as never)
      return state
    }
  const whenHonest = ({ when, do: act }: ErasedAction): ErasedAction => ({ when: (state, here) => !isLiar(state) && (when?.(state, here) ?? true), do: act })
  return {
    ...role,
    on: mapped(on, honest),
    ...(actions === undefined ? {} : { actions: mapped(actions, whenHonest) }),
    ...(recover === undefined ? {} : { recover: (state, here) => (isLiar(state) ? state : recover(state, here)) }),
    ...(tick === undefined ? {} : { tick: (state, here) => (isLiar(state) ? state : tick(state, here)) }),
    ...(due === undefined ? {} : { due: (state, here) => !isLiar(state) && due(state, here) }),
    ...(within === undefined ? {} : { within: state => isLiar(state) || within(state) }),
  }
}

const liarHere = ({ self, nodes, values }: ErasedPlace): LiarHere => ({ self, nodes, values })

const stepOfHonest = ({ when, do: act }: GlobalStep<RoleTypes, Tagged, string>): GlobalStep<RoleTypes, Tagged, string> => ({
  ...(when === undefined ? {} : { when: world => when(onlyHonest(world)) }),
  do: world => act(onlyHonest(world)),
})

/** A world in which there are no liars, nor what they said. Which nodes lie is read only where somebody asks for nodes. */
const onlyHonest = <W extends Pick<GlobalHere<RoleTypes, Tagged, string>, 'nodes' | 'get' | 'inFlight'>>(world: W): W => {
  const { nodes, get } = world
  const isHonest = (id: Id): boolean => !isLiar(get(id))
  const honest = (role: string): readonly Id[] => (nodes[role] ?? []).filter(isHonest)
  const byRole = Object.defineProperties(
    {},
    mapped(nodes, (_, role) => ({ enumerable: true, get: () => honest(role) })),
  )
  return withOwn(world, {
    nodes: byRole,
    all: (role: string) => honest(role).map(id => get(id)),
    get inFlight() {
      return world.inFlight.filter(({ from }) => isHonest(from))
    },
  })
}

const propertyOfHonest = (property: Property<RoleTypes>): Property<RoleTypes> => {
  if (property.type === 'step') return { ...property, ok: (before: never, after: never) => isLiar(before) || property.ok(before, after) }
  if (property.type === 'reachable' || property.type === 'canAlways') return { ...property, predicate: predicateOfHonest(property.predicate) }
  if (!isLiveness(property)) return predicateOfHonest(property)
  const { from, to } = property
  return { ...property, to: predicateOfHonest(to), ...(from === undefined ? {} : { from: predicateOfHonest(from) }) }
}

type NodeView = (node: never, status: Status) => unknown

/** Of a liar it sees that it is one. */
const viewOfHonest =
  (view: NodeView): NodeView =>
  (node, status) =>
    isLiar(node) ? node : view(node, status)

const predicateOfHonest = (predicate: StatePredicate<RoleTypes>): StatePredicate<RoleTypes> => {
  switch (predicate.type) {
    case 'each':
    case 'some': {
      const { type, view, ok } = predicate
      return { ...predicate, view: viewOfHonest(view), ok: (seen: never) => (isLiar(seen) ? type === 'each' : ok(seen)) }
    }
    case 'eachPair':
    case 'somePair': {
      const { type, views, ok } = predicate
      return {
        ...predicate,
        views: [viewOfHonest(views[0]), viewOfHonest(views[1])],
        ok: (a: never, b: never) => (isLiar(a) || isLiar(b) ? type === 'eachPair' : ok(a, b)),
      }
    }
    case 'world': {
      const { ok } = predicate
      return { ...predicate, ok: (world: ErasedWorld) => ok(onlyHonest(world)) }
    }
    case 'observed':
      return predicate
  }
}

const mapped = <T, U>(of: { readonly [name: string]: T }, change: (one: T, name: string) => U): { readonly [name: string]: U } =>
  Object.fromEntries(Object.entries(of).map(([name, one]) => [name, change(one, name)]))
