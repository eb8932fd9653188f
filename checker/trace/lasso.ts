import type { LivenessProperty } from '../protocol/properties.ts'
import type { RoleTypes } from '../protocol/roles.ts'
import type { Flight } from '../run/outcome.ts'
import type { ValueId } from '../values/value-id.ts'
import { holds } from './judge.ts'
import { showTagged } from './show.ts'
import type { Attempt, Chance, Walker, WalkState, WalkStep } from './walk.ts'

/** An execution that goes on for ever: after its steps, those from `repeatsFrom` on (0 is the first) again and again; where there are none, it stays. */
export interface Endless {
  /** Before each step, and after the last. */
  readonly states: readonly WalkState[]
  readonly steps: readonly WalkStep[]
  readonly repeatsFrom: number
}

/** What the fairness of the protocol owes to something in a state. */
interface Owed {
  readonly text: string
  /** `lossy`: it is a delivery over `fair-loss`, which is owed to what is sent again and again. */
  readonly kind: 'weak' | 'strong' | 'lossy'
  readonly enabled: boolean
  /** What a step that changes nothing sends, of each: it may be taken in between. */
  readonly idle: readonly (readonly string[])[]
}

/** How a cycle meets an obligation. */
export interface Met {
  readonly text: string
  readonly how: 'taken' | 'disabled' | 'idle'
}

/**
 * Judges whether an endless execution is fair, by the definition: for each obligation of the protocol's fairness, what is taken in the cycle and where it is enabled.
 * `neglected` has those that it does not meet: it is fair if there are none.
 */
