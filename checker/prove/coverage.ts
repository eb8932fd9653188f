import type { AnyProtocol } from '../protocol/protocol.ts'
import { watchRules } from '../protocol/rules.ts'
import { holdGuard } from '../run/environment.ts'
import type { FieldFacts } from '../run/live-fields.ts'
import { Untrackable } from '../run/untrackable.ts'
import type { Search } from '../search/search.ts'
import { BEHAVIOUR_STATES, mayHoldMore, searched } from './behaviour.ts'

/** What executions come to, and what they never do. */
export interface Coverage {
  /** Every (node state, message) that any execution comes to; or those of executions of so many steps. */
  readonly covers: 'everything' | number
  /** Actions, handlers, steps of the whole system that never ran: `role.name`. */
  readonly neverRan: readonly string[]
  /** Labels of rules that were asked for, and the answer was always the same; and actions whose `when` never was false. */
  readonly rulesNeverFalse: readonly string[]
  readonly rulesNeverTrue: readonly string[]
  readonly alwaysEnabled: readonly string[]
  /** `role.field`; null where it cannot be told what code reads. */
  readonly neverRead: readonly string[] | null
  /** Roles whose `within` never was false: it bounds nothing. */
  readonly boundsNothing: readonly string[]
}

/** Answers of conditions by name: bit 0 for false, bit 1 for true. */
type Heard = Map<string, number>

const [NO, YES] = [1, 2]

const hear = (heard: Heard, name: string, holds: boolean): void => void heard.set(name, (heard.get(name) ?? 0) | (holds ? YES : NO))

const only = (heard: Heard, answer: number): readonly string[] => [...heard].filter(([, answers]) => answers === answer).map(([name]) => name)

type Condition = (...given: never[]) => boolean

/** The protocol with its conditions listened to. */
const listened = (protocol: AnyProtocol, { whens, bounds }: { readonly whens: Heard; readonly bounds: Heard }): AnyProtocol => {
  const listen = (heard: Heard, name: string, condition: Condition | undefined): Condition | undefined =>
    condition &&
    ((...given) => {
      const holds = condition(...given)
      hear(heard, name, holds)
      return holds
    })
  const roles = Object.entries(protocol.roles).map(([name, role]) => {
    const actions = Object.entries(role.actions ?? {}).map(([action, { when, do: run }]) => {
      const asked = listen(whens, `${name}.${action}`, when as Condition | undefined)
      return [action, { ...(asked && { when: asked }), do: run }] as const
    })
    const within = listen(bounds, name, role.within as Condition | undefined)
    return [name, { ...role, ...(role.actions && { actions: Object.fromEntries(actions) }), ...(within && { within }) }] as const
  })
  return { ...protocol, roles: Object.fromEntries(roles) } as AnyProtocol
}

/** Goes through the executions of a protocol, and notes what its code is asked for and reads. It looks at as many states as hashes of behaviour do. @throws SpecError if the protocol is broken */
export const coverageOf = async (protocol: AnyProtocol, statesMax = BEHAVIOUR_STATES): Promise<Coverage> => {
  const release = holdGuard()
  try {
    return await covered(protocol, statesMax, {})
  } catch (error) {
    if (!(error instanceof Untrackable)) throw error
    return await covered(protocol, statesMax, undefined)
  } finally {
    release()
  }
}

const covered = async (protocol: AnyProtocol, statesMax: number, facts: FieldFacts | undefined): Promise<Coverage> => {
  const [rules, whens, bounds]: Heard[] = [new Map(), new Map(), new Map()] as const
  const made = listened(
    watchRules(protocol, (label, holds) => hear(rules as Heard, label, holds)),
    { whens: whens as Heard, bounds: bounds as Heard },
  )
  const limits = { depth: Infinity, states: statesMax, subsume: false }
  const levels = await searched(made, limits, facts)
  // What is met there is met, too, so what neither meets is said.
  const more = levels.complete || !mayHoldMore(protocol) ? levels : await searched(made, { ...limits, subsume: true }, facts)
  const ran = new Set([...levels.tables.system.ran, ...more.tables.system.ran])
  return {
    // The last level may have been cut off.
    covers: more.complete ? 'everything' : levels.depth - 1,
    neverRan: neverRan(protocol, ran),
    rulesNeverFalse: only(rules as Heard, YES),
    rulesNeverTrue: only(rules as Heard, NO),
    alwaysEnabled: only(whens as Heard, YES),
    neverRead: facts === undefined ? null : neverRead(levels, facts),
    boundsNothing: only(bounds as Heard, YES),
  }
}

const neverRan = ({ roles, steps = {} }: AnyProtocol, ran: ReadonlySet<string>): readonly string[] => [
  ...Object.entries(roles).flatMap(([role, { on, actions = {} }]) => [
    ...Object.keys(actions).flatMap(name => (ran.has(`${role} action ${name}`) ? [] : `${role}.${name}`)),
    ...Object.keys(on).flatMap(name => (ran.has(`${role} handler ${name}`) ? [] : `${role}.${name}`)),
  ]),
  ...Object.keys(steps).filter(name => !ran.has(`step ${name}`)),
]

/** Fields that no code looks at: neither handlers, nor bounds, nor properties. */
const neverRead = ({ tables: { system } }: Search, facts: FieldFacts): readonly string[] =>
  Object.entries(facts).flatMap(([role, { reads }]) => {
    const node = system.nodes.find(of => of.role === role)
    const state = node && system.init(node.index)[0]
    if (state === undefined) return []
    return system.values.entry(state).form.names.flatMap((name, i) => (Object.values(reads).some(parts => parts[i] !== 0) ? [] : `${role}.${name}`))
  })
