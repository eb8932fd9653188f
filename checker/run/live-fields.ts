import { type Map as IMap, type Record as ImmutableRecord, isMap, isOrdered, Record } from 'immutable'
import type { Id } from '../protocol/id.ts'
import { isId } from '../protocol/id.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Values } from '../values/encode.ts'
import type { Form } from '../values/shapes.ts'
import { Look, OTHERS, OWN, WHOLE, type Write } from '../values/tracked-state.ts'
import type { ValueId } from '../values/value-id.ts'
import type { SystemNode } from './node.ts'
import { DeadFieldRead } from './untrackable.ts'

/** What is asked of the system whose states they are. */
interface Nodes {
  readonly protocol: AnyProtocol
  readonly nodes: readonly SystemNode[]
  readonly values: Values
  readonly kinds: readonly (readonly [kind: string, count: number])[]
  init(node: number): readonly ValueId[]
  idOf(kind: string, rank: number): Id
}

/** What is known of the fields of one role's states, as plain data: it outlives the tables that it was learnt with. */
interface RoleFacts {
  /** For each mode the parts of each field that code of the spec read there. */
  readonly reads: { [mode: string]: number[] }
  /** Steps from mode to mode, with the parts that they overwrote. */
  readonly steps: (readonly [from: string, to: string, overwritten: readonly number[]])[]
  /** For each field that held a map the kinds of its keys; `''` for what is no id. */
  readonly kinds: { [field: string]: string[] }
}

export interface FieldFacts {
  [role: string]: RoleFacts
}

/**
 * Dead fields: a part of a node's state that nobody reads before it is overwritten is reset (Bozga, Fernandez & Ghirvu 1999, "State space reduction based on
 * live variables analysis", there by static analysis). A former leader's list of what its followers have is such a part, or who was the leader, where nobody asks.
 *
 * A *mode* of a node is what its fields say that begin as a string or a boolean. For each mode, what code of the spec reads (handlers, actions, bounds, properties)
 * is noted as it runs (values/tracked-state.ts), and which parts each step overwrites. A part is *live* in a mode if it is read there, or if some step leads from there
 * to a mode where it is live and does not overwrite it. The others are dead: in the states that steps lead to, they are reset to what they are in a new record.
 *
 * Why it is sound. It is a guess, made of what an earlier search has noted, and every run of a handler in the search proper is held against it: if in some mode a part is found to be
 * live that was taken for dead there, `confirm` throws, and the search begins anew with what was learnt. If it ends without, take any execution of the protocol, and follow it in the search:
 * at each step the states of each node are in one mode, and agree on all that is live there. So the code, which reads nothing else, does the same in both: it sends, emits and breaks
 * the same, and writes the same. What it does not write and is live afterwards was live before, so they agree on that too. A step that changes dead parts only is no step any more, which shortens no path.
 * Modes are compared as they are: their fields are never reset.
 *
 * "Reads nothing else" leaves out one thing: `set` returns the state itself where it changes nothing, so `next === state` tells what was there before without a read. With a look
 * it never does. So what code does with a look is compared with what it does with the state, and with the state in which the dead parts hold already all that the code writes there
 * (`Look.written`): it is in these that every such `set` changes nothing. Code that does something else there is `Untrackable`. (Code that asks for `===` of one `set` and for `!==` of
 * another, of fields that are dead both, and does otherwise only then, would get by.)
 *
 * For maps keyed by ids there are two parts, the entry of the node itself and those of all others, so that parts of a node are parts of its images. A step overwrites the
 * entries of all others only where it writes one for every other id of the kinds that are keys there.
 */
export class LiveFields {
  /** Whether a part was found to be live that was taken for dead, or a key of a kind that was not known. */
  refuted = false
  /** Whether it was such a key: then it must be learnt anew what steps overwrite. */
  foundKeys = false
  readonly #system: Nodes
  readonly #resets: boolean
  readonly #roles = new Map<string, RoleFields>()

  /** @param facts what is known already; it grows. @param resets whether dead parts are reset, or only noted */
  constructor(system: Nodes, facts: FieldFacts, resets: boolean) {
    this.#system = system
    this.#resets = resets
    for (const role of Object.keys(system.protocol.roles)) {
      const initial = system.nodes.filter(node => node.role === role).flatMap(({ index }) => system.init(index))
      const { form } = system.values.entry(initial[0] as ValueId)
      const alike = initial.filter(state => system.values.entry(state).form === form)
      if (form.shape !== 'record' || !isPlainRecord(system.values.decode(initial[0] as ValueId) as object)) continue
      facts[role] ??= { reads: {}, steps: [], kinds: {} }
      this.#roles.set(role, new RoleFields(system, form, alike, facts[role], resets))
    }
  }