export const fairnessOf = (
  walker: Walker,
  { states, steps, repeatsFrom }: Endless,
): { readonly met: readonly Met[]; readonly neglected: readonly string[] } => {
  const around = repeatsFrom === steps.length ? states.slice(-1) : states.slice(repeatsFrom, -1)
  const owedIn = around.map(state => owedAt(walker, state))
  const keys = [...new Set(owedIn.flatMap(owed => [...owed.keys()]))]
  const going = steps.slice(repeatsFrom)
  const takenSteps = new Set(going.flatMap(({ chance }) => (chance.kind === 'fault' ? [] : [keyOf(walker, chance)])))
  const [first] = around as [WalkState]
  const isLossy = walker.system.protocol.network === 'fair-loss'
  const sentOf = (step: WalkStep): readonly string[] => (isLossy ? sentKeys(walker, first, step) : [])
  const isOwed = (packet: string): boolean => delivers(walker) && !first.crashed[Number(packet.split('>')[1]?.split(':')[0])]
  const received = (unsent: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([
      ...takenSteps,
      ...owedIn.flatMap(owed => [...owed].flatMap(([key, { idle }]) => (idle.some(sends => !sends.some(packet => unsent.has(packet))) ? [key] : []))),
    ])
  // What changes nothing need not be taken: it is left out where what it sends is not received.
  const unsent = new Set<string>()
  for (let grew = true; grew; ) {
    const taken = received(unsent)
    const sent = owedIn.flatMap(owed => [...owed.values()].flatMap(({ idle }) => idle.filter(sends => !sends.some(packet => unsent.has(packet))).flat()))
    const lost = sent.filter(packet => isOwed(packet) && !taken.has(deliveryKey(packet)))
    grew = lost.length > 0
    for (const packet of lost) unsent.add(packet)
  }
  const taken = received(unsent)
  const lost = going.flatMap(sentOf).filter(packet => isOwed(packet) && !taken.has(deliveryKey(packet)))
  const met: Met[] = []
  const neglected = [...new Set(lost)].map(packet => `${packetText(walker, packet)} is sent again and again, and never received`)
  for (const key of keys) {
    const owed = owedIn.map(of => of.get(key))
    const { text, kind } = owed.find(of => of !== undefined) as Owed
    const enabled = owed.filter(of => of?.enabled === true).length
    if (kind === 'lossy' || enabled === 0) continue
    if (takenSteps.has(key)) met.push({ text, how: 'taken' })
    else if (taken.has(key)) met.push({ text, how: 'idle' })
    else if (kind === 'weak' && enabled < around.length) met.push({ text, how: 'disabled' })
    else neglected.push(`${text} can be taken ${enabled === around.length ? 'all the time' : 'again and again'}, and never is`)
  }
  return { met, neglected }
}

const delivers = ({ system }: Walker): boolean => system.protocol.fairness?.some(({ type }) => type === 'delivery' || type === 'strong-delivery') === true

/** What is owed in a state, by keys that are the same in all states. */
const owedAt = (walker: Walker, state: WalkState): ReadonlyMap<string, Owed> => {
  const owed = new Map<string, Owed>()
  const here = walker.keyOf(state)
  const isLossy = walker.system.protocol.network === 'fair-loss'
  for (const attempt of walker.attempts(state)) {
    const kind = kindOf(walker, attempt.chance)
    if (kind === undefined) continue
    const steps = attempt.take()
    const idle = steps.filter(({ next }) => walker.keyOf(next) === here).map(step => (isLossy ? sentKeys(walker, state, step) : []))
    // An execution in which time stands still is none.
    const enabled = attempt.chance.kind === 'tick' || steps.length > idle.length || idle.some(sends => sends.length > 0) || attempt.isCut()
    owed.set(keyOf(walker, attempt.chance), { text: textOf(walker, attempt), kind, enabled, idle })
  }
  return owed
}

const kindOf = ({ system: { protocol, nodes } }: Walker, chance: Chance): Owed['kind'] | undefined => {
  const fairness = protocol.fairness ?? []
  const strengthOf = (isOwed: (type: 'weak' | 'strong') => boolean): Owed['kind'] | undefined =>
    isOwed('strong') ? 'strong' : isOwed('weak') ? 'weak' : undefined
  switch (chance.kind) {
    case 'fault':
      return undefined
    // Without being declared.
    case 'tick':
      return 'strong'
    case 'settle':
      return 'weak'
    case 'receive':
      if (protocol.network === 'fair-loss') return fairness.some(({ type }) => type === 'delivery' || type === 'strong-delivery') ? 'lossy' : undefined
      return fairness.some(({ type }) => type === 'strong-delivery') ? 'strong' : fairness.some(({ type }) => type === 'delivery') ? 'weak' : undefined
    case 'action':
      return strengthOf(type =>
        fairness.some(
          fair =>
            fair.type === type && 'role' in fair && fair.role === nodes[chance.node]?.role && (fair.actions.length === 0 || fair.actions.includes(chance.name)),
        ),
      )
    case 'step':
      return strengthOf(type =>
        fairness.some(fair => fair.type === `${type}-steps` && 'steps' in fair && (fair.steps.length === 0 || fair.steps.includes(chance.name))),
      )
  }
}

/** Under `fifo`, of a whole channel. */
const keyOf = (walker: Walker, chance: Chance): string => {
  if (chance.kind !== 'receive') return `${chance.kind} ${'node' in chance ? chance.node : ''} ${'name' in chance ? chance.name : ''}`
  const { from, to } = chance.packet
  return deliveryKey(walker.system.protocol.network === 'fifo' ? `${from}>${to}` : packetKey(chance.packet))
}

const deliveryKey = (packet: string): string => `receive ${packet}`

/** What a step sends that is owed to arrive: of what a liar says nothing is. */
const sentKeys = ({ system }: Walker, { nodes }: WalkState, { sends }: WalkStep): readonly string[] =>
  sends.filter(({ from }) => !system.lies(nodes[from] as ValueId)).map(packet => packetKey(packet))

const packetKey = ({ from, to, message }: Flight): string => `${from}>${to}:${message}`

const packetText = ({ system }: Walker, packet: string): string => {
  const [ends = '', message = ''] = packet.split(':')
  const [from, to] = ends.split('>').map(Number) as [number, number]
  return `${showTagged(system.values.toJson(Number(message)))} from ${system.label(from)} to ${system.label(to)}`
}

const textOf = (walker: Walker, { chance, what }: Attempt): string => {
  if (chance.kind !== 'receive') return what()
  const { from, to } = chance.packet
  if (walker.system.protocol.network !== 'fifo') return `the delivery of ${packetText(walker, packetKey(chance.packet))}`
  return `the delivery of what ${walker.system.label(from)} sent to ${walker.system.label(to)}`
}

/** Of which nodes a liveness property is asked, each by itself; `undefined` alone where it is asked of the whole. */
const askedOf = ({ system: { nodes } }: Walker, { ofEachNode, to }: LivenessProperty<RoleTypes>): readonly (number | undefined)[] =>
  ofEachNode === true && to.type === 'each' ? nodes.flatMap(({ role, index }) => (role === to.role ? [index] : [])) : [undefined]

/** Does an endless execution, fair or not, violate a liveness property, for some node if it is asked of each? */
export const violates = (walker: Walker, property: LivenessProperty<RoleTypes>, endless: Endless): boolean =>
  askedOf(walker, property).some(node => lacks(walker, property, endless, node))

/** What an execution so far still has to come to. */
export interface Awaited {
  /** The number of the node, where it is asked of each by itself. */
  readonly node: number | undefined
  /** The place of the state from which on it is awaited. */
  readonly since: number
}

/**
 * What is awaited after these states: by `eventually`, if it did not happen yet; by `leadsTo`, what a state asked for and none has satisfied since. By the others nothing ever: they look at what happens again and again.
 */
export const awaitedAfter = (walker: Walker, property: LivenessProperty<RoleTypes>, states: readonly WalkState[]): readonly Awaited[] => {
  const { type, from, to } = property
  if (type !== 'eventually' && type !== 'leadsTo') return []
  return askedOf(walker, property).flatMap(node => {
    const answered = states.findLastIndex(state => holds(walker, to, state, node))
    if (type === 'eventually') return answered < 0 ? [{ node, since: 0 }] : []
    const since = states.findIndex((state, i) => i > answered && from !== undefined && holds(walker, from, state, node))
    return since < 0 ? [] : [{ node, since }]
  })
}

const lacks = (walker: Walker, { type, from, to }: LivenessProperty<RoleTypes>, { states, steps, repeatsFrom }: Endless, node: number | undefined): boolean => {
  const isTrue = (predicate: typeof to, state: WalkState): boolean => holds(walker, predicate, state, node)
  const answers = states.map(state => isTrue(to, state))
  const around = repeatsFrom === steps.length ? answers.slice(-1) : answers.slice(repeatsFrom, -1)
  switch (type) {
    case 'eventually':
      return !answers.includes(true)
    case 'alwaysEventually':
      return !around.includes(true)
    case 'eventuallyAlways':
      return around.includes(false)
    case 'leadsTo':
      return states.some((state, i) => from !== undefined && isTrue(from, state) && !answers.slice(i).includes(true) && !around.includes(true))
  }
}
