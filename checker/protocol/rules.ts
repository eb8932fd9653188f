type Rule = (label: string, holds: boolean) => boolean

type Code = (...parameters: unknown[]) => unknown

/** The part of a protocol in which rules are labelled, with its types erased. */
interface Ruled {
  readonly roles: {
    readonly [role: string]: { readonly on: Readonly<Record<string, Code>>; readonly actions?: Readonly<Record<string, { when?: Code; do: Code }>> }
  }
  readonly steps?: Readonly<Record<string, { when?: Code; do: Code }>>
}

const mapValues = <S, T>(object: Readonly<Record<string, S>>, change: (value: S) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))

/** What the author wrote, by what stands for it where rules are decided. */
const written = new WeakMap<object, object>()

/** A copy of a context with some things of its own. What is only asked for when it is read, as `inFlight`, stays so. */
export const withOwn = <T extends object>(here: T, own: object): T =>
  Object.defineProperties({} as T, { ...Object.getOwnPropertyDescriptors(here), ...Object.getOwnPropertyDescriptors(own) })

/** The code that its author wrote, whatever rules are decided in it beforehand. */
export const writtenCode = <F extends object>(code: F): F => {
  const found = written.get(code) as F | undefined
  return found === undefined ? code : writtenCode(found)
}

/** The same protocol with `decide` between its code and the rules that it asks for. */
const withRules = <T extends { readonly roles: object }>(spec: T, decide: (label: string, holds: boolean, ask: Rule) => boolean): T => {
  const { roles, steps } = spec as unknown as Ruled
  // The context is the last parameter of all code of a protocol.
  const ruled = (code: Code): Code => {
    const made: Code = (...parameters) => {
      const here = parameters.at(-1) as { readonly rule: Rule }
      const rule: Rule = (label, holds) => decide(label, holds, (...asked) => here.rule(...asked))
      return code(...parameters.slice(0, -1), withOwn(here, { rule }))
    }
    written.set(made, code)
    return made
  }
  const ruledAction = (action: { when?: Code; do: Code }) => ({ ...action, ...(action.when && { when: ruled(action.when) }), do: ruled(action.do) })
  return {
    ...spec,
    roles: mapValues(roles, role => ({ ...role, on: mapValues(role.on, ruled), ...(role.actions && { actions: mapValues(role.actions, ruledAction) }) })),
    ...(steps && { steps: mapValues(steps, ruledAction) }),
  } as T
}

/**
 * The same protocol with one of its rules decided beforehand: `true` leaves the guard out ("why is this rule here?"),
 * `false` forbids what it guards. For mutants. A label that a complete search never meets is refused at its end: it is misspelt, or does nothing.
 *
 * @example
 * ```ts code
 * const ruled = withHandler(lockServer(), 'server', 'Acquire', () => (server, _, from, { rule, send }) => {
 *   if (rule('the lock is free', server.queue.isEmpty())) send(from as Id<'client'>, { type: 'Grant' })
 *   return server.update('queue', queue => queue.push(from))
 * })
 * const { property } = await explore(withRule(ruled, 'the lock is free', true))
 * if (property !== 'mutualExclusion') throw new Error('the rule is needless')
 * ```
 */
export const withRule = <T extends { readonly roles: object }>(spec: T, label: string, holds: boolean): T => ({
  ...withRules(spec, (asked, value, ask) => {
    const answer = ask(asked, value)
    return asked === label ? holds : answer
  }),
  [decided]: [...decidedRules(spec), label],
})

/** A symbol, so that it is no field of the protocol and goes along when one is spread. */
const decided = Symbol('rules that are decided beforehand')

/** The labels of the rules that `withRule` has decided. */
export const decidedRules = (spec: object): readonly string[] => (spec as { readonly [decided]?: readonly string[] })[decided] ?? []

/** The same protocol, which tells the label of each rule that it asks for, and whether it holds. */
export const watchRules = <T extends { readonly roles: object }>(spec: T, hear: (label: string, holds: boolean) => void): T =>
  withRules(spec, (label, holds, ask) => {
    hear(label, holds)
    return ask(label, holds)
  })