  /** Whether anything may be reset. */
  get resets(): boolean {
    return [...this.#roles.values()].some(({ hasDead }) => hasDead)
  }

  /** What to show of a state of this role to code of the spec, to see what it reads; undefined if it is none that can be looked at. */
  proxyOf(role: string, state: ValueId, self?: unknown): Look | undefined {
    const fields = this.#roles.get(role)
    if (fields === undefined || this.#system.values.entry(state).form !== fields.form) return undefined
    return new Look(this.#system.values.decode(state) as object, fields.numbers, self)
  }

  /** Code of the spec has looked at a state. */
  noteReads(role: string, state: ValueId, { reads }: Look): void {
    const fields = this.#roles.get(role) as RoleFields
    if (fields.noteReads(fields.modeOf(state), reads)) this.refuted = true
  }

  /** What is taken for dead in a state of this role, field by field; undefined where nothing is. */
  deadIn(role: string, state: ValueId): readonly number[] | undefined {
    const fields = this.#roles.get(role) as RoleFields
    return fields.deadIn(fields.modeOf(state))
  }

  /** A handler made a state of another. `writes`: see `Look.writesOf`. */
  noteStep(role: string, self: unknown, before: ValueId, after: ValueId, writes: readonly (Write | undefined)[] | undefined): void {
    const fields = this.#roles.get(role)
    if (fields === undefined || this.#system.values.entry(before).form !== fields.form || this.#system.values.entry(after).form !== fields.form) return
    if (fields.noteStep(fields.modeOf(before), fields.modeOf(after), fields.overwritten(writes, self))) this.refuted = true
  }

  /** The state with its dead parts reset. */
  reset(node: number, state: ValueId): ValueId {
    const { role, id } = this.#system.nodes[node] as SystemNode
    const fields = this.#roles.get(role)
    if (fields === undefined || this.#system.values.entry(state).form !== fields.form) return state
    if (fields.noteKeys(state)) this.refuted = this.foundKeys = true
    return fields.hasDead ? fields.reset(node, state, id) : state
  }

  /** @throws DeadFieldRead if what was searched so far rests on a wrong guess. */
  confirm(): void {
    if (this.refuted && this.#resets) throw new DeadFieldRead()
  }
}

const NONE: readonly number[] = []

/** The fields of the states of one role. */
class RoleFields {
  readonly form: Form
  /** The number of each field. */
  readonly numbers: ReadonlyMap<string, number>
  hasDead = false
  readonly #system: Nodes
  readonly #facts: RoleFacts
  readonly #modeFields: readonly number[]
  readonly #live = new Map<string, number[]>()
  readonly #dead = new Map<string, readonly number[]>()
  readonly #stepsTo = new Map<string, [from: string, overwritten: readonly number[]][]>()
  readonly #knownSteps = new Set<string>()
  readonly #modes = new Map<ValueId, string>()
  readonly #resetStates = new Map<string, ValueId>()
  readonly #checkedKeys = new Set<ValueId>()

  constructor(system: Nodes, form: Form, initial: readonly ValueId[], facts: RoleFacts, resets: boolean) {
    this.#system = system
    this.form = form
    this.#facts = facts
    this.numbers = new Map(form.names.map((name, i) => [name, i]))
    const isWord = (value: ValueId): boolean => ['string', 'boolean'].includes(typeof system.values.decode(value))
    this.#modeFields = form.names.flatMap((_, i) => (initial.some(state => isWord(system.values.entry(state).children[i] as ValueId)) ? [i] : []))
    for (const [mode, reads] of Object.entries(facts.reads)) this.#grow(mode, reads)
    for (const [from, to, overwritten] of [...facts.steps]) this.#addStep(from, to, overwritten)
    if (!resets) return
    for (const [mode, live] of this.#live) {
      const dead = form.names.map((_, i) => (this.#modeFields.includes(i) ? 0 : WHOLE & ~(live[i] as number)))
      this.#dead.set(mode, dead)
      this.hasDead ||= dead.some(parts => parts !== 0)
    }
  }

  modeOf(state: ValueId): string {
    const known = this.#modes.get(state)
    if (known !== undefined) return known
    const { children } = this.#system.values.entry(state)
    const mode = JSON.stringify(this.#modeFields.map(i => this.#system.values.toJson(children[i] as ValueId)))
    this.#modes.set(state, mode)
    return mode
  }

  deadIn(mode: string): readonly number[] | undefined {
    return this.#dead.get(mode)
  }

  /** Did a part turn out to be live that was taken for dead? */
  noteReads(mode: string, reads: Uint8Array): boolean {
    this.#facts.reads[mode] ??= this.form.names.map(() => 0)
    const known = this.#facts.reads[mode]
    if (known.every((parts, i) => ((reads[i] as number) & ~parts) === 0)) return false
    reads.forEach((parts, i) => {
      known[i] = (known[i] as number) | parts
    })
    return this.#grow(mode, known)
  }

  /** The same. */
  noteStep(from: string, to: string, overwritten: readonly number[]): boolean {
    const key = `${from}>${to}>${overwritten}`
    if (this.#knownSteps.has(key)) return false
    this.#facts.reads[to] ??= this.form.names.map(() => 0)
    this.#facts.steps.push([from, to, overwritten])
    return this.#addStep(from, to, overwritten)
  }

  #addStep(from: string, to: string, overwritten: readonly number[]): boolean {
    this.#knownSteps.add(`${from}>${to}>${overwritten}`)
    const steps = this.#stepsTo.get(to)
    if (steps === undefined) this.#stepsTo.set(to, [[from, overwritten]])
    else steps.push([from, overwritten])
    return this.#grow(from, passing(this.#live.get(to) ?? NONE, overwritten))
  }

  /** These parts are live in a mode, and so before each step that leads there and leaves them. */
  #grow(mode: string, parts: readonly number[]): boolean {
    let refutes = false
    const pending: [string, readonly number[]][] = [[mode, parts]]
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const [at, more] = item
      const live = this.#live.get(at) ?? this.form.names.map(() => 0)
      this.#live.set(at, live)
      if (more.every((part, i) => (part & ~(live[i] as number)) === 0)) continue
      const dead = this.#dead.get(at)
      more.forEach((part, i) => {
        live[i] = (live[i] as number) | part
        if (dead !== undefined && (part & (dead[i] as number)) !== 0) refutes = true
      })
      for (const [from, overwritten] of this.#stepsTo.get(at) ?? []) pending.push([from, passing(live, overwritten)])
    }
    return refutes
  }

  overwritten(writes: readonly (Write | undefined)[] | undefined, self: unknown): readonly number[] {
    return this.form.names.map((name, i) => {
      const write = writes === undefined ? WHOLE : writes[i]
      if (write === undefined || write === WHOLE) return write ?? 0
      return (write.has(self) ? OWN : 0) | (this.#coversOthers(name, write, self) ? OTHERS : 0)
    })
  }

  #coversOthers(field: string, written: ReadonlySet<unknown>, self: unknown): boolean {
    const kinds = this.#facts.kinds[field]
    if (kinds === undefined || kinds.includes('')) return false
    return kinds.every(kind => {
      const count = this.#system.kinds.find(([name]) => name === kind)?.[1] ?? 0
      return Array.from({ length: count }, (_, rank) => this.#system.idOf(kind, rank)).every(id => id === self || written.has(id))
    })
  }

  /** Notes of what kinds the keys of maps are. Is one new? Then what steps were said to overwrite may be wrong. */
  noteKeys(state: ValueId): boolean {
    const { values } = this.#system
    let isNew = false
    values.entry(state).children.forEach((child, i) => {
      const { form, children } = values.entry(child)
      if (form.shape !== 'map' || this.#checkedKeys.has(child)) return
      this.#checkedKeys.add(child)
      const name = this.form.names[i] as string
      for (let k = 0; k < children.length; k += 2) {
        const key = values.entry(children[k] as ValueId).value
        const kind = isId(key) ? key.kind : ''
        this.#facts.kinds[name] ??= []
        if (this.#facts.kinds[name].includes(kind)) continue
        this.#facts.kinds[name].push(kind)
        this.#facts.steps.length = 0
        isNew = true
      }
    })
    return isNew
  }

  reset(node: number, state: ValueId, self: unknown): ValueId {
    const dead = this.#dead.get(this.modeOf(state))
    if (dead === undefined) return state
    const key = `${node} ${state}`
    const known = this.#resetStates.get(key)
    if (known !== undefined) return known
    const { values } = this.#system
    let record = values.decode(state) as ImmutableRecord<{ [field: string]: unknown }>
    const fresh = this.form.blank as typeof record
    this.form.names.forEach((name, i) => {
      const parts = dead[i] as number
      if (parts !== 0) record = record.set(name, resetField(record.get(name), fresh.get(name), parts, self))
    })
    const result = values.encode(record)
    this.#resetStates.set(key, result)
    return result
  }
}

/** A map stays a map, and what is none becomes none: which of them it is can be seen without reading it. */
const resetField = (value: unknown, fresh: unknown, parts: number, self: unknown): unknown => {
  if (!isMap(value) || isOrdered(value)) return parts !== WHOLE || (isMap(fresh) && !isOrdered(fresh)) ? value : fresh
  const map = value as IMap<unknown, unknown>
  return parts === WHOLE ? map.clear() : parts === OWN ? map.remove(self) : map.filter((_, key) => key === self)
}

const passing = (live: readonly number[], overwritten: readonly number[]): readonly number[] => live.map((parts, i) => parts & ~(overwritten[i] as number))

const plain = new (Record({}))() as unknown as { readonly [method: string]: unknown }

/** Does a record get at its fields as all records do? */
export const isPlainRecord = (state: object): boolean =>
  ['get', 'set', 'merge', 'update', 'remove', 'delete', 'has'].every(method => (state as { readonly [method: string]: unknown })[method] === plain[method])
