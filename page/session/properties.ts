import { SpecError } from '../../checker/protocol/errors.ts'
import { isLiveness, type LivenessProperty, type Property } from '../../checker/protocol/properties.ts'
import type { RoleTypes } from '../../checker/protocol/roles.ts'
import { holds, judge } from '../../checker/trace/judge.ts'
import { awaitedAfter } from '../../checker/trace/lasso.ts'
import { names } from '../../checker/trace/step-text.ts'
import type { Walker, WalkState } from '../../checker/trace/walk.ts'
import { type Decided, whyViolated } from '../../checker/trace/why.ts'
import type { Moment, Session } from './session.ts'

/** What a property says of a state, or of the step to it. */
export interface Truth {
  /** `open`: it is not for one state to tell; the checker can be asked. */
  readonly answer: 'holds' | 'violated' | 'reached' | 'not reached' | 'open' | 'error'
  /** In words, where there is more to say. */
  readonly why: string | null
  /** What decided it, where it is violated: nodes with the fields that were read, as far as that is known. */
  readonly decided: readonly Decided[]
}

/** A property of the protocol, as the page lists it. */
export interface Listed {
  readonly name: string
  /** What kind of property it is, in words. */
  readonly kind: string
  readonly type: Property<RoleTypes>['type'] | 'deadlock'
}

const kinds: { readonly [type in Listed['type']]: string } = {
  each: 'of every node',
  some: 'of some node',
  eachPair: 'of any two nodes',
  somePair: 'of some two nodes',
  world: 'of the whole state',
  observed: 'of an observer',
  step: 'of each step',
  reachable: 'of some state that can be reached',
  canAlways: 'of a state that stays possible',
  eventually: 'of whole executions: it happens in every fair one',
  leadsTo: 'of whole executions: what it waits for comes in every fair one',
  alwaysEventually: 'of whole executions: it happens again and again in every fair one',
  eventuallyAlways: 'of whole executions: it is so from some time on in every fair one',
  deadlock: 'of every state: something can happen, or it may rest',
}

/** The properties, that there is no deadlock among them where the protocol says where it may rest. */
export const listed = ({ walker }: Session): readonly Listed[] => {
  if (walker === null) return []
  const { properties, mayRest = true } = walker.system.protocol
  const all = Object.entries(properties).map(([name, { type }]): Listed => ({ name, type, kind: kinds[type] }))
  return mayRest === true ? all : [...all, { name: 'deadlock', type: 'deadlock', kind: kinds.deadlock }]
}

const known = new WeakMap<Moment, Map<string, Truth>>()

/** What a property says here: evaluated by its definition on this very state. */
export const truthOf = (session: Session, at: Moment, name: string): Truth => {
  const there = known.get(at) ?? new Map<string, Truth>()
  known.set(at, there)
  const found = there.get(name)
  if (found !== undefined) return found
  const made = evaluated(session, at, name)
  there.set(name, made)
  return made
}

const truth = (answer: Truth['answer'], why: string | null = null, decided: readonly Decided[] = []): Truth => ({ answer, why, decided })

const evaluated = ({ walker }: Session, at: Moment, name: string): Truth => {
  if (walker === null || at.live === null) return truth('open', 'The protocol is not in this page.')
  const { state, last } = at.live
  const { protocol } = walker.system
  try {
    const property = Object.hasOwn(protocol.properties, name) ? protocol.properties[name] : undefined
    if (property?.type === 'reachable' || property?.type === 'canAlways') {
      const { predicate } = property
      const isTrue = walker.system.run(`${protocol.name}, property ${name}`, () => holds(walker, predicate, state))
      if (property.type === 'reachable') return truth(isTrue ? 'reached' : 'not reached')
      return isTrue ? truth('holds', 'It is so here.') : truth('open', 'It is not so here. Can it still become so?')
    }
    if (property !== undefined && isLiveness(property)) return walker.system.run(`${protocol.name}, property ${name}`, () => soFar(walker, property, at))
    const judgement = judge(walker, name, state, last)
    if (judgement.violated === null) return truth('open', judgement.why)
    if (!judgement.violated) return truth('holds')
    const { why, decided } = whyViolated(walker, name, state, last)
    return truth('violated', why, decided)
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    return truth('error', error.parts.what)
  }
}

/** What an execution so far says of a property of whole ones. */
const soFar = (walker: Walker, property: LivenessProperty<RoleTypes>, at: Moment): Truth => {
  const { type, to } = property
  const states: WalkState[] = []
  for (let moment: Moment | null = at; moment !== null; moment = moment.before) if (moment.live !== null) states.unshift(moment.live.state)
  if (type === 'alwaysEventually' || type === 'eventuallyAlways') {
    const isSo = holds(walker, to, states.at(-1) as WalkState) ? 'It is so here.' : 'It is not so here.'
    return truth(
      'open',
      `${isSo} What counts is ${type === 'alwaysEventually' ? 'whether it becomes so again and again' : 'whether it stays so from some time on'}.`,
    )
  }
  const awaited = awaitedAfter(walker, property, states)
  const waiting = names(awaited.flatMap(({ node }) => (node === undefined ? [] : [walker.system.label(node)])))
  if (type === 'eventually') {
    if (awaited.length === 0) return truth('holds', 'It has happened, so it holds whatever follows.')
    return truth('open', awaited[0]?.node === undefined ? 'It has not happened yet.' : `It has not happened yet to ${waiting}.`)
  }
  const [first] = awaited
  if (first === undefined) return truth('open', 'Nothing is waited for here.')
  const since = Math.min(...awaited.map(({ since }) => since))
  const when = since === 0 ? 'since the start' : `since step ${since}`
  return truth(
    'open',
    first.node === undefined ? `It is waited for ${when}.` : awaited.length === 1 ? `${waiting} waits ${when}.` : `${waiting} wait, the first ${when}.`,
  )
}

/** On the way to a moment: the first state from which on the property has been violated. */
export const violatedSince = (session: Session, at: Moment, name: string): Moment | null => {
  let since: Moment | null = null
  for (let moment: Moment | null = at; moment !== null && truthOf(session, moment, name).answer === 'violated'; moment = moment.before) since = moment
  return since
}
