import { is, Map, Record, Set } from 'immutable'
import type { Observer } from '../protocol.ts'
import type { Operation, SequentialObject } from './objects.ts'
import { type Call, callOf, fieldsOf, type OperationEvent, type OperationFields, operationOf, throwNotUnderWay, throwUnderWay } from './operations.ts'

/** One way in which things may stand: the state of the object, and which calls under way have taken effect, with what answer. */
export class Configuration extends Record({
  object: undefined as unknown,
  done: Map<Call, unknown>(),
}) {}

/** The operation that has no place, and the answer that no order of the operations explains. */
export class Misplaced extends Record({
  call: undefined as Call | undefined,
  operation: Map() as OperationFields,
  result: undefined as unknown,
}) {}

/** What `linearization` remembers. */
export class Linearization extends Record({
  /** The calls under way. (The operation of one that is done in every configuration is kept for the report only.) */
  pending: Map<Call, OperationFields>(),
  /** Every other way in which things may stand comes of one of these, by letting further calls under way take effect. */
  configurations: Set<Configuration>(),
  violation: null as Misplaced | null,
}) {}

type Calls = Map<Call, OperationFields>

/** The configurations that come of `from` as calls under way take effect, one after the other, itself included. */
const closure = (
  from: Configuration,
  pending: Calls,
  effect: (of: Configuration, call: Call, operation: OperationFields) => Configuration,
): Set<Configuration> =>
  Set<Configuration>().withMutations(found => {
    const visit = (configuration: Configuration): void => {
      if (found.has(configuration)) return
      found.add(configuration)
      pending.forEach((operation, call) => {
        if (!configuration.done.has(call)) visit(effect(configuration, call, operation))
      })
    }
    visit(from)
  })

/**
 * Tells as it goes whether what the clients of an object see is linearizable, without keeping the history. Judge it with `kept`.
 *
 * The state is the set of configurations in which things may stand. A call takes effect just in time, when its own return or another's asks for it:
 * G. Lowe, "Testing for Linearizability", Concurrency and Computation 29(4), 2017, "just-in-time linearization". A violation, an answer that no configuration
 * explains, says which operation has no place; after it nothing changes. It is the operation that `linearize` names for the whole history.
 *
 * Only the least configurations are kept: one that comes of another by more effects adds nothing. So histories after which the same is possible have equal states:
 * with no call under way, those are the possible states of the object and nothing else. A client that crashes leaves its call under way
 * for ever (it may take effect or not); if it then goes on, its operations need ids.
 *
 * Cost of a return: O(n!) in the calls under way at worst; n is at most the number of clients if each waits for its answers.
 * @throws SpecError on a return without its invocation, or when a call is under way twice.
 *
 * @example
 * ```ts register
 * observers: { clients: linearization(register(0)) },
 * properties: { linearizable: observed('clients', kept) },
 * ```
 */
export const linearization = <S, O extends Operation, R>(object: SequentialObject<S, O, R>): Observer<OperationEvent<O, R>, Linearization> => {
  const effect = (of: Configuration, call: Call, operation: OperationFields): Configuration => {
    const [next, result] = object.apply(of.object as S, operationOf<O>(operation))
    return new Configuration({ object: next, done: of.done.set(call, result) })
  }

  const least = (configurations: Set<Configuration>, pending: Calls): Set<Configuration> =>
    configurations.reduce((rest, one) => (rest.has(one) ? rest.subtract(closure(one, pending, effect).delete(one)) : rest), configurations)

  /** The least configurations in which `call` has answered `result`. */
  const returned = (state: Linearization, call: Call, result: unknown): Set<Configuration> => {
    const explained = state.configurations
      .flatMap(configuration => closure(configuration, state.pending, effect))
      .filter(({ done }) => done.has(call) && is(done.get(call), result))
      .map(configuration => configuration.deleteIn(['done', call]))
    return least(explained, state.pending.delete(call))
  }

  return {
    init: new Linearization({ configurations: Set([new Configuration({ object: object.initial })]) }),
    on(state, event, client) {
      if (state.violation !== null) return state
      const call = callOf(event, client)
      if (event.type === 'invoke') {
        if (state.pending.has(call)) throwUnderWay(call)
        return state.set('pending', state.pending.set(call, fieldsOf(event)))
      }
      if (event.type === 'return') {
        const operation = state.pending.get(call) ?? throwNotUnderWay(call)
        const configurations = returned(state, call, event.result)
        if (configurations.isEmpty()) return new Linearization({ violation: new Misplaced({ call, operation, result: event.result }) })
        return state.merge({ pending: state.pending.delete(call), configurations })
      }
      return state
    },
  }
}
