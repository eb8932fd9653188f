import { type Record as ImmutableRecord, Record } from 'immutable'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'

/**
 * The guard around code of a spec: while it runs, whatever would give it another answer at another time (a clock, chance, the process, the network), or would run
 * later (timers, promises), throws. What runs twice on equal inputs may agree by chance; this does not depend on chance.
 *
 * The functions of the environment are replaced by ones that ask whether code of a spec runs. If not, they do what they always do. They stand there from the first run of
 * code of a spec until no check goes on (`holdGuard`) and the program has given way. So a run costs two assignments, and only the first of a check costs more, some 50 µs.
 * Records stand there, too: while code of a spec runs, a field that a record does not have is refused, where Immutable would ignore it.
 * A function that a spec took hold of before that is not seen; two runs on equal inputs still are compared.
 */

/** The place of the code of a spec that runs now. */
let place: string | undefined

/** What the code that runs now did and may not: it may have caught the error. */
let refusal: SpecError | undefined

/** Checks that are not over. */
let holders = 0

/** Whether the guard is up, and what stood where it put something else. */
let isUp = false
let replaced: Replaced[] = []

interface Replaced {
  readonly owner: object
  readonly name: string
  readonly before: PropertyDescriptor | undefined
  /** What stands there now: a function, or the getter of a value. */
  readonly now: unknown
}

/** Taken hold of at the start, since tests replace the clock. */
const later = globalThis.setImmediate ?? globalThis.setTimeout

/** Replaced functions by what they replace, and whether something is one: a guard is not guarded once more. */
const guards = new WeakMap<object, object>()
const isGuard = new WeakSet<object>()

/**
 * The number of the run of code of a spec that goes on, 0 between runs. Another thread may read it, and sees so that one does not end (cli/watchdog.ts). It stands in memory
 * that threads share, where there is such.
 */
export const runNumber = new Int32Array(typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(4) : new SharedArrayBuffer(4))

let runs = 0

/** What runs, and what it was given: for whoever ends it from outside. */
let running: { readonly place: string; readonly given: (() => string | undefined) | undefined } = { place: '', given: undefined }

const begin = (at: string, given?: () => string | undefined): void => {
  running = { place: at, given }
  runs = runs === 2 ** 31 - 1 ? 1 : runs + 1
  runNumber[0] = runs
}

/**
 * Runs code of a spec.
 *
 * @param at what it is, for errors
 * @param given what it was given, in words
 * @throws SpecError if it does what it may not, whether it catches that or not
 */
export const runSpec = <T>(at: string, run: () => T, given?: () => string | undefined): T => {
  if (!isUp) raise()
  const before = place
  place = at
  if (before === undefined) begin(at, given)
  try {
    return run()
  } finally {
    place = before
    if (before === undefined) {
      runNumber[0] = 0
      if (refusal !== undefined) throwRefusal()
    }
  }
}

/** Loads a file of a spec: while it loads, it may do what a spec may not. */
export const loadSpecFile = async <T>(path: string, load: () => Promise<T>): Promise<T> => {
  begin(path)
  try {
    return await load()
  } finally {
    runNumber[0] = 0
  }
}

/** The run that goes on is not gone on with: what comes now is no code of a spec. What it was. */
export const abandonRun = (): { readonly place: string; readonly given: string | undefined } => {
  place = undefined
  runNumber[0] = 0
  return { place: running.place, given: running.given?.() }
}

const throwRefusal = (): never => {
  const error = refusal as SpecError
  refusal = undefined
  throw error
}

/** What code of a spec runs now: its place, or undefined. */
export const placeOfSpec = (): string | undefined => place

/** Throws an error that the code of a spec which runs now cannot catch for good. */
export const refuseSpec = (error: SpecError): never => {
  if (place !== undefined) refusal ??= error
  throw error
}

/** Keeps the guard up until the function that is returned is called. */
export const holdGuard = (): (() => void) => {
  holders++
  raise()
  return () => {
    holders--
    lowerLater()
  }
}

