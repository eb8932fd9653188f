import { CUT } from '../tables/changes.ts'
import { DONE, GREW, type StepTables } from '../tables/step-tables.ts'
import type { Appender } from './appender.ts'
import type { Effects } from './effects.ts'
import type { FlightBound } from './flight-bound.ts'
import type { Successors } from './successors.ts'

/** What an effect of a global step answers where it leads out of the bound of the model. */
const LEADS_OUT = 0

/** Appends what the global steps lead to. */
export class GlobalSteps {
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #appender: Appender
  readonly #bound: FlightBound
  readonly #hasDead: boolean
  /** The step properties that the last effect breaks, as bits. */
  #breaks = 0

  constructor(successors: Successors, effects: Effects, appender: Appender, bound: FlightBound, hasDead: boolean) {
    this.#tables = successors.tables
    this.#successors = successors
    this.#effects = effects
    this.#appender = appender
    this.#bound = bound
    this.#hasDead = hasDead
  }

  append(): number {
    const { globalNames, globalLists, globalTaken } = this.#tables
    for (let step = 0; step < globalNames.length; step++) {
      const list = this.effectsOf(step)
      if (list === GREW) return GREW
      for (const effect of globalLists[list] as (typeof globalLists)[number]) {
        const done = this.take(effect)
        if (done === GREW) return GREW
        if (done === DONE) globalTaken.data[step] = 1
      }
    }
    return DONE
  }

  /** The list of the effects of a step, or `GREW`. */
  effectsOf(step: number): number {
    const known = this.#tables.globalMemos[step]?.find(this.#successors.values) as number
    return known < 0 ? this.#learn(step) : known
  }

  /** Appends what an effect leads to, if that is another state: `LEADS_OUT`, `GREW` or `DONE`. */
  take(effect: StepTables['globalLists'][number][number]): number {
    const successors = this.#successors
    successors.open()
    const done = this.#apply(effect)
    if (done !== DONE) return done
    if (this.#bound.cutsOff()) return LEADS_OUT
    successors.broken |= this.#breaks
    return successors.isUnchanged() || this.#appender.append() !== GREW ? DONE : GREW
  }

  /** Makes the tables know a step; its list of effects, if it looks at what is in flight, so that it is to be asked for in each state, and nothing grew by it; else `GREW`. */
  #learn(step: number): number {
    const tables = this.#tables
    const successors = this.#successors
    const { source, sourceAt } = successors
    const size = sizeOf(tables)
    const list = tables.globalStep(step, Int32Array.from(successors.values), () => successors.packetsOf(source, sourceAt))
    successors.unpack(source, sourceAt)
    return sizeOf(tables) !== size || (tables.globalMemos[step]?.find(successors.values) as number) >= 0 ? GREW : list
  }

  /** What one run of a global step does: `LEADS_OUT`, `GREW` or `DONE`. */
  #apply({ nodes, changes, sends, emits }: StepTables['globalLists'][number][number]): number {
    const successors = this.#successors
    const { values } = successors
    const { places, to, broken } = this.#tables.changes
    let breaks = 0
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as number
      const local = values[node] as number
      const place = places.get(changes[i] as number, local)
      if (place < 0) {
        this.#tables.change(node, changes[i] as number, local)
        return GREW
      }
      const next = to.data[place] as number
      if (next === CUT) {
        successors.cut = true
        return LEADS_OUT
      }
      breaks |= broken.data[place] as number
      successors.setComponent(node, next - 2)
    }
    for (let i = 0; this.#hasDead && i < nodes.length; i++) {
      const node = nodes[i] as number
      const next = to.data[places.get(changes[i] as number, values[node] as number)] as number
      if (this.#effects.follow(node, next - 2) === GREW) return GREW
    }
    if (this.#effects.send(sends) === GREW || this.#effects.emit(emits) === GREW) return GREW
    this.#breaks = breaks
    return DONE
  }
}

/** A number that rises with what a state may be made of. */
const sizeOf = ({ packets, bits, queues, componentCount }: StepTables): number => packets.column.length + bits.size + queues.length + componentCount