/** When everything is over that was put off until the program gives way: so what code of a spec does late has been done. */
export const settled = (): Promise<void> => new Promise(resolve => void later(resolve))

/** Names in the environment: where they stand, and which throw while code of a spec runs. A `Date` made of numbers or of a text depends on no clock, and may be made. */
const watched: readonly (readonly [owner: string, names: readonly string[]])[] = [
  ['Math', ['random']],
  ['performance', ['now', 'mark', 'measure']],
  ['crypto', ['getRandomValues', 'randomUUID']],
  ['process.hrtime', ['bigint']],
  ['process', ['hrtime', 'nextTick', 'memoryUsage', 'cpuUsage', 'resourceUsage', 'uptime', 'cwd', 'exit', 'abort', 'kill']],
  ['Promise', ['resolve', 'reject', 'all', 'allSettled', 'any', 'race']],
  ['Date', ['now']],
  ['', ['Date', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame', 'XMLHttpRequest', 'WebSocket']],
]

/** Data of the process that must not even be read. */
const hidden: readonly (readonly [owner: string, name: string])[] = [
  ['process', 'env'],
  ['process', 'argv'],
]

/** What is up stays; what somebody else has put back meanwhile (test runners do) is replaced again. */
const raise = (): void => {
  isUp = true
  for (const [owner, names] of watched) for (const name of names) replace(owner, name, guarded)
  for (const [owner, name] of hidden) hide(owner, name)
  replace('', 'console', unguarded)
  for (const name of recordMethods) putInPlace(Record.prototype, 'Record', name, namingFields)
  lowerLater()
}

/** Not at once: many small checks, one after the other, put the guard up but once. */
const lowerLater = (): void => {
  if (holders === 0)
    later(() => {
      if (holders === 0) lower()
    })
}

const lower = (): void => {
  if (!isUp) return
  isUp = false
  for (const { owner, name, before, now } of replaced.reverse()) {
    const found = Reflect.getOwnPropertyDescriptor(owner, name)
    // Somebody else has replaced it meanwhile, and will put back what stood there: a function that only passes on.
    if ((found?.get ?? found?.value) !== now) continue
    if (before === undefined) Reflect.deleteProperty(owner, name)
    else Reflect.defineProperty(owner, name, before)
  }
  replaced = []
}

const ownerOf = (path: string): object | undefined => {
  let owner: unknown = globalThis
  for (const part of path === '' ? [] : path.split('.')) owner = (owner as { readonly [name: string]: unknown } | undefined)?.[part]
  return (typeof owner === 'object' && owner !== null) || typeof owner === 'function' ? owner : undefined
}

const replace = (path: string, name: string, by: (of: Callable, label: string) => object): void => {
  putInPlace(ownerOf(path), path, name, by)
}

/** For good, and for functions that belong to no object of the environment: those of a module. */
export const guardFunctions = (owner: object, path: string, names: readonly string[]): void => {
  const lowered = replaced
  replaced = []
  for (const name of names) putInPlace(owner, path, name, guarded)
  replaced = lowered
}

const putInPlace = (owner: object | undefined, path: string, name: string, by: (of: Callable, label: string) => object): void => {
  const old = owner === undefined ? undefined : (owner as { readonly [name: string]: unknown })[name]
  if (owner === undefined || old === undefined || isGuard.has(old as object)) return
  let now = guards.get(old as object)
  if (now === undefined) {
    now = by(old as Callable, path === '' ? name : `${path}.${name}`)
    guards.set(old as object, now)
    isGuard.add(now)
  }
  const before = Reflect.getOwnPropertyDescriptor(owner, name)
  const descriptor = { value: now, writable: true, configurable: true, enumerable: before?.enumerable ?? false }
  if (Reflect.defineProperty(owner, name, descriptor)) replaced.push({ owner, name, before, now })
}

type Callable = (...args: unknown[]) => unknown

/** The same function, which throws while code of a spec runs. */
const guarded = (of: Callable, label: string): object => {
  const mayBeMade = (args: readonly unknown[]): boolean => label === 'Date' && args.length > 0
  return new Proxy(of, {
    apply(target, self, args) {
      if (place !== undefined) refuse(`${label}()`)
      return Reflect.apply(target, self, args)
    },
    construct(target, args, maker) {
      if (place !== undefined && !mayBeMade(args)) refuse(`new ${label}()`)
      return Reflect.construct(target, args, maker) as object
    },
  })
}

/** What a spec prints, to find an error, changes nothing; but to print takes timers. So the methods of `console` do not count as code of a spec. */
const unguarded = (console: object): object => {
  const methods = new WeakMap<Callable, Callable>()
  return new Proxy(console, {
    get(target, name) {
      const found = Reflect.get(target, name) as unknown
      if (typeof found !== 'function') return found
      const method = found as Callable
      const known = methods.get(method)
      if (known !== undefined) return known
      const made: Callable = (...args) => {
        const before = place
        place = undefined
        try {
          return Reflect.apply(method, target, args)
        } finally {
          place = before
        }
      }
      methods.set(method, made)
      return made
    },
  })
}

type State = ImmutableRecord<{ [field: string]: unknown }>

/** The methods of a record that take the name of a field, of which Immutable ignores those that there are not. */
const recordMethods = ['get', 'set', 'remove', 'delete'] as const

/** The same method, which throws while code of a spec runs if there is no such field, or if it is to hold `undefined`: Immutable would put its default there. */
const namingFields = (of: Callable, label: string): object =>
  function (this: State, ...args: readonly unknown[]): unknown {
    const at = place
    if (at === undefined) return Reflect.apply(of, this, args)
    const name = args[0] as string
    // With a second argument, `get` says itself what there is in place of a field.
    if ((label !== 'Record.get' || args.length === 1) && !this.has(name)) refuseField(this, name)
    // `remove` calls `set`, to which `undefined` means the default.
    place = undefined
    try {
      if (label === 'Record.set' && args[1] === undefined && this.remove(name).get(name) !== undefined) refuseUndefined(at, this, name)
      return Reflect.apply(of, this, args)
    } finally {
      place = at
    }
  }

const refuseField = (state: State, name: string): never => {
  const fields = [...state.toSeq().keys()].map(String)
  return refuseSpec(
    new SpecError({
      title: 'NO SUCH FIELD',
      place: place as string,
      what: `It names the field ${JSON.stringify(String(name))} of ${state.constructor.name}, which there is not.`,
      why: 'Immutable ignores that: nothing would change.',
      hint: suggest(String(name), fields, 'It has no fields.'),
    }),
  )
}

const refuseUndefined = (at: string, state: State, name: string): never => {
  place = at
  return refuseSpec(
    new SpecError({
      title: 'A FIELD IS UNDEFINED',
      place: at,
      what: `It sets the field ${name} of ${state.constructor.name} to undefined.`,
      why: 'To Immutable that means the default of the field, which it would hold from then on.',
      hint: `Use null for what there is not; or remove('${name}'), if the default is meant.`,
    }),
  )
}

const hide = (path: string, name: string): void => {
  const owner = ownerOf(path)
  const before = owner && Reflect.getOwnPropertyDescriptor(owner, name)
  if (owner === undefined || before?.configurable !== true || !('value' in before)) return
  let { value } = before as { value: unknown }
  const now = (): unknown => {
    if (place !== undefined) refuse(`${path}.${name}`)
    return value
  }
  const set = (next: unknown): void => {
    value = next
    before.value = next
  }
  if (Reflect.defineProperty(owner, name, { get: now, set, configurable: true, enumerable: before.enumerable ?? true }))
    replaced.push({ owner, name, before, now })
}

const refuse = (what: string): never =>
  refuseSpec(
    new SpecError({
      title: 'IMPURE',
      place: place as string,
      what: `It uses ${what}.`,
      why: 'Code of a spec runs once for each input, and the checker remembers the result: what is not in its arguments must not change it, and nothing may happen later.',
      hint: 'Keep what changes in the state of a node: a counter for a clock, `choose` for chance, an action for a timeout, a parameter of the family for a setting.',
    }),
  )
